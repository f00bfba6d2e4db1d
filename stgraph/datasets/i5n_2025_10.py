"""Interstate 5 North through San Diego, Orange and Los Angeles counties, October 2025, from Caltrans PeMS."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

from stgraph.datasets.arrays import read_arrays
from stgraph.datasets.dataset import Dataset, Source
from stgraph.datasets.facts import DataFile, DatasetFacts
from stgraph.graph import from_edges, read_positions
from stgraph.graph.tables import naming
from stgraph.series import TrafficSeries

TRUSTED = 50
"""Percent of the samples of a value that were measured; PeMS makes up the rest."""
FACTS = DatasetFacts(
    name="i5n-2025-10",
    title="Interstate 5 North from Mexico to Los Angeles, Caltrans PeMS",
    channels=("speed", "flow", "occupancy"),
    units=("mph", "veh/5min", "fraction"),
    sensors=303,
    steps=8_928,
    interval="5min",
    first="2025-10-01",
    last="2025-10-31",
    timezone="America/Los_Angeles",
    unobserved="values of which PeMS measured less than half of the samples; 119 stations have no others",
    adjacency="1 from each station to the next one downstream, a chain",
    directed=True,
    weighted=False,
    licence="the conditions of Caltrans PeMS, https://pems.dot.ca.gov; for research, not to be handed on",
    citation="Chen, Petty, Skabardonis, Varaiya, Jia 2001, Freeway performance measurement system",
    link="https://doi.org/10.3141/1748-12",
    files=(
        DataFile("series", "i5n-2025-10/wide.npz", size=12_092_896),
        DataFile("stations", "i5n-2025-10/stations_in_order.csv", size=21_566),
    ),
    login=True,
    by_hand="log in at https://pems.dot.ca.gov, Data Clearinghouse, type Station 5-Minute, districts 7, 11 and 12, "
    "October 2025, and put the mainline stations of I-5 North side by side in road order: arrays speed, flow, "
    "occupancy and pct_observed of (steps, stations), station (ids) and timestamp (minutes since 1970, local); and a "
    "table ID, Latitude, Longitude in the same order",
    notes="only October: no holidays, no winter",
)


def read(facts: DatasetFacts, files: Mapping[str, Path]) -> Dataset:
    """Return the dataset of arrays (T, N) in the order of the road, and a table of where the stations are."""
    path = files["series"]
    axes = dict.fromkeys((*facts.channels, "pct_observed"), 2) | {"station": 1, "timestamp": 1}
    arrays = read_arrays(path, axes)
    ids = tuple(str(station) for station in arrays["station"])
    with naming(path):
        values = np.stack([arrays[name] for name in facts.channels], axis=-1).astype(np.float32)
        observed = (arrays["pct_observed"] >= TRUSTED)[..., None] & np.isfinite(values)
        values[~observed] = 0
        times = arrays["timestamp"].astype("datetime64[m]").astype("datetime64[ns]")
        series = TrafficSeries(values, observed, times, ids, facts.channels, facts.units)
    _, positions = read_positions(files["stations"], ids)
    return Dataset(facts, series, from_edges(pairwise(ids), ids, positions=positions))


SOURCE = Source(FACTS, read)
