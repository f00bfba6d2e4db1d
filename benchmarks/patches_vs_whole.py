"""What patches lose where they are not exact, and what they cost, against the hops of their halo.

Each model is trained on the whole network and then asked patch by patch. One of finite reach gives the whole network's
forecast from its reach on. One that sees the whole graph takes one patch a batch, and finds what it knows of a sensor
by the sensor's number in the whole; but the sensors that are missing take part in its learned graph, its attention, its
normalisation, or come to it over many steps, so that it says something else. Widths and epochs are small, since patches
are compared with the whole here, and not models with each other.

The MAE is over what was measured, differences are over the forecasts of the sensors that were measured at all: not of
more than a third of those of Interstate 5, of which nothing has taught the model. Run:

    STGRAPH_DATA=folder python -m benchmarks.patches_vs_whole
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from benchmarks.record import RESULTS, record
from stgraph.datasets import load
from stgraph.forecasting import Forecaster, fit
from stgraph.graph import SensorGraph, partition
from stgraph.patches import Patch, PatchLoader, Placed, Resident, Window, grid_patches, whole
from stgraph.plots.style import INK, PALETTE, bare, blank, save
from stgraph.series import TrafficSeries
from stgraph.training import Training, masked_absolute_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FINITE, STEPS, GRAPH = "a few hops", "a hop or more each step of a recurrence", "a learned graph of all sensors"
ATTENTION, NORM = "attention over all sensors", "normalised over all sensors"
SEEN: dict[str, tuple[str, dict[str, int]]] = {
    "gcn": (FINITE, {"hidden": 32}),
    "patchnet": (FINITE, {"hidden": 16}),
    "tgcn": (STEPS, {"hidden": 16}),
    "dcrnn": (STEPS, {"hidden": 8, "layers": 1}),
    "graph-wavenet": (GRAPH, {"hidden": 8, "blocks": 1}),
    "agcrn": (GRAPH, {"hidden": 8}),
    "mtgnn": (GRAPH, {"hidden": 8, "layers": 1}),
    "megacrn": (GRAPH, {"hidden": 8, "width": 8}),
    "d2stgnn": (GRAPH, {"hidden": 8, "layers": 1}),
    "a3tgcn": (ATTENTION, {"hidden": 16}),
    "astgcn": (ATTENTION, {"hidden": 16, "blocks": 1}),
    "gman": (ATTENTION, {"hidden": 8, "blocks": 1, "heads": 2}),
    "staeformer": (ATTENTION, {"embedding": 4, "adaptive": 4, "layers": 1, "heads": 2, "feed_forward": 16}),
    "stgcn": (NORM, {"hidden": 16, "bottleneck": 8}),
    "stnorm": (NORM, {"hidden": 8, "blocks": 1}),
}
"""Why each sees as far as it does, and its settings here."""
BATCH = 32
ROUNDING = 1e-6
LINE = 1.42
"""From one name to the next above it, as a ratio: the axis is logarithmic."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What came of forecasting patch by patch.

    Args:
        forecast: (M, H, N) at the centres.
        error: mean absolute error over what was observed.
        seconds: of cutting, gathering and forecasting, of all threads: other work on the machine does not count.
    """

    forecast: Tensor
    error: float
    seconds: float


def ask(forecaster: Forecaster, series: TrafficSeries, patches: Sequence[Patch], placed: Placed) -> Asked:
    """Forecast the windows for each patch, one patch a batch."""
    scaler, targets = forecaster.scaler, forecaster.task.targets
    resident = Resident.of(series, scaler, targets, shown=forecaster.scaling.shown, profile=forecaster.profile)
    deviation = torch.tensor(scaler.select(targets).deviation)
    found = torch.full((len(placed), forecaster.task.horizon, len(series.sensors)), torch.nan)
    error, count = 0.0, 0
    start = time.process_time()
    for patch in patches:
        core, done = torch.from_numpy(patch.sensors[patch.centre]), 0
        for batch in PatchLoader(resident, forecaster.weights, [patch], placed, batch_size=BATCH):
            forecast = forecaster.predict(batch)
            total, scored = masked_absolute_error(forecast, batch, deviation)
            error, count = error + float(total), count + int(scored)
            found[done : done + len(forecast), :, core] = forecast[:, :, batch.centre, 0]
            done += len(forecast)
    return Asked(found, error / count, time.process_time() - start)


def against_the_whole(
    forecaster: Forecaster, series: TrafficSeries, hops: Sequence[int], parts: int, windows: int
) -> list[dict[str, Any]]:
    """Return a row for each number of hops, and one for the whole graph, of forecasts of the test part."""
    graph, task, size = forecaster.graph, forecaster.task, len(forecaster.graph)
    every = Window(task.history, task.horizon).place_part(series, forecaster.split, "test")
    placed = every.take(np.linspace(0, len(every) - 1, min(windows, len(every))).astype(np.int64))
    cores = partition(graph, parts, method="bfs")
    ask(forecaster, series, [whole(size)], placed.take(np.arange(1)))  # warms up
    truth = ask(forecaster, series, [whole(size)], placed)
    measured, rows = torch.from_numpy(np.asarray(series.observed).any((0, 2))), []
    for k in [*hops, None]:
        patches = [whole(size)] if k is None else grid_patches(graph, cores, k)
        found = truth if k is None else ask(forecaster, series, patches, placed)
        gap = (found.forecast - truth.forecast)[..., measured].abs()
        rows.append(
            {
                "hops": "whole" if k is None else k,
                "MAE": found.error,
                "mean_difference": float(gap.mean()),
                "max_difference": float(gap.max()),
                "sensors_over_core": sum(map(len, patches)) / size,
                "largest_patch": max(map(len, patches)),
                "cpu_s": found.seconds,
                "cpu_over_whole": found.seconds / truth.seconds,
            }
        )
    return rows


def some_days(name: str, after: int, days: int) -> tuple[TrafficSeries, SensorGraph]:
    """Return the speeds of a dataset on some days, so many after its first, and its graph."""
    dataset = load(name)
    series = dataset.series.select(channels=("speed",))
    start = series.times[0].astype("datetime64[D]") + np.timedelta64(after, "D")
    return series.slice(start, start + np.timedelta64(days, "D")), dataset.graph


def measure(options: argparse.Namespace) -> pd.DataFrame:
    """Train each model on the whole of each dataset, and ask it by patches."""
    rows = []
    training = Training(options.epochs, BATCH, 5e-3, seed=options.seed, progress=False, accelerator="cpu")
    for dataset in options.datasets:
        series, graph = some_days(dataset, options.after, options.days)
        for name in options.models:
            why, settings = SEEN[name]
            forecaster = fit(series, graph, name, training=training, settings=settings)
            reach = forecaster.model.reach
            facts = {
                "dataset": dataset,
                "model": name,
                "sees": why,
                "reach": "whole" if reach is None else reach,
                "unit": series.units[0],
                "parts": options.parts,
                "days": options.days,
                "after": options.after,
                "epochs": options.epochs,
            }
            found = against_the_whole(forecaster, series, options.hops, options.parts, options.windows)
            rows += [facts | row for row in found]
            gaps = ", ".join(f"{row['hops']}: {row['mean_difference']:.2g}" for row in found)
            took = f"{forecaster.log.seconds:.0f} s of training, {sum(row['cpu_s'] for row in found):.0f} s of asking"
            print(f"{dataset} {name}, {took}; mean difference by hops {gaps}", flush=True)
    return pd.DataFrame(rows)


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw the mean difference from the whole graph against the hops, a line a model, a panel a dataset."""
    datasets, kinds = (list(dict.fromkeys(table[column])) for column in ("dataset", "sees"))
    part = table[table["hops"] != "whole"].astype({"hops": int})
    part["gap"] = part["mean_difference"].clip(lower=ROUNDING)
    floor = "of all sensors that were measured; what is below a millionth, where float32 rounds, is drawn there"
    figure = blank(7, title="What patches lose, by the hops of their halo", below=floor)
    panels = figure.subplots(1, len(datasets), sharey=True, squeeze=False)[0]
    for axes, dataset in zip(panels, datasets, strict=True):
        here = part[part["dataset"] == dataset]
        hops = sorted(set(here["hops"]))
        bare(axes)
        axes.tick_params(which="minor", length=0)
        axes.set(yscale="log", xticks=hops, xlim=(-0.2, 1.38 * hops[-1]))
        axes.set_title(dataset, fontsize=11, color=INK)
        axes.set_xlabel("hops", color=INK)
        axes.set_ylabel(f"mean difference from the whole graph [{here['unit'].iloc[0]}]", color=INK)
        ends = []
        for name, line in here.groupby("model", sort=False):
            kind = line["sees"].iloc[0]
            colour = PALETTE[kinds.index(kind)]
            axes.plot(line["hops"], line["gap"], color=colour, marker="o", markersize=4, linewidth=2, label=kind)
            ends.append((float(line["gap"].iloc[-1]), str(name), colour))
        _name(axes, sorted(ends), at=1.03 * hops[-1])
    named = dict(zip(*reversed(panels[0].get_legend_handles_labels()), strict=True))
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    save(figure, path)


def _name(axes: "Axes", ends: list[tuple[float, str, str]], at: float) -> None:
    """Write the name of each line beside its end, from the lowest up, one above the other."""
    free = 0.0
    for height, name, colour in ends:
        free = max(height, LINE * free)
        axes.text(at, free, name, color=colour, fontsize=9, va="center")


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=list(SEEN), metavar="model", help=", ".join(SEEN))
    parser.add_argument("--datasets", nargs="+", default=["i5n-2025-10", "amsterdam-2018"])
    parser.add_argument("--hops", nargs="+", type=int, default=[0, 1, 2, 3, 5, 8])
    parser.add_argument("--parts", type=int, default=16, help="patches that the network is cut into")
    parser.add_argument("--days", type=int, default=7, help="of each dataset")
    parser.add_argument("--after", type=int, default=7, help="days before them that are left out")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--windows", type=int, default=128, help="of the test part, spread evenly")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="patches_vs_whole", help="name of the table in benchmarks/results/")
    options = parser.parse_args()
    if unknown := sorted(set(options.models) - set(SEEN)):
        parser.error(f"expected models out of {', '.join(SEEN)}, found {', '.join(unknown)}")
    return options


def main() -> None:
    """Train, ask, record and draw."""
    options = read_options()
    table = measure(options)
    record(options.output, table)
    draw(table, RESULTS / f"{options.output}.png")


if __name__ == "__main__":
    main()
