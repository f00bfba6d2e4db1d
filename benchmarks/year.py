"""Is the memory of a training flat, whatever part of the series it has read? A year of 8,600 sensors each 15 minutes.

That is the size of LargeST-CA: 35,040 steps, in a store. PatchNet with its defaults trains on patches of 800 sensors;
windows come in random order, so that even the beginning of an epoch reads of the whole year. Then comes the
validation, of a batch of each patch here, and a batch of each pass of the calibration beside the room for its scores.
The first row is what `--dry-run` says of it, by the peak of a process of its own.

Run: python -m benchmarks.year, on Linux
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from lightning.pytorch.callbacks import Callback

from benchmarks.record import record
from stgraph.datasets import network_traffic, road_network
from stgraph.forecasting import estimate
from stgraph.forecasting.calibrate import rehearse
from stgraph.forecasting.fit import forecaster_of
from stgraph.forecasting.prepare import prepare, seeded
from stgraph.series import open_series
from stgraph.training import ForecastModule, Training, memory_kept
from stgraph.training.resume import facts_of
from stgraph.training.trainer import make_trainer, quiet

SENSORS, DAYS, MINUTES, PATCH, EVERY = 8_600, 365, 15, 800, 10
TRAINING = Training(epochs=1, progress=False, accelerator="cpu", patches=PATCH)


def main() -> None:
    """Make the store and train on it, each in a process of its own; print and record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=60, help="of training")
    parser.add_argument("--make", help=argparse.SUPPRESS)
    parser.add_argument("--train", help=argparse.SUPPRESS)
    parser.add_argument("--estimate", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        network_traffic(road_network(SENSORS), DAYS, interval=MINUTES, folder=options.make)
    elif options.estimate:
        print(json.dumps(estimated(Path(options.estimate))))
    elif options.train:
        print(json.dumps(trained(Path(options.train), options.steps)))
    else:
        with tempfile.TemporaryDirectory() as folder:
            store = f"{folder}/year"
            _run("--make", store)
            told = json.loads(_run("--estimate", store).splitlines()[-1])
            record("year", [told, *json.loads(_run("--train", store, "--steps", options.steps).splitlines()[-1])])


def _run(*arguments: object) -> str:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.year", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own code
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout


class Watch(Callback):
    """Notes the memory of this process every few steps, and the seconds of each."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = [memory("before")]
        self.marks: list[float] = []

    def on_train_batch_end(self, *_: Any) -> None:  # noqa: ANN401 - Lightning's hook
        """Note."""
        self.marks.append(time.perf_counter())
        if len(self.marks) % EVERY == 0:
            taken = sorted(later - earlier for earlier, later in zip(self.marks, self.marks[1:], strict=False))
            self.rows.append(memory("training") | {"steps": len(self.marks), "step_s": taken[len(taken) // 2]})
            print(self.rows[-1], file=sys.stderr)

    def on_validation_end(self, *_: Any) -> None:  # noqa: ANN401 - Lightning's hook
        """Note."""
        self.rows.append(memory("validation") | {"steps": len(self.marks)})


def memory(during: str) -> dict[str, Any]:
    """Return what this process holds, and held at most, in GB: memory of its own, and pages of files."""
    status = Path("/proc/self/status").read_text()
    kib = {name: int(re.findall(rf"{name}:\s+(\d+)", status)[0]) for name in ("RssAnon", "RssFile", "VmHWM")}
    own, files, peak = (1024 * kib[name] / 1e9 for name in ("RssAnon", "RssFile", "VmHWM"))
    return {"during": during, "own_gb": own, "files_gb": files, "peak_gb": peak}


def estimated(store: Path) -> dict[str, Any]:
    """Return what a dry run says."""
    graph = road_network(SENSORS).graph
    told = estimate(open_series(store), graph, "patchnet", history=12, horizon=12, training=TRAINING)
    return {"during": "dry run", "peak_gb": (told.memory or 0) / 1e9}


def trained(store: Path, steps: int) -> list[dict[str, Any]]:
    """Train as `fit` does, for so many steps, validate and calibrate; return the memory along the way."""
    series = open_series(store)
    with seeded(0):
        given = prepare(series, road_network(SENSORS).graph, "patchnet", history=12, horizon=12, training=TRAINING)
        facts_of(given.model, given.batches, given.validation, TRAINING)  # by which a fit that is cut off goes on
        if given.validation is not None:
            every = given.validation.placed
            given.validation.placed = every.take(np.linspace(0, len(every) - 1, TRAINING.batch_size).astype(np.int64))
        watch, module = Watch(), ForecastModule(given.model, given.target_scaler, TRAINING, len(given.batches))
        with quiet(), memory_kept():
            make_trainer(TRAINING, [watch], batches=steps, checks=steps).fit(module, given.batches, given.validation)
        given.model.eval()
        rehearse(forecaster_of(given), series)
    return [*watch.rows, memory("calibration") | {"steps": steps}]


if __name__ == "__main__":
    main()
