"""METR-LA: speeds on the freeways of Los Angeles County, four months of 2012."""

from collections.abc import Mapping
from pathlib import Path

from stgraph.datasets.dataset import Dataset, Source
from stgraph.datasets.facts import DataFile, DatasetFacts, on_github
from stgraph.graph import SensorGraph, from_distances, read_adjacency, read_positions, read_table
from stgraph.graph.tables import naming
from stgraph.series import read_series

DCRNN = "liyaguang/DCRNN", "602afd9d767d3aa1c9b3eac51710d6aeee12c227"
MEGACRN = "deepkashiwa20/MegaCRN", "5158190948de7e8628f84780a429eb9189f5908f"
TGCN = "lehaifeng/T-GCN", "219a2346f5bf68d54d91a948e7a41a08f9edc46b"
DL_TRAFF = "deepkashiwa20/DL-Traff-Graph", "ccc038aeef05ffd43fab42e0752c8f94b90163a7"

SPEEDS = "git:7df0003054d1bccd255d38949b2ef011dcadad3f"
KERNEL = "sha256:a35687c6e15aa228dc45027b0ed2a0ea0f4ec78f573deb992c595092d12f61b3"
DISTANCES = "git:759d2bc751c89b91fd63dc1fc8ceba904a85b1c2"
POSITIONS = "sha256:eb8ea96e07358b45d0e4ba3b89c2673fa20c54af50150249e627389e749ade6f"

FACTS = DatasetFacts(
    name="metr-la",
    title="Freeways of Los Angeles County, loop detectors",
    channels=("speed",),
    units=("mph",),
    sensors=207,
    steps=34_272,
    interval="5min",
    first="2012-03-01",
    last="2012-06-27",
    timezone="America/Los_Angeles",
    missing=(0,),
    unobserved="0: 8.11 % of the values",
    adjacency="exp(-d^2 / sigma^2) of road distances, 0 below 0.1; sigma is their deviation; the diagonal is 1",
    directed=True,
    weighted=True,
    licence="none is stated with the data (the code of its authors is MIT); measured by LA Metro",
    citation="Li, Yu, Shahabi, Liu 2018, Diffusion convolutional recurrent neural network",
    link="https://arxiv.org/abs/1707.01926",
    files=(
        DataFile(
            "series",
            "metr-la/metr-la.h5",
            also=("METR-LA/metr-la.h5", "METRLA/metr-la.h5", "metr-la.h5"),
            addresses=(
                on_github(*TGCN, "data/Los_traffic.h5", SPEEDS),
                on_github(*MEGACRN, "METRLA/metr-la.h5", SPEEDS),
                on_github(*DL_TRAFF, "METRLA/metr-la.h5", SPEEDS),
            ),
        ),
        DataFile(
            "adjacency",
            "metr-la/adj_mx.pkl",
            also=("METR-LA/adj_mx.pkl", "METRLA/adj_mx.pkl", "sensor_graph/adj_mx.pkl"),
            size=680_459,
            addresses=(
                on_github(*DCRNN, "data/sensor_graph/adj_mx.pkl", KERNEL),
                on_github(*DL_TRAFF, "METRLA/adj_mx.pkl", KERNEL),
            ),
        ),
        DataFile(
            "adjacency",
            "metr-la/distances_la_2012.csv",
            also=("METR-LA/distances_la_2012.csv", "sensor_graph/distances_la_2012.csv"),
            addresses=(
                on_github(*DCRNN, "data/sensor_graph/distances_la_2012.csv", DISTANCES),
                on_github(*DL_TRAFF, "METRLA/distances_la_2012.csv", DISTANCES),
            ),
        ),
        DataFile(
            "positions",
            "metr-la/graph_sensor_locations.csv",
            also=("METR-LA/graph_sensor_locations.csv", "sensor_graph/graph_sensor_locations.csv"),
            size=6_341,
            addresses=(on_github(*DCRNN, "data/sensor_graph/graph_sensor_locations.csv", POSITIONS),),
            needed=False,
        ),
    ),
    by_hand="metr-la.h5 is behind the link to Google Drive or Baidu in the README of github.com/liyaguang/DCRNN, "
    "adj_mx.pkl in its folder data/sensor_graph",
    notes="119 whole days: the hour that the clock skipped on 11 March has rows too",
)


def read(facts: DatasetFacts, files: Mapping[str, Path]) -> Dataset:
    """Return the dataset of a pandas HDF5 file, and a pickle of the adjacency or a table of distances."""
    series = read_series(files["series"], channel=facts.channels, unit=facts.units, missing=facts.missing)
    return Dataset(facts, series, kernel_graph(files, series.sensors))


def kernel_graph(files: Mapping[str, Path], ids: tuple[str, ...]) -> SensorGraph:
    """Return the graph of an adjacency or a table of distances, with positions where they are there."""
    path = files["adjacency"]
    with naming(path):
        if path.suffix == ".csv":
            table = read_table(path, names=("from", "to", "distance"))
            graph = from_distances(table, ids, ignore_unknown=True)
        else:
            graph = read_adjacency(path).align(ids)
    if "positions" not in files:
        return graph
    _, positions = read_positions(files["positions"], ids, names=("sensor", "latitude", "longitude"))
    return SensorGraph(ids, graph.adjacency, positions)


SOURCE = Source(FACTS, read)
