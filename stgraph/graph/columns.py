"""Columns of a table: found by one of their names, their cells read as numbers or as ids."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def is_table(data: object) -> "TypeGuard[pd.DataFrame]":
    """Tell a DataFrame from everything else without importing pandas."""
    return hasattr(data, "columns") and hasattr(data, "itertuples")


def places_of(table: "pd.DataFrame") -> list[str]:
    """Say where each row of a table stands, such as ``row 0``, or ``line 2`` where its index counts lines of a file.

    >>> import pandas as pd
    >>> places_of(pd.DataFrame({"a": [1.0]}, index=pd.Index([2], name="line")))
    ['line 2']
    """
    kind = "line" if table.index.name == "line" else "row"
    labels = table.index if kind == "line" else range(len(table))
    return [f"{kind} {label}" for label in labels]


def find_column(table: "pd.DataFrame", choices: Sequence[str], name: str) -> str:
    """Return the first column that has one of the names, whatever their case.

    Raises:
        DataError: names the table and the columns that it has.
    """
    found = optional_column(table, choices)
    if found is None:
        message = f"{name}: expected a column named {' or '.join(choices)}, found {[str(c) for c in table.columns]}"
        raise DataError(message)
    return found


def optional_column(table: "pd.DataFrame", choices: Sequence[str]) -> str | None:
    """Return the first column that has one of the names, whatever their case; None where there is none."""
    there = {str(column).strip().lower(): column for column in reversed(table.columns)}
    return next((there[choice] for choice in choices if choice in there), None)


def spell(sensor: object) -> str:
    """Spell an id; pandas and NumPy turn whole numbers into floats when they stand beside some."""
    return str(int(sensor)) if isinstance(sensor, float) and sensor.is_integer() else str(sensor)


def to_numbers(cells: Sequence[Any], name: str, places: Sequence[str]) -> NDArray[np.float64]:
    """Return the cells as numbers.

    Raises:
        DataError: names the place of the first cell that is not a number.
    """
    numbers = np.empty(len(cells))
    for k, cell in enumerate(cells):
        try:
            numbers[k] = float(cell)
        except (TypeError, ValueError) as error:
            message = f"{name}: {places[k]}: expected a number, found {cell!r}"
            raise DataError(message) from error
    return numbers
