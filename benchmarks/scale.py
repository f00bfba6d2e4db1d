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
from stgraph.forecasting.divide import free_memory, step_memory
from stgraph.forecasting.fit import forecaster_of
from stgraph.forecasting.loaders import batches_for
from stgraph.forecasting.prepare import prepare, seeded
from stgraph.graph import partition
from stgraph.patches import Window
from stgraph.plots.style import GREY, PALETTE, bare, blank, save
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
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415 - drawn once, at the end

    below = f"PatchNet on patches of {PATCH:,} sensors and on the whole network, 64 windows a step, a week of 5 minutes"
    figure = blank(4.6, title="What a larger network takes", below=below)
    axes = figure.subplots(1, 2)
    week = table[table["steps"] == table["steps"].min()]
    for way, colour in (("patches", PALETTE[0]), ("whole", PALETTE[1])):
        part, style = week[week["way"] == way], {"color": colour, "marker": "o", "markersize": 5, "linewidth": 2}
        axes[0].plot(part["sensors"], part["step_s"], label=way, **style)
        axes[1].plot(part["sensors"], part["peak_gb"], label=way, **style)
    hollow = {"color": PALETTE[1], "linestyle": ":", "marker": "o", "markersize": 5, "markerfacecolor": "white"}
    axes[1].plot(part["sensors"], part["estimated_gb"], label="whole, estimate of its step", zorder=1, **hollow)
    axes[1].plot(week["sensors"], week["series_gb"], color=GREY, label="the series itself")
    axes[1].axhline(table["free_gb"].iloc[0], color=GREY, alpha=0.4, linewidth=6, zorder=0, label="free memory")
    for each, what in zip(axes, ("seconds of a training step", "memory at the peak [GB]"), strict=True):
        bare(each)
        each.set(xscale="log", yscale="log", xlabel="sensors")
        each.set_title(what, loc="left", fontsize=10)
        for axis in (each.xaxis, each.yaxis):
            axis.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0) if axis is axes[0].yaxis else (1.0,)))
            axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.7g}"))
            axis.set_minor_formatter(NullFormatter())
            axis.set_tick_params(which="minor", length=0)
    names = dict(zip(*reversed(axes[1].get_legend_handles_labels()), strict=True))
    figure.legend(names.values(), names.keys(), loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    save(figure, path)


if __name__ == "__main__":
    main()
