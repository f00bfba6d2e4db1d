"""PeMSD7(M): speeds on the freeways of Los Angeles, the working days of May and June 2012."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.datasets.dataset import Dataset, Source
from stgraph.datasets.facts import DataFile, DatasetFacts, on_github
from stgraph.datasets.metr_la import DL_TRAFF
from stgraph.delimited import rows
from stgraph.errors import DataError
from stgraph.files import is_number
from stgraph.graph import from_distances, read_positions
from stgraph.graph.tables import naming
from stgraph.series import from_wide

SIGMA = 10_000 * 0.1**0.5
"""Metres: the code of its authors divides by 10,000 and takes sigma^2 = 0.1."""
SMALLEST = 0.5
PER_DAY = 288
STATIONS = "sha256:5a9744215880f2ec1a5b3efdbd6ee662eb1533b9b3d68924d85f5e45c28a02fe"

FACTS = DatasetFacts(
    name="pemsd7-m",
    title="Los Angeles, District 7, working days, Caltrans PeMS",
    channels=("speed",),
    units=("mph",),
    sensors=228,
    steps=12_672,
    interval="5min",
    first="2012-05-01",
    last="2012-06-29",
    timezone="America/Los_Angeles",
    unobserved="nothing is marked: its authors interpolated the holes",
    adjacency="exp(-d^2 / sigma^2) of distances d, sigma^2 = 10 km^2, 0 below 0.5 and on the diagonal",
    directed=False,
    weighted=True,
    licence="none is stated with the data (the code of its authors is BSD 2-Clause); measured by Caltrans",
    citation="Yu, Yin, Zhu 2018, Spatio-temporal graph convolutional networks",
    link="https://arxiv.org/abs/1709.04875",
    files=(
        DataFile(
            "series",
            "pemsd7-m/V_228.csv",
            also=("pemsd7-m/PeMSD7_V_228.csv", "PEMSD7M/V_228.csv", "PeMSD7_V_228.csv", "V_228.csv"),
            addresses=(on_github(*DL_TRAFF, "PEMSD7M/V_228.csv", "git:178434b5316dfa068563da3ec245c017b4e5a7f7"),),
        ),
        DataFile(
            "distances",
            "pemsd7-m/W_228.csv",
            also=("pemsd7-m/PeMSD7_W_228.csv", "PEMSD7M/W_228.csv", "PeMSD7_W_228.csv", "W_228.csv"),
            size=1_300_402,
            addresses=(
                on_github(
                    *DL_TRAFF,
                    "PEMSD7M/W_228.csv",
                    "sha256:612b3b82d8e135075e93bc46f31b0dba557bf79024d99c15b753ce8f9301f886",
                ),
            ),
        ),
        DataFile(
            "positions",
            "pemsd7-m/PeMSD7_M_Station_Info.csv",
            also=("PEMSD7M/PeMSD7_M_Station_Info.csv", "PeMSD7_M_Station_Info.csv"),
            size=9_118,
            addresses=(
                on_github(
                    "VeritasYin/STGCN_IJCAI-18",
                    "747007ab01d56762c1a6bad89b255700cedf204d",
                    "dataset/PeMSD7_M_Station_Info.csv",
                    STATIONS,
                ),
            ),
            needed=False,
        ),
    ),
    by_hand="unzip dataset/PeMSD7_Full.zip of github.com/VeritasYin/STGCN_IJCAI-18 and take PeMSD7_V_228.csv and "
    "PeMSD7_W_228.csv",
    notes="44 days of 288 steps, weekends left out: each week is a segment; the list of stations is in the order of "
    "the distances, which are those between its positions to 1 %",
)


def read(facts: DatasetFacts, files: Mapping[str, Path]) -> Dataset:
    """Return the dataset of two bare matrices: speeds (days * 288, N), and distances (N, N) in metres."""
    distances = _matrix(files["distances"])
    speeds = _matrix(files["series"], len(distances))
    days, rest = divmod(len(speeds), PER_DAY)
    if rest or not days:
        message = f"{files['series']}: expected whole days of {PER_DAY} rows, found {len(speeds)} rows"
        raise DataError(message)
    ids, positions = tuple(str(n) for n in range(len(distances))), None
    if "positions" in files:
        ids, positions = read_positions(files["positions"])
    with naming(files["distances"]):
        far = np.where(np.eye(len(distances), dtype=bool), np.inf, distances)
        graph = from_distances(far, ids, sigma=SIGMA, threshold=SMALLEST, positions=positions)
    with naming(files["series"]):
        wide = pd.DataFrame(speeds, columns=pd.Index(ids))
        series = from_wide(wide, unit=facts.units[0], start=facts.first, interval=facts.interval)
        series = replace(series, times=_working_days(facts.first, days))
    return Dataset(facts, series, graph)


def _working_days(first: str, days: int) -> NDArray[np.datetime64]:
    """Return the times of all steps of so many days from Monday to Friday, holidays among them."""
    midnights = pd.bdate_range(first, periods=days).to_numpy("datetime64[ns]")
    return np.concatenate([midnight + np.arange(PER_DAY) * np.timedelta64(5, "m") for midnight in midnights])


def _matrix(path: Path, columns: int | None = None) -> NDArray[np.float64]:
    """Return the numbers of a table, without a header of column numbers and a column of row numbers before them."""
    (line, first), *body = rows(path)
    if not _counts(first):
        body = [(line, first), *body]
    for line, cells in body:
        bad = next((cell for cell in cells if not is_number(cell)), None)
        if bad is not None:
            message = f"{path}, line {line}: expected numbers, found {bad!r}"
            raise DataError(message)
    table = np.array([cells for _, cells in body], dtype=np.float64)
    if columns is not None and table.shape[1] == columns + 1:
        table = table[:, 1:]
    if table.shape[1] != (len(table) if columns is None else columns):
        wanted = "as many columns as rows" if columns is None else f"{columns} columns, one a sensor"
        message = f"{path}: expected {wanted}, found {table.shape[0]} rows of {table.shape[1]}"
        raise DataError(message)
    return table


def _counts(cells: list[str]) -> bool:
    """Tell whether cells are 0, 1, 2, ... or an empty one and these."""
    names = cells[1:] if not cells[0].strip() else cells
    return len(names) > 1 and names == [str(n) for n in range(len(names))]


SOURCE = Source(FACTS, read)
