"""`synthetic` among the datasets: the same network each time, needing no file."""

from collections.abc import Mapping
from pathlib import Path

from stgraph.datasets.dataset import Dataset, Source
from stgraph.datasets.facts import DatasetFacts
from stgraph.datasets.synthetic import synthetic

FACTS = DatasetFacts(
    name="synthetic",
    title="Three crossing freeways, simulated: rush hours, rain, incidents, detector faults",
    channels=("speed", "flow", "occupancy"),
    units=("km/h", "veh/h", "fraction"),
    sensors=96,
    steps=8_064,
    interval="5min",
    first="2024-03-04",
    last="2024-03-31",
    timezone="none: its days have 24 hours",
    unobserved="what its detectors did not report",
    adjacency="exp(-d^2 / 9 km^2) of the road d downstream, 0 below 0.1",
    directed=True,
    weighted=True,
    licence="MIT, as this library",
    citation="Daganzo 1994, The cell transmission model",
    link="https://doi.org/10.1016/0191-2615(94)90002-7",
    notes="synthetic(days, seed=...) makes more of it",
)


def read(facts: DatasetFacts, files: Mapping[str, Path]) -> Dataset:  # noqa: ARG001 - a reader is given its files
    """Simulate four weeks with seed 0."""
    traffic = synthetic()
    return Dataset(facts, traffic.series, traffic.graph, traffic.incidents)


SOURCE = Source(FACTS, read)
