"""Long files, some rows at a time: a file of any length in the memory of a few rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.assemble import TIME_NAMES, numbers
from stgraph.series.csv_table import long_tables
from stgraph.series.delimited import rows
from stgraph.series.long import SENSOR_NAMES, is_long, is_stacked
from stgraph.series.observed import ObservedRule

AT_ONCE = 2**15


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a long file.

    Args:
        times: (R,) texts, or timestamps.
        sensors: (R,) texts.
        values: (R, K) finite, or NaN where nothing was measured.
        columns: K names of channels; empty where each row names its own.
        lines: (R,) places in the file.
        source: what stands before the number of a line in an error.
        channels: (R,) texts where `columns` is empty, else None.
        units: pairs of channel and unit that the file names.
    """

    times: "pd.Categorical[Any]"
    sensors: "pd.Categorical[Any]"
    values: NDArray[np.float32]
    columns: tuple[str, ...]
    lines: NDArray[np.int64]
    source: str
    channels: "pd.Categorical[Any] | None" = None
    units: frozenset[tuple[str, str]] = frozenset()


def is_long_file(path: Path) -> bool:
    """Return whether the first row of a text file names the columns of a long table."""
    return is_long(next(rows(path))[1])


def long_rows(path: Path, *, channels: Sequence[str] = (), missing: Sequence[float] = ()) -> Iterator[Rows]:
    """Yield the rows of a long text file, some at a time; see `read_csv`.

    Args:
        path: the file.
        channels: columns of values to take; empty = every other column.
        missing: values that mean "not measured", besides empty cells.

    Raises:
        DataError: names the file, the line, the column, what was expected and what was found.
    """
    rule = ObservedRule(tuple(missing))
    for table, lines in long_tables(path, channels=channels, size=AT_ONCE):

        def where(k: int, lines: Sequence[int] = lines) -> str:
            return f"{path}, line {lines[k]}"

        names = [str(name) for name in table.columns]
        time, sensor = (_only(names, usual, where(0)) for usual in (TIME_NAMES, SENSOR_NAMES))
        stacked = is_stacked(names)
        columns = ["value"] if stacked else list(channels or [name for name in names if name not in {time, sensor}])
        absent = [name for name in columns if name not in names or name in {time, sensor}]
        if absent or not columns:
            wanted = f"the channels {absent}" if absent else "a column of values"
            message = f"{where(0)}: expected {wanted} beside {[time, sensor]}, found columns {names}"
            raise DataError(message)
        values = numbers(table[columns], where)
        values[~rule.observed(values)] = np.nan
        kept = np.isin(table["channel"], channels) if stacked and channels else np.ones(len(table), bool)
        yield Rows(
            times=pd.Categorical(table[time])[kept],
            sensors=pd.Categorical(table[sensor])[kept],
            values=values[kept],
            columns=() if stacked else tuple(columns),
            lines=np.array(lines)[kept],
            source=f"{path}, line",
            channels=pd.Categorical(table["channel"])[kept] if stacked else None,
            units=_units(table[kept]) if stacked else frozenset(),
        )


def _only(names: Sequence[str], usual: frozenset[str], place: str) -> str:
    found = [name for name in names if name.strip().lower() in usual]
    if len(found) != 1:
        message = f"{place}: expected one column of {', '.join(sorted(usual - {''}))}, found columns {list(names)}"
        raise DataError(message)
    return found[0]


def _units(table: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """Return what a column `unit` says of each channel."""
    if "unit" not in table:
        return frozenset()
    pairs = table[["channel", "unit"]].drop_duplicates()
    return frozenset((str(channel), str(unit)) for channel, unit in pairs.itertuples(index=False))
