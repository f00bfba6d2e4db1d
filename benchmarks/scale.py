"""What a network of 1,000 to 100,000 sensors takes: on patches, and as a whole until that runs out of memory.

PatchNet with its defaults on made-up road networks (`stgraph.datasets.road_network`); each row in a process of its own,
on a store that another process made. A step is a batch of 64 windows of one patch of 800 sensors and its halo, or of
the whole network. The last rows are a year of 8,600 sensors each 15 minutes, the size of LargeST-CA.

Run: python -m benchmarks.scale
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from benchmarks.record import RESULTS, record
from benchmarks.speed import peak_memory
from stgraph.datasets import network_traffic, road_network
from stgraph.files import written_whole
from stgraph.forecasting.divide import free_memory, step_memory
from stgraph.forecasting.fit import forecaster_of
from stgraph.forecasting.loaders import batches_for
from stgraph.forecasting.prepare import prepare, seeded
from stgraph.graph import partition
from stgraph.patches import Window
from stgraph.series import open_series
from stgraph.training import Training, measure

PATCH = 800
NETWORKS = ((1_000, 7, 5), (2_000, 7, 5), (10_000, 7, 5), (100_000, 7, 5), (8_600, 365, 15))  # sensors, days, minutes


def main() -> None:
    """Make each network, measure it both ways, print, record and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--make", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        sensors, days, minutes = map(int, options.make[1:])
        network_traffic(road_network(sensors), days, interval=minutes, folder=options.make[0])
        return
    if options.one:
        print(json.dumps(measured(Path(options.one[0]), options.one[1])))
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for sensors, days, minutes in NETWORKS:
            store = Path(folder) / f"{sensors}"
            began = time.perf_counter()
            _run("--make", store, sensors, days, minutes)
            made = time.perf_counter() - began
            rows += [_run("--one", store, way) | {"made_s": made} for way in ("patches", "whole")]
            print(f"{sensors:,} sensors: {made:.0f} s to make", flush=True)
    record("scale", rows)
    draw(pd.DataFrame(rows), RESULTS / "scale.png")


def _run(*arguments: object) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.scale", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    if done.returncode:
        raise SystemExit(done.stderr or f"{command}: ended by signal {-done.returncode}")
    row: dict[str, Any] = json.loads((done.stdout.strip() or "{}").splitlines()[-1])
    return row


def measured(store: Path, way: str) -> dict[str, Any]:
    """Measure one way on the network of a store."""
    series, began = open_series(store), time.perf_counter()
    graph = road_network(len(series.sensors)).graph
    row: dict[str, Any] = {"sensors": len(graph), "steps": len(series), "way": way}
    row["series_gb"] = (series.values.nbytes + series.observed.nbytes) / 1e9
    row["graph_s"], began = time.perf_counter() - began, time.perf_counter()
    partition(graph, -(-len(graph) // PATCH))
    row["partition_s"] = time.perf_counter() - began
    training = Training(epochs=1, progress=False, accelerator="cpu", patches=PATCH if way == "patches" else "whole")
    with seeded(0):
        prepared = prepare(series, graph, "patchnet", history=12, horizon=12, training=training)
    largest = prepared.batches.of_largest()
    row["sensors_in_batch"] = len(largest.patches[0])
    placed = Window(12, 12).place([(0, 50)])
    batches = partial(
        batches_for,
        prepared.model,
        series,
        prepared.batches.weights,
        prepared.scaler,
        placed,
        profile=prepared.profile,
        leave_out=((0, 50),),
    )
    row["estimated_gb"] = step_memory(graph, prepared.model, batches, training)(len(largest.patches[0])) / 1e9
    row["free_gb"] = free_memory(training) / 1e9
    if row["estimated_gb"] > row["free_gb"]:
        return row
    before = psutil.Process().memory_info().rss
    found = measure(prepared.model, largest, None, prepared.target_scaler, training)
    row["step_s"], row["epoch_h"] = found.step, found.step * len(prepared.batches) / 3600
    row["step_gb"] = (peak_memory(found.device) - before) / 1e9
    prepared.model.eval()
    forecaster, took = forecaster_of(prepared), []
    for _ in range(3):
        began = time.perf_counter()
        forecaster.forecast(series)
        took.append(time.perf_counter() - began)
    return row | {"forecast_s": float(np.median(took)), "peak_gb": peak_memory(found.device) / 1e9}


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw seconds of a step and memory at the peak against the size of the network."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - drawn once, at the end

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    week = table[table["steps"] == table["steps"].min()]
    for way, colour in (("patches", "#4477aa"), ("whole", "#ee8866")):
        part = week[week["way"] == way]
        label = f"patches of {PATCH:,} sensors" if way == "patches" else "the whole network"
        axes[0].plot(part["sensors"], part["step_s"], "o-", color=colour, label=label)
        axes[1].plot(part["sensors"], part["peak_gb"], "o-", color=colour, label=label)
    axes[1].plot(part["sensors"], part["estimated_gb"], "o:", color=colour, mfc="white", label="estimate of its step")
    axes[1].plot(week["sensors"], week["series_gb"], color="0.6", label="the series itself")
    axes[1].axhline(table["free_gb"].iloc[0], color="0.8", lw=6, zorder=0, label="free memory")
    for each, what in zip(axes, ("seconds of a training step of 64 windows", "memory at the peak, GB"), strict=True):
        each.set(xscale="log", yscale="log", xlabel="sensors", title=what)
        each.spines[["top", "right"]].set_visible(False)
        each.legend(frameon=False, fontsize=8)
    with written_whole(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)
    plt.close(figure)


if __name__ == "__main__":
    main()
