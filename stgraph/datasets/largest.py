"""LargeST: flows of 8,600 stations all over California, and of three areas in it; the year 2019 of its tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stgraph.datasets.dataset import Dataset, Source
from stgraph.datasets.facts import DataFile, DatasetFacts
from stgraph.errors import DataError
from stgraph.graph import SensorGraph, from_adjacency, read_table
from stgraph.graph.adjacency import UNREADABLE
from stgraph.graph.columns import find_column, places_of, to_numbers
from stgraph.graph.tables import naming
from stgraph.series import TrafficSeries
from stgraph.series.hdf import read_hdf_rows

WEEK = 7 * 288
"""Rows read at a time: 140 MB of all stations."""
AREAS = {
    "sd": ("San Diego", 716, ("11",)),
    "gba": ("Greater Bay Area", 2_352, ("4",)),
    "gla": ("Greater Los Angeles", 3_834, ("7", "8", "12")),
    "ca": ("California", 8_600, ()),
}
"""Name, sensors and districts of PeMS (none: all of them) of each area, as the notebooks of its authors cut them."""


@dataclass(frozen=True)
class Stations:
    """Stations of some districts.

    Args:
        ids: in PeMS.
        places: (N,) rows and columns in the adjacency.
        positions: (N, 2) longitude and latitude in degrees.
    """

    ids: tuple[str, ...]
    places: NDArray[np.int64]
    positions: NDArray[np.float64]


def read(facts: DatasetFacts, files: Mapping[str, Path]) -> Dataset:
    """Return an area of the flows of a year, the metadata of all stations and the adjacency between them.

    As its authors do it: means of three steps, of what was observed, rounded. They then make 0 of what was not, which
    here stays unobserved.
    """
    _, _, districts = AREAS[facts.name.removeprefix("largest-")]
    stations = _stations(files["stations"], districts)
    return Dataset(facts, _flows(facts, files["series"], stations.ids), _graph(files["adjacency"], stations))


def _stations(path: Path, districts: tuple[str, ...]) -> Stations:
    table = read_table(path)
    with naming(path):
        if districts:
            table = table[table[find_column(table, ("district",), "stations")].isin(districts)]
        if table.empty:
            message = f"stations: expected some of the districts {', '.join(districts)}, found none"
            raise DataError(message)
        where = places_of(table)
        lng, lat, place = (
            to_numbers(table[column].tolist(), f"column {column!r}", where)
            for column in (find_column(table, (name,), "stations") for name in ("lng", "lat", "id2"))
        )
        ids = tuple(table[find_column(table, ("id",), "stations")])
    return Stations(ids, place.astype(np.int64), np.stack([lng, lat], axis=1))


def _flows(facts: DatasetFacts, path: Path, ids: tuple[str, ...]) -> TrafficSeries:
    times, values = [], []
    for week in read_hdf_rows(path, ids, WEEK):
        quarters = week.resample(facts.interval).mean().round(0)
        times.append(quarters.index.to_numpy("datetime64[ns]"))
        values.append(quarters.to_numpy(np.float32))
    flows = np.concatenate(values)[:, :, None]
    observed = np.isfinite(flows)
    np.nan_to_num(flows, copy=False, posinf=0)
    with naming(path):
        return TrafficSeries(flows, observed, np.concatenate(times), ids, facts.channels, facts.units)


def _graph(path: Path, stations: Stations) -> SensorGraph:
    try:
        whole = np.load(path, mmap_mode="r", allow_pickle=False)
        weights = np.asarray(whole[np.ix_(stations.places, stations.places)])
    except UNREADABLE as error:
        wanted = f"a matrix with row and column {stations.places.max()}"
        message = f"{path}: expected {wanted} as .npy ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error
    with naming(path):
        return from_adjacency(weights, stations.ids, stations.positions)


FILES = (
    DataFile("series", "largest/ca_his_raw_2019.h5", also=("ca/ca_his_raw_2019.h5", "ca_his_raw_2019.h5")),
    DataFile("stations", "largest/ca_meta.csv", also=("ca/ca_meta.csv", "ca_meta.csv")),
    DataFile("adjacency", "largest/ca_rn_adj.npy", also=("ca/ca_rn_adj.npy", "ca_rn_adj.npy")),
)
SOURCES = tuple(
    Source(
        DatasetFacts(
            name=f"largest-{area}",
            title=f"LargeST, {title}, Caltrans PeMS",
            channels=("flow",),
            units=("veh/5min",),
            sensors=sensors,
            steps=35_040,
            interval="15min",
            first="2019-01-01",
            last="2019-12-31",
            timezone="America/Los_Angeles",
            unobserved="empty cells; its published tables count them as 0",
            adjacency="of road distances, made by its authors (ca_rn_adj.npy), with a diagonal",
            directed=True,
            weighted=True,
            licence="CC BY-NC 4.0",
            citation="Liu, Xia, Liang, Hu, Wang, Bai, Huang, Liu, Hooi, Zimmermann 2023, LargeST",
            link="https://arxiv.org/abs/2306.08259",
            files=FILES,
            login=True,
            by_hand="log in at kaggle.com and download ca_his_raw_2019.h5 (7.2 GB), ca_meta.csv and ca_rn_adj.npy "
            "from https://www.kaggle.com/datasets/liuxu77/largest",
            notes="mean of three steps of 5 minutes; the files of the four areas are the same",
        ),
        read,
    )
    for area, (title, sensors, _) in AREAS.items()
)
