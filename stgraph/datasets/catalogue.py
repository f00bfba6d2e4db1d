"""Datasets by name: their facts, and their series and graphs."""

from dataclasses import replace
from pathlib import Path

from stgraph.datasets import (
    amsterdam_2018,
    i5n_2025_10,
    largest,
    los_loop,
    metr_la,
    pems0x,
    pems_bay,
    pemsd7m,
    portland_i205,
    simulated,
    sz_taxi,
)
from stgraph.datasets.dataset import Dataset, Source
from stgraph.datasets.places import data_folder, require
from stgraph.errors import UnknownNameError

DATASETS: dict[str, Source] = {
    source.facts.name: source
    for source in (
        metr_la.SOURCE,
        pems_bay.SOURCE,
        *pems0x.SOURCES,
        pemsd7m.SOURCE,
        los_loop.SOURCE,
        sz_taxi.SOURCE,
        *largest.SOURCES,
        i5n_2025_10.SOURCE,
        amsterdam_2018.SOURCE,
        portland_i205.SOURCE,
        simulated.SOURCE,
    )
}


def find_dataset(name: str) -> Source:
    """Return the source of a name.

    Raises:
        UnknownNameError: no such dataset; suggests the nearest.

    >>> find_dataset("pems04").facts.measured
    'flow [veh/5min], occupancy [fraction], speed [mph]'
    """
    if name not in DATASETS:
        raise UnknownNameError.of("dataset", name, DATASETS)
    return DATASETS[name]


def load(name: str, data_dir: str | Path | None = None) -> Dataset:
    """Return a dataset from its files, which `fetch` brings, or simulate it.

    What is read differs from the published size: the series says so in its `notes`.

    Args:
        name: one of `DATASETS`.
        data_dir: the data folder; None = ``$STGRAPH_DATA``, else the cache of this platform.

    Raises:
        UnknownNameError: there is no such dataset.
        DataError: files are missing, or are not what they claim to be.
    """
    source = find_dataset(name)
    facts = source.facts
    dataset = source.read(facts, require(facts, data_folder(data_dir)))
    found = len(dataset.series), len(dataset.series.sensors)
    if found == (facts.steps, facts.sensors):
        return dataset
    note = (
        f"{name}: expected {facts.steps} steps of {facts.sensors} sensors as published, found {found[0]} of {found[1]}"
    )
    return replace(dataset, series=replace(dataset.series, notes=(*dataset.series.notes, note)))
