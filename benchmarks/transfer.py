"""What does a model know of a network that it has never seen?

Two pairs of a source and a target: made-up cities, two seeds of `road_network`; and Interstate 5 North in October 2025,
its south half and its north half, of the stations that measured speed. On the test part of the target stand, beside
the baselines fitted on the target, PatchNet trained on the target, on the source alone (`Forecaster.on`: of the target
it is told the last hour, and what was usual on the training part) and on both (`fit_networks`), as often over each
network it is trained on. The 90 % bounds of the second are those carried over from the source. I-5 needs
$STGRAPH_DATA; without it only the cities are measured.
Run: python -m benchmarks.transfer
"""

import argparse
from itertools import pairwise
from typing import Any

import pandas as pd

from benchmarks.record import RESULTS, record
from stgraph.datasets import load, network_traffic, road_network
from stgraph.errors import DataError
from stgraph.evaluation import Evaluation, evaluate, fit_baselines
from stgraph.forecasting import fit, fit_networks
from stgraph.graph import SensorGraph, from_edges
from stgraph.plots.style import GREY, PALETTE, bare, blank, save
from stgraph.series import TrafficSeries, resample
from stgraph.training import Training

Network = tuple[TrafficSeries, SensorGraph]
WAYS = {"target": "trained on it", "source": "never seen", "both": "trained on both"}


def cities(options: argparse.Namespace) -> tuple[Network, Network]:
    """Make up two cities."""
    roads = [road_network(options.sensors, seed=seed) for seed in (1, 2)]
    series = [
        network_traffic(road, options.days, interval=options.minutes, seed=seed) for seed, road in enumerate(roads)
    ]
    source, target = ((one, road.graph) for one, road in zip(series, roads, strict=True))
    return source, target


def freeway(options: argparse.Namespace) -> tuple[Network, Network]:
    """Cut I-5 into its south and its north half, each station joined to the next one that measured speed."""
    known = load("i5n-2025-10").series.select(channels=("speed",))
    known = resample(known.slice(0, 288 * options.days), f"{options.minutes}min")
    names = [name for n, name in enumerate(known.sensors) if known.observed[:, n].any()]

    def half(part: list[str]) -> Network:
        return known.select(sensors=tuple(part)), from_edges(pairwise(part), part)

    middle = len(names) // 2
    return half(names[:middle]), half(names[middle:])


def measured(source: Network, target: Network, options: argparse.Namespace) -> tuple[Evaluation, dict[str, float]]:
    """Train in three ways and score on the test part of the target; and the seconds of each training."""
    training = Training(
        epochs=options.epochs, batch_size=options.batch_size, seed=options.seed, patience=options.epochs, progress=False
    )
    steps = 60 // options.minutes
    how: dict[str, Any] = {"history": steps, "horizon": steps, "training": training}
    how["settings"] = {"hidden": options.hidden}
    series, graph = target
    own = fit(series, graph, **how)
    models = {"target": own, "source": fit(*source, **how).on(graph, series)}
    models["both"] = fit_networks({"source": source, "target": target}, **how)["target"]
    seconds = {name: each.log.seconds for name, each in models.items()}
    return evaluate(models | fit_baselines(own, series), series), seconds


def rows_of(pair: str, found: Evaluation, seconds: dict[str, float], options: argparse.Namespace) -> pd.DataFrame:
    """Return a row for each model and lead, with what the training was."""
    table = found.summary()[["model", "lead", "unit", "MAE", "RMSE"]]
    bounds = {name: float(of.up_to["coverage"][-1, 0]) for name, of in found.intervals.items()}
    trained = table["model"].isin(list(WAYS))
    return table.assign(
        pair=pair,
        model=table["model"].map(lambda name: f"patchnet, {WAYS[name]}" if name in WAYS else name),
        held_by_90_percent_bounds=table["model"].map(bounds),
        epochs=trained * options.epochs,
        hidden=trained * options.hidden,
        seconds=table["model"].map(seconds),
        sensors=len(found.sensors),
        windows=found.windows,
        days=options.days,
        minutes=options.minutes,
    )


def draw(table: pd.DataFrame) -> None:
    """Draw the error by lead, a panel each pair."""
    import matplotlib as mpl  # noqa: PLC0415 - drawn once, at the end

    mpl.use("Agg")
    pairs = list(dict.fromkeys(table["pair"]))
    figure = blank(5.2, title="What a model knows of a network that it has never seen", below="MAE on the test part")
    panels = figure.subplots(1, len(pairs), squeeze=False)[0]
    for axes, pair in zip(panels, pairs, strict=True):
        part = table[table["pair"] == pair]
        wide = part[part["lead"].str.startswith("@")].pivot_table(
            index="model", columns="lead", values="MAE", sort=False
        )
        for k, (name, values) in enumerate(wide.iterrows()):
            ours = str(name).startswith("patchnet")
            style = (
                {"color": PALETTE[k], "linewidth": 2.4}
                if ours
                else {"color": GREY, "linestyle": ("-", "--", ":")[k % 3]}
            )
            axes.plot(values.index, values, marker="o", markersize=4, label=str(name), **style)
        axes.set_title(f"{pair}, {part['unit'].iloc[0]}", loc="left", fontsize=10)
        axes.set_ylim(0)
        bare(axes)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    save(figure, RESULTS / "transfer.png")


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--minutes", type=int, default=15, help="of a step")
    parser.add_argument("--sensors", type=int, default=80, help="of each city")
    parser.add_argument("--hidden", type=int, default=32, help="width of PatchNet")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    """Train, score, record, draw."""
    options, tables = read_options(), []
    for pair, make in (("city to city", cities), ("I-5, south to north", freeway)):
        try:
            source, target = make(options)
        except DataError as error:
            print(f"{pair}: left out: {error}")
            continue
        tables.append(rows_of(pair, *measured(source, target, options), options))
        print(tables[-1].to_string(index=False, float_format=lambda x: f"{x:.3g}"), flush=True)
    table = pd.concat(tables)
    record("transfer", table[["pair", *table.columns.drop("pair")]])
    draw(table)


if __name__ == "__main__":
    main()
