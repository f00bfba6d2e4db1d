"""How well the models forecast: committed sets of data, rules and models, each run once, into tables and pictures.

Run: python -m benchmarks.accuracy quick i5 ..., which goes on where it was interrupted; without a name it lists them.
Data that are not on this machine get a row that says so. The tables are in docs/benchmarks.md and the README.
"""

import argparse
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.record import RESULTS
from stgraph import plots
from stgraph.datasets import load, synthetic
from stgraph.errors import DataError
from stgraph.evaluation import BASELINES, QUICK, TrafficSource, bench, boards, read_results
from stgraph.graph import SensorGraph, write_adjacency
from stgraph.models import MODELS
from stgraph.series import TrafficSeries, write_npz
from stgraph.training import Training
from stgraph.training.options import Precision

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "runs" / "bench"
LONG = Training(epochs=100, patience=30)
"""As many epochs as there are minutes for, to the end of their schedule unless nothing is gained for long."""
SMALL = replace(LONG, batch_size=32, learning_rate=5e-3)
"""For series of days: twice the steps an epoch, and larger ones."""
SQUARED = replace(SMALL, loss="mse")
"""Where others ranked by RMSE, and minimised squares."""
PUBLISHED_LENGTH = replace(SQUARED, epochs=5000, patience=5000)
"""As many epochs as the authors of T-GCN had, or there are minutes for; nothing stops them early."""
OLD = (*QUICK, "svr", "gcn", "tgcn", "a3tgcn")
"""With those that the tables on LOS-loop and SZ-taxi are about."""
BF16 = ("tgcn", "a3tgcn", "stgcn", "astgcn", "mtgnn", "graph-wavenet", "agcrn", "dcrnn", "d2stgnn", "megacrn")
"""In bf16 where minutes are few: steps of over 0.25 s that then take at most 0.8 of it (docs/speed.md)."""
WIDE = ("staeformer", "gman")
"""In batches of 16, as the authors of STAEformer had; of 64, GMAN takes 20.6 GiB on 207 sensors (docs/speed.md)."""
Set = tuple[Mapping[str, Any], ...]

TGCN: dict[str, Any] = {"protocol": "tgcn", "training": SQUARED}

WEEK: dict[str, Any] = {"data": ["los-loop"], "minutes": 5.0}
LOS: Set = (
    WEEK | {"models": OLD, "horizons": (3, 6, 9, 12)} | TGCN,
    WEEK | {"models": ("stnorm",), "horizons": (3, 6, 9, 12), "minutes": 10.0} | TGCN,
    WEEK | TGCN | {"models": ("tgcn",), "horizons": (3,), "minutes": 60.0, "training": PUBLISHED_LENGTH},
    WEEK | {"models": OLD, "training": SMALL},
    WEEK | {"models": ("stnorm",), "minutes": 10.0, "training": SMALL},
)
KMH = {"svr": {"cost": 86.43, "epsilon": 0.001157, "flat": True}}
"""Of the SVR in the tables on SZ-taxi, whose C = 1 and epsilon = 0.1 are km/h; here they are shares of the largest."""
QUARTERS: dict[str, Any] = {"data": ["sz-taxi"], "horizons": (1, 2, 3, 4), "minutes": 3.0} | TGCN
SZ: Set = (
    QUARTERS | {"models": OLD, "settings": KMH},
    QUARTERS | {"models": ("patchnet",), "settings": {"patchnet": {"sensor_embedding": 32}}},
    QUARTERS | {"models": ("stnorm",), "minutes": 10.0},
    QUARTERS | {"models": (*BASELINES, "svr"), "history": 4, "settings": KMH},  # of those that the published HA had
    {"data": ["sz-taxi"], "models": OLD, "horizons": (4,), "minutes": 3.0, "training": SMALL},
    {"data": ["sz-taxi"], "models": ("stnorm",), "horizons": (4,), "minutes": 10.0, "training": SMALL},
)
MONTH: dict[str, Any] = {"data": ["i5n-2025-10"], "minutes": 20.0, "bf16": BF16}
I5: Set = (
    MONTH | {"models": tuple(name for name in MODELS if name not in WIDE)},
    MONTH | {"models": WIDE, "training": replace(LONG, batch_size=16)},
)
SETS: dict[str, Set] = {
    "quick": ({"data": ["synthetic-7-days"], "minutes": 2.0, "training": SMALL},),
    "i5": I5,
    "i5-seeds": tuple({**part, "seeds": 3, "best": True} for part in I5),
    "los": LOS,
    "sz": SZ,
    "amsterdam": ({"data": ["amsterdam-2018-03"], "history": 30, "horizons": (30,), "minutes": 20.0},),
    "metr-la": ({"data": ["metr-la"], "protocol": "dcrnn", "minutes": 60.0},),
    "pems-bay": ({"data": ["pems-bay"], "protocol": "dcrnn", "minutes": 60.0},),
    **{f"pems0{k}": ({"data": [f"pems0{k}"], "protocol": "pems", "minutes": 60.0},) for k in (3, 4, 7, 8)},
}
"""Arguments of `stgraph.bench`, by the name of the set, and under `bf16` the models in bf16, under `best` whether only
those are meant that the results have shown to be best.

The seeds of I-5 stand beside its other runs, in one file.
"""


def file_of(name: str) -> Path:
    """Return the file of the results of a set."""
    return RESULTS / f"accuracy-{name.removesuffix('-seeds')}.csv"


def simulated() -> tuple[TrafficSeries, SensorGraph]:
    """Simulate a week from Thursday on, so that the rush hours of Tuesday and Wednesday are in the test part."""
    traffic = synthetic(7, start="2024-03-07")
    return traffic.series, traffic.graph


def march() -> tuple[TrafficSeries, SensorGraph]:
    """Return the mornings and afternoons of one month of Amsterdam."""
    ring = load("amsterdam-2018")
    return ring.series.slice("2018-03-01", "2018-04-01"), ring.graph


MADE: dict[str, tuple[Callable[[], tuple[TrafficSeries, SensorGraph]], str]] = {
    "synthetic-7-days": (simulated, "synthetic"),
    "amsterdam-2018-03": (march, "amsterdam-2018"),
}
"""What is made first, by whom, and of which dataset."""


def source(name: str, folder: Path = RUNS / "data") -> TrafficSource:
    """Return where the data of a name come from: a dataset, or files made of one."""
    make, dataset = MADE.get(name, (None, name))
    whole = TrafficSource(dataset)
    if make is None or whole.missing():
        return whole
    series, adjacency = folder / f"{name}.npz", folder / f"{name}.csv"
    if not (series.exists() and adjacency.exists()):
        values, graph = make()
        write_npz(values, series)
        write_adjacency(graph, adjacency)
    return TrafficSource(name, series=series, adjacency=adjacency)


def best(file: Path, count: int = 4) -> tuple[str, ...]:
    """Return PatchNet and, of the others trained by gradient, those with the least errors in a file of results.

    Whether they had converged does not count. Seed 0 alone chooses, which all models have: the other seeds, once there,
    do not change the choice.

    Raises:
        DataError: there is none.
    """
    found = read_results(file)
    errors = {
        standing.model: board.error(standing)
        for board in boards(found[found["seed"] == "0"])
        for standing in board.standings
        if not standing.why and standing.model != "patchnet" and MODELS[standing.model].trained == "gradient"
    }
    if not errors:
        message = f"{file}: expected trained models: run the set without -seeds first"
        raise DataError(message)
    return (*sorted(errors, key=errors.__getitem__)[:count], "patchnet")


def forget(name: str) -> None:
    """Remove the results of a set, and its runs, so that all of it is measured here and now."""
    file_of(name).unlink(missing_ok=True)
    for dataset in {dataset for part in SETS[name] for dataset in part["data"]}:
        for folder in RUNS.glob(f"{dataset}-*"):
            shutil.rmtree(folder)


def run(name: str) -> None:
    """Do what is not done yet of a set, and draw it."""
    file = file_of(name)
    for part in SETS[name]:
        asked = {"training": LONG} | dict(part)
        asked["data"] = [source(each) for each in asked["data"]]
        if asked.pop("best", False):
            asked["models"] = [model for model in best(file) if model in asked["models"]]
        for each in _precisions(asked):
            bench(**each, output=RUNS, results=file, report=lambda line: print(line, flush=True))
    found = read_results(file)
    if (found["lead"] != "").any():
        print(f"written: {plots.save(plots.leaderboard(found), file.with_suffix('.png')).relative_to(ROOT)}")
    print(f"written: {file.relative_to(ROOT)}")


def _precisions(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the arguments of `bench` for the models in fp32, and for those in bf16, as far as there are any."""
    given = {name: value for name, value in asked.items() if name != "bf16"}
    if "bf16" not in asked:
        return [given]
    parts: dict[Precision, list[str]] = {"32": [], "bf16": []}
    for name in asked["models"]:
        parts["bf16" if name in asked["bf16"] else "32"].append(name)
    return [
        given | {"models": names, "training": replace(asked["training"], precision=precision)}
        for precision, names in parts.items()
        if names
    ]


def main() -> None:
    """Run the sets that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(SETS))
    parser.add_argument("--anew", action="store_true", help="remove what is there of them first")
    options = parser.parse_args()
    names = options.sets
    if unknown := [name for name in names if name not in SETS]:
        parser.error(f"no such set: {', '.join(unknown)}; expected some of {', '.join(SETS)}")
    if not names:
        parser.print_help()
    if options.anew:
        if alone := [name for name in names if name.endswith("-seeds") and name.removesuffix("-seeds") not in names]:
            parser.error(f"--anew: the results of {alone[0]} stand in one file with those of the set without -seeds")
        for name in names:
            forget(name)
    for name in names:
        run(name)


if __name__ == "__main__":
    main()
