"""Tables of sensor pairs, from and to with a number beside them: what edge lists and distances share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError, UnknownNameError
from stgraph.graph.columns import find_column, is_table, optional_column, places_of, spell, to_numbers

FROM, TO = ("from", "source"), ("to", "target")


@dataclass(frozen=True)
class Pairs:
    """Pairs of sensors by index.

    Args:
        ids: N sensor ids.
        source: (E,) index of the sensor that the pair starts from.
        target: (E,) index of the sensor that it leads to.
        value: (E,) the number beside the pair, or None where the table has none.
        places: (E,) where the pair stands, such as ``row 0`` (below any header) or ``line 2`` of a file.
    """

    ids: tuple[str, ...]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    value: NDArray[np.float64] | None
    places: Sequence[str]


def read_pairs(
    table: Iterable[Any],
    ids: Iterable[str] | None,
    *,
    name: str,
    values: tuple[str, ...],
    ignore_unknown: bool = False,
) -> Pairs:
    """Find the sensors of each row in `ids`.

    Args:
        table: rows of (from, to) or (from, to, value), or a DataFrame with the columns `from` or `source`, `to` or
            `target`, and one of `values`. A whole number matches the id that spells it.
        ids: N sensor ids; those of the table, in the order in which they appear, where None.
        name: what to call the table in an error.
        values: names that the column of numbers may have.
        ignore_unknown: leave out rows with a sensor that is not in `ids`.

    Raises:
        DataError: a missing column, a row of another length, a cell that is not a number.
        UnknownNameError: a sensor that is not in `ids`.

    >>> read_pairs([("a", "b"), ("b", "c")], ("a", "b", "c"), name="edges", values=("weight",)).target
    array([1, 2])
    """
    cells = _rows(table, name, values)
    places = places_of(table) if is_table(table) else [f"row {row}" for row in range(len(cells))]
    pairs = [(spell(row[0]), spell(row[1])) for row in cells]
    sensors = dict.fromkeys(sensor for pair in pairs for sensor in pair) if ids is None else ids
    names = tuple(str(sensor) for sensor in sensors)
    place = {sensor: i for i, sensor in enumerate(names)}
    index = np.array([(place.get(s, -1), place.get(t, -1)) for s, t in pairs], dtype=np.int64).reshape(-1, 2)
    known = (index >= 0).all(1)
    if not ignore_unknown and not known.all():
        row = int(np.flatnonzero(~known)[0])
        unknown = next(sensor for sensor in pairs[row] if sensor not in place)
        message = (
            f"{name}: {places[row]} names the sensor {unknown!r}, which is not one of the {len(names)} ids "
            f"({', '.join(names[:5])}{', ...' if len(names) > 5 else ''}); {int((~known).sum())} such rows in all"
        )
        raise UnknownNameError(message)
    rows = np.flatnonzero(known).tolist()
    kept = [places[row] for row in rows]
    value = to_numbers([cells[row][2] for row in rows], name, kept) if cells and len(cells[0]) == 3 else None
    return Pairs(names, index[rows, 0], index[rows, 1], value, kept)


def _rows(table: Iterable[Any], name: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
    if is_table(table):
        columns = [find_column(table, FROM, name), find_column(table, TO, name), optional_column(table, values)]
        return list(zip(*(table[column] for column in columns if column is not None), strict=True))
    rows = [tuple(row) for row in table]
    for k, row in enumerate(rows):
        if len(row) not in {2, 3} or len(row) != len(rows[0]):
            message = f"{name}: row {k}: expected (from, to) or (from, to, number) as in row 0, found {row}"
            raise DataError(message)
    return rows
