"""Does a fit take the memory that `--dry-run` says? The peak of the process of each, side by side.

Made-up road networks (`stgraph.datasets.road_network`) in stores; each estimate and each fit, of two epochs, with its
validation and calibration, in a process of its own, on this processor.

Run: python -m benchmarks.memory
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.record import record
from stgraph.datasets import network_traffic, road_network
from stgraph.forecasting import estimate, fit, read_inputs
from stgraph.graph import write_adjacency
from stgraph.training import Training, peak_memory

DAYS, MINUTES, EPOCHS = 1, 5, 2
SIZES = (300, 1_000, 2_000)
WAYS = (
    ("patchnet", "whole", 32, 2_000),
    ("patchnet", "200", 32, 2_000),
    ("graphsage", "whole", 32, 2_000),
    ("graph-wavenet", "whole", 16, 1_000),  # the learned graph of more takes minutes a step
)
"""Model, patches, windows in a batch, and sensors up to which it is tried."""
MIB = 2**20


def main() -> None:
    """Make each network, estimate and fit, print and record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(peak(*options.one)))
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for sensors in options.sizes:
            road, place = road_network(sensors), Path(folder) / f"{sensors}"
            network_traffic(road, DAYS, interval=MINUTES, folder=place)
            write_adjacency(road.graph, place.with_suffix(".npz"))
            rows += [compared(place, *way[:3]) for way in WAYS if sensors <= way[3]]
    record("memory", sorted(rows, key=lambda row: (row["model"], row["patches"])))


def compared(place: Path, model: str, patches: str, batch_size: int) -> dict[str, Any]:
    """Return the estimate beside the peak of the fit."""
    row: dict[str, Any] = {"model": model, "sensors": int(place.name), "patches": patches, "batch_size": batch_size}
    for what in ("estimate", "fit"):
        began = time.perf_counter()
        row |= in_its_own_process(place, model, patches, batch_size, what)
        row[f"{what}_s"] = time.perf_counter() - began
    row["fit_over_estimate"] = row["fit_mib"] / row["estimate_mib"]
    row["growth_over_estimate"] = (row["fit_mib"] - row["read_mib"]) / (row["estimate_mib"] - row["read_mib"])
    print(row, flush=True)
    return row


def in_its_own_process(*arguments: object) -> dict[str, Any]:
    """Estimate or fit."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.memory", "--one", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    if done.returncode:
        raise SystemExit(done.stderr or f"{command}: ended by signal {-done.returncode}")
    row: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return row


def peak(place: str, model: str, patches: str, batch_size: str, what: str) -> dict[str, float]:
    """Estimate, or fit, and return what was estimated, or what this process held at most."""
    inputs = read_inputs(Path(place), Path(place).with_suffix(".npz"))
    training = Training(epochs=EPOCHS, batch_size=int(batch_size), accelerator="cpu", progress=False, patches="whole")
    if patches.isdecimal():
        training = replace(training, patches=int(patches))
    read = (peak_memory() or 0) / MIB
    if what == "estimate":
        found = estimate(inputs.series, inputs.graph, model, training=training)
        return {"read_mib": read, "estimate_mib": (found.memory or 0) / MIB}
    with tempfile.TemporaryDirectory() as folder:
        fit(inputs.series, inputs.graph, model, training=training, provenance=inputs.provenance, folder=folder)
    return {"fit_mib": (peak_memory() or 0) / MIB}


if __name__ == "__main__":
    main()
