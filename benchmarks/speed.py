"""How fast every model is at METR-LA size, beside what the machine could do, and beside foreign code.

Each model runs in a process of its own: one training step (forward, backward, Adam) and one forecast of 64 windows, in
fp32 and in bf16. With a reference, both take turns in the same process. Run:

    python -m benchmarks.speed
    python -m benchmarks.speed dcrnn --reference dcrnn=path/to/file.py:Class

A reference is called as ``Class()`` and then with a `PatchBatch` of two weights, the forward and the backward random
walk, as any model of the library is; foreign code stands behind a few lines that unpack the batch for it.
"""

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import torch
from torch import nn

from benchmarks.count import Count, bandwidth, peak
from benchmarks.record import RESULTS, record
from stgraph.files import written_whole
from stgraph.models import MODELS, PatchNet, Task
from stgraph.patches import PatchBatch
from stgraph.training import memory_kept, random_batch, seconds_of, steps_of
from stgraph.training.options import Precision

TASK = Task(sensors=207)
TYPES = {"32": torch.float32, "bf16": torch.bfloat16}
TIMED_OUT = 1800  # seconds of one model
SLOW = 10  # seconds of a step that is timed once, after one that warms up


def measure(name: str, precision: Precision, options: argparse.Namespace) -> dict[str, Any]:
    """Return one row of the table."""
    device = torch.device(options.device)
    torch.manual_seed(0)
    model = MODELS[name](TASK)
    batch = random_batch(model, options.batch_size)
    forecast, learn = steps_of(model, batch, precision=precision, device=device)
    with Count() as count:
        learn()
    first = float(seconds_of([learn], 1)[0, 0])
    repeats = options.repeats if first < SLOW else 1
    step = float(np.median(seconds_of([learn], repeats))) if repeats > 1 else first
    row = {
        "model": name,
        "precision": precision,
        "batch_size": options.batch_size,
        "memory": "returned" if options.memory_returned else "kept",
        "parameters": sum(p.numel() for p in model.parameters()),
        "step_s": step,
        "repeats": repeats,
        "forecast_s": float(np.median(seconds_of([forecast], repeats))),
        "peak_gib": peak_memory(device) / 2**30,
        "gflop": count.operations / 1e9,
        "gflop_per_s": count.operations / 1e9 / step,
        "floor_of_operations_s": count.operations / peak(TYPES[precision], device),
        "floor_of_bytes_s": count.bytes / bandwidth(device),
    }
    return row | paired(name, learn, batch, repeats, options)


def paired(
    name: str, learn: Callable[[], None], batch: PatchBatch, repeats: int, options: argparse.Namespace
) -> dict[str, Any]:
    """Return the foreign step in fp32 beside ours, taking turns: its median, and the median of the ratios."""
    if name not in options.reference:
        return {}
    walks = random_batch(PatchNet(TASK), options.batch_size)
    foreign = foreign_class(options.reference[name])()
    _, their_step = steps_of(foreign, replace(batch, weights=walks.weights), device=options.device)
    ours, theirs = seconds_of([learn, their_step], repeats)
    return {
        "reference": options.reference[name].rpartition("/")[2],
        "reference_parameters": sum(p.numel() for p in foreign.parameters()),
        "reference_step_s": float(np.median(theirs)),
        "times_as_fast": float(np.median(theirs / ours)),
    }


def peak_memory(device: torch.device) -> int:
    """Return the bytes at most held: on an accelerator by tensors, else by this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def foreign_class(place: str) -> Callable[[], nn.Module]:
    """Return the class at ``path/to/file.py:Class``."""
    path, _, name = place.rpartition(":")
    spec = importlib.util.spec_from_file_location("reference", path)
    if not path or spec is None or spec.loader is None:
        message = f"--reference: expected name=path/to/file.py:Class, found {place!r}"
        raise SystemExit(message)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[], nn.Module] = getattr(module, name)
    return found


def in_its_own_process(name: str, precision: str, options: argparse.Namespace) -> dict[str, Any] | None:
    """Measure one model in a fresh process; None where it fails, with its words on stderr."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.speed", name, "--one", "--precision", precision]
    command += [f"--device={options.device}", f"--batch-size={options.batch_size}", f"--repeats={options.repeats}"]
    command += [f"--reference={key}={place}" for key, place in options.reference.items()]
    command += ["--memory-returned"] * options.memory_returned
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMED_OUT)  # noqa: S603
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"ended by signal {-done.returncode}"]
        print(f"{name} {precision}: {said[-1]}", file=sys.stderr)
        return None
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{name} {precision}: {row['step_s']:.3f} s a step, {row['forecast_s']:.3f} s a forecast", flush=True)
    return row


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw seconds of a training step by model, with the floor of its operations."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - drawn once, at the end

    order = table[table["precision"] == "32"].sort_values("step_s")["model"].tolist()
    figure, axes = plt.subplots(figsize=(7, 0.34 * len(order) + 1.4), layout="constrained")
    for k, (precision, colour) in enumerate((("32", "#4477aa"), ("bf16", "#ee8866"))):
        part = table[table["precision"] == precision].set_index("model").reindex(order)
        places = [place + 0.38 * (k - 0.5) for place in range(len(order))]
        axes.barh(places, part["step_s"], height=0.36, color=colour, label="fp32" if precision == "32" else precision)
        axes.plot(part["floor_of_operations_s"], places, "|k", label="operations over peak" if k else None)
    axes.set_yticks(range(len(order)), order)
    axes.set_xscale("log")
    axes.set_xlabel(f"seconds of one training step, {table['batch_size'].iloc[0]} windows, 207 sensors, 12 to 12 steps")
    axes.legend(frameon=False, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    with written_whole(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)
    plt.close(figure)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", help="all that are trained by gradient, by default")
    parser.add_argument("--precision", nargs="+", choices=get_args(Precision), default=list(get_args(Precision)))
    parser.add_argument("--reference", action="append", default=[], metavar="NAME=FILE.py:CLASS")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--memory-returned",
        action="store_true",
        help="give memory back after each step, as training does not: two large models then fit into one process",
    )
    parser.add_argument("--output", default="speed-cpu", help="name of the table in benchmarks/results/")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.reference = dict(place.partition("=")[::2] for place in options.reference)
    return options


def main() -> None:
    """Measure, print, record and draw."""
    options = read_options()
    names = options.models or [name for name, model in MODELS.items() if model.trained == "gradient"]
    if options.one:
        with nullcontext() if options.memory_returned else memory_kept():  # as training does
            print(json.dumps(measure(names[0], options.precision[0], options)))
        return
    found = [in_its_own_process(name, precision, options) for name in names for precision in options.precision]
    rows = pd.DataFrame([row for row in found if row is not None])
    record(options.output, rows)
    draw(rows, RESULTS / f"{options.output}.png")


if __name__ == "__main__":
    main()
