"""The motorway ring of Amsterdam, mornings and afternoons of 2018."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stgraph.datasets.arrays import read_arrays
from stgraph.datasets.dataset import Dataset, Source
from stgraph.datasets.facts import DataFile, DatasetFacts
from stgraph.errors import DataError
from stgraph.graph import from_edges, read_positions, read_table
from stgraph.graph.columns import find_column
from stgraph.graph.tables import naming
from stgraph.series import TrafficSeries

HOLES = {"speed": 255, "flow": 65_535}
"""What stands where nothing was measured: the largest number of the type."""
BEGINS = {"morning": np.timedelta64(7, "h"), "evening": np.timedelta64(14, "h")}
STEP = np.timedelta64(2, "m")

FACTS = DatasetFacts(
    name="amsterdam-2018",
    title="Motorway ring of Amsterdam, mornings and afternoons",
    channels=("speed", "flow"),
    units=("km/h", "veh/h"),
    sensors=193,
    steps=120_030,
    interval="2min",
    first="2018-01-01",
    last="2018-12-31",
    timezone="Europe/Amsterdam",
    missing=(255, 65_535),
    unobserved="speed 255 and flow 65535: 0.8 % of the values",
    adjacency="1 from each segment to the next ones downstream",
    directed=True,
    weighted=False,
    licence="not known: ask its authors",
    citation="Li, Knoop, van Lint 2023, Distil the informative essence of loop detector data set",
    link="https://arxiv.org/abs/2310.20366",
    files=(
        DataFile("series", "amsterdam-2018/decoded_2018.npz", size=47_729_460),
        DataFile("dates", "amsterdam-2018/evening_dates.csv", size=5_370),
        DataFile("adjacency", "amsterdam-2018/edges.csv", size=1_350),
        DataFile("positions", "amsterdam-2018/segments.csv", size=8_123, needed=False),
    ),
    by_hand="ask the authors of the paper for the year 2018, as arrays speed_morning, speed_evening, flow_morning and "
    "flow_evening of (days, segments, steps), the dates of the evenings, the edges and the middles of the segments",
    notes="07:00 to 10:58 of 365 days and 14:00 to 20:58 of 363: each piece is a segment of the series; which evenings "
    "are missing (7 August and 27 November) is inferred",
)


def read(facts: DatasetFacts, files: Mapping[str, Path]) -> Dataset:
    """Return the dataset of arrays (days, N, steps) of mornings and evenings, in the order of time."""
    path = files["series"]
    arrays = read_arrays(path, {f"{name}_{part}": 3 for part in BEGINS for name in facts.channels})
    first = np.datetime64(facts.first)
    days = {
        "morning": first + np.arange(len(arrays["speed_morning"])),
        "evening": _dates(files["dates"], len(arrays["speed_evening"])),
    }
    with naming(path):
        pieces = {part: _flat(arrays, part, facts.channels) for part in BEGINS}
        times = np.concatenate([_times(days[part], begin, arrays, part) for part, begin in BEGINS.items()])
        order = np.argsort(times, kind="stable")
        cells = np.concatenate(list(pieces.values()))[order]
        observed = cells != [HOLES[name] for name in facts.channels]
        cells[~observed] = 0
        ids = tuple(str(n) for n in range(cells.shape[1]))
        series = TrafficSeries(cells, observed, times[order], ids, facts.channels, facts.units)
    positions = read_positions(files["positions"], ids)[1] if "positions" in files else None
    table = read_table(files["adjacency"])
    with naming(files["adjacency"]):
        return Dataset(facts, series, from_edges(table, ids, positions=positions))


def _flat(arrays: Mapping[str, NDArray[Any]], part: str, channels: tuple[str, ...]) -> NDArray[np.float32]:
    """Return (days * steps, N, C)."""
    shapes = {arrays[f"{name}_{part}"].shape for name in channels}
    if len(shapes) > 1:
        message = f"{part}: expected speed and flow of one shape, found {sorted(shapes)}"
        raise DataError(message)
    _, sensors, _ = shapes.pop()
    cells = [arrays[f"{name}_{part}"].transpose(0, 2, 1).reshape(-1, sensors) for name in channels]
    return np.stack(cells, axis=-1).astype(np.float32)


def _times(
    days: NDArray[np.datetime64], begin: np.timedelta64, arrays: Mapping[str, NDArray[Any]], part: str
) -> NDArray[np.datetime64]:
    """Return the (days * steps,) times of the pieces that begin so long after midnight."""
    steps = arrays[f"speed_{part}"].shape[2]
    return np.concatenate([day.astype("datetime64[ns]") + begin + np.arange(steps) * STEP for day in days])


def _dates(path: Path, count: int) -> NDArray[np.datetime64]:
    """Return the days of the evenings."""
    table = read_table(path)
    with naming(path):
        texts = table[find_column(table, ("inferred_date", "date"), "evenings")]
        try:
            dates = np.array(texts.tolist(), dtype="datetime64[D]")
        except ValueError as error:
            message = f"evenings: expected dates such as 2018-01-01 ({error})"
            raise DataError(message) from error
        if len(dates) != count:
            message = f"evenings: expected a date for each of {count}, found {len(dates)}"
            raise DataError(message)
        return dates


SOURCE = Source(FACTS, read)
