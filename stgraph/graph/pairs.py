"""Tables of sensor pairs, from and to with a number beside them: what edge lists and distances share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

FROM, TO = ("from", "source"), ("to", "target")


@dataclass(frozen=True)
class Pairs:
    """Pairs of sensors by index.

    Args:
        source: (E,) index of the sensor that the pair starts from.
        target: (E,) index of the sensor that it leads to.
        value: (E,) the number beside the pair, or None where the table has none.
        row: (E,) the row that gave the pair, counted from 0 below any header.
    """

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    value: NDArray[np.float64] | None
    row: NDArray[np.int64]


def is_table(data: object) -> "TypeGuard[pd.DataFrame]":
    """Tell a DataFrame from everything else without importing pandas."""
    return hasattr(data, "columns") and hasattr(data, "itertuples")


def read_pairs(
    table: Iterable[Any],
    ids: tuple[str, ...],
    *,
    name: str,
    values: tuple[str, ...],
    ignore_unknown: bool = False,
) -> Pairs:
    """Find the sensors of each row in `ids`.

    Args:
        table: rows of (from, to) or (from, to, value), or a DataFrame with the columns `from` or `source`, `to` or
            `target`, and one of `values`. A whole number matches the id that spells it.
        ids: N sensor ids.
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
    place = {sensor: i for i, sensor in enumerate(ids)}
    pairs = [(_spell(row[0]), _spell(row[1])) for row in cells]
    index = np.array([(place.get(s, -1), place.get(t, -1)) for s, t in pairs], dtype=np.int64).reshape(-1, 2)
    known = (index >= 0).all(1)
    if not ignore_unknown and not known.all():
        row = int(np.flatnonzero(~known)[0])
        unknown = next(sensor for sensor in pairs[row] if sensor not in place)
        message = (
            f"{name}: row {row} names the sensor {unknown!r}, which is not one of the {len(ids)} ids "
            f"({', '.join(ids[:5])}{', ...' if len(ids) > 5 else ''}); {int((~known).sum())} such rows in all"
        )
        raise UnknownNameError(message)
    rows = np.flatnonzero(known).astype(np.int64)
    value = to_numbers([cells[row][2] for row in rows], name, rows) if cells and len(cells[0]) == 3 else None
    return Pairs(index[rows, 0], index[rows, 1], value, rows)


def to_numbers(cells: Sequence[Any], name: str, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the cells as numbers.

    Raises:
        DataError: names the row of the first cell that is not a number.
    """
    numbers = np.empty(len(cells))
    for k, cell in enumerate(cells):
        try:
            numbers[k] = float(cell)
        except (TypeError, ValueError) as error:
            message = f"{name}: row {rows[k]}: expected a number, found {cell!r}"
            raise DataError(message) from error
    return numbers


def _rows(table: Iterable[Any], name: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
    if is_table(table):
        columns = [_column(table, name, FROM), _column(table, name, TO)]
        columns += [column for column in values if column in table.columns][:1]
        return list(table[columns].itertuples(index=False, name=None))
    rows = [tuple(row) for row in table]
    for k, row in enumerate(rows):
        if len(row) not in {2, 3} or len(row) != len(rows[0]):
            message = f"{name}: row {k}: expected (from, to) or (from, to, number) as in row 0, found {row}"
            raise DataError(message)
    return rows


def _column(table: "pd.DataFrame", name: str, choices: tuple[str, ...]) -> str:
    for choice in choices:
        if choice in table.columns:
            return choice
    message = f"{name}: expected a column named {' or '.join(choices)}, found {[str(c) for c in table.columns]}"
    raise DataError(message)


def _spell(sensor: object) -> str:
    """Spell an id; pandas and NumPy turn whole numbers into floats when they stand beside some."""
    return str(int(sensor)) if isinstance(sensor, float) and sensor.is_integer() else str(sensor)
