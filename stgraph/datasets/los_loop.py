"""LOS-loop: the first week of METR-LA with its zeros filled in, as in the T-GCN paper."""

from collections.abc import Mapping
from pathlib import Path

from stgraph.datasets.dataset import Dataset, Source
from stgraph.datasets.facts import DataFile, DatasetFacts, on_github
from stgraph.datasets.metr_la import TGCN
from stgraph.graph import read_adjacency
from stgraph.series import read_series

SPEEDS = "sha256:7b732d86ae32b2930595becba28aff39dacbfb2197e250fc0332e1744ce2cbf4"
KERNEL = "sha256:7a6eb41e10677992b5af50f5ab187c6c05c5c3a92cb973950cfddbf857361e76"

FACTS = DatasetFacts(
    name="los-loop",
    title="The first week of METR-LA, holes filled in",
    channels=("speed",),
    units=("mph",),
    sensors=207,
    steps=2_016,
    interval="5min",
    first="2012-03-01",
    last="2012-03-07",
    timezone="America/Los_Angeles",
    unobserved="nothing is marked: its authors interpolated the zeros",
    adjacency="exp(-d^2 / sigma^2) of distances, small entries 0; the diagonal is 1",
    directed=False,
    weighted=True,
    licence="none is stated in the repository of its authors; measured by LA Metro",
    citation="Zhao, Song, Zhang, Liu, Wang, Lin, Deng, Li 2020, T-GCN",
    link="https://arxiv.org/abs/1811.05320",
    files=(
        DataFile(
            "series",
            "los-loop/los_speed.csv",
            also=("metr-la/los_speed.csv", "los_speed.csv"),
            size=3_402_125,
            addresses=(on_github(*TGCN, "data/los_speed.csv", SPEEDS),),
        ),
        DataFile(
            "adjacency",
            "los-loop/los_adj.csv",
            also=("metr-la/los_adj.csv", "los_adj.csv"),
            size=111_686,
            addresses=(on_github(*TGCN, "data/los_adj.csv", KERNEL),),
        ),
    ),
    by_hand="los_speed.csv and los_adj.csv are in the folder data of github.com/lehaifeng/T-GCN",
)


def read(facts: DatasetFacts, files: Mapping[str, Path]) -> Dataset:
    """Return the dataset of a table without times, or an array ``data``, and a bare matrix in the same order."""
    series = read_series(
        files["series"],
        channel=facts.channels,
        unit=facts.units,
        missing=facts.missing,
        start=facts.first,
        interval=facts.interval,
    )
    return Dataset(facts, series, read_adjacency(files["adjacency"], series.sensors))


SOURCE = Source(FACTS, read)
