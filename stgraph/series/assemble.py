"""The last steps that every reader shares: cells to numbers, numbers to a checked series."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.observed import ObservedRule
from stgraph.series.times import StepLike, Tell, Times, Where, checked_interval, to_step
from stgraph.series.traffic_series import NO_INTERVAL, TrafficSeries

TIME_NAMES = frozenset({"time", "timestamp", "datetime", "date_time", "date", "unnamed: 0", ""})


def table_row(k: int) -> str:
    """Spell the place of row `k` of a table, for errors."""
    return f"table, row {k}"


def is_time_name(name: object) -> bool:
    """Return whether a column of this name must hold times."""
    return name is None or str(name).strip().lower() in TIME_NAMES


def numbers(frame: pd.DataFrame, where: Where) -> NDArray[np.float32]:
    """Return the cells of a table as numbers, NaN where empty.

    Raises:
        DataError: names the row, the column and the cell that is no number.
    """
    values = np.empty(frame.shape, dtype=np.float32)
    for n, (name, cells) in enumerate(frame.items()):
        if cells.dtype.kind not in "biufO":
            found = "times; only the first column may hold them" if cells.dtype.kind == "M" else cells.dtype
            message = f"{where(0)}, column {name!r}: expected numbers, found {found}"
            raise DataError(message)
        column = pd.to_numeric(cells, errors="coerce")
        bad = (column.isna() & cells.notna()).to_numpy(bool)
        if bad.any():
            k = int(bad.argmax())
            message = f"{where(k)}, column {name!r}: expected a number or an empty cell, found {cells.iloc[k]!r}"
            raise DataError(message)
        with np.errstate(over="ignore"):
            values[:, n] = column.to_numpy(np.float64, na_value=np.nan)
        if np.isinf(values[:, n]).any():
            k = int(np.isinf(values[:, n]).argmax())
            message = f"{where(k)}, column {name!r}: expected a finite number, found {cells.iloc[k]}"
            raise DataError(message)
    return values


def assemble(
    values: NDArray[np.float32],
    sensors: Sequence[str],
    channels: Sequence[str],
    units: Sequence[str],
    *,
    times: Times,
    timezone: str | None,
    interval: StepLike | None,
    missing: Sequence[float],
    where: Where,
    tell: Tell | None = None,
) -> TrafficSeries:
    """Return the series of (T, N, C) values, NaN where nothing was measured.

    Where there is one to `tell`, rows may stand in any order and repeat a time: the last value measured counts.

    Raises:
        DataError: a repeated sensor, times that are not regular; names the row of the source.
    """
    repeated = [name for name, count in Counter(sensors).items() if count > 1]
    if repeated:
        message = f"{where(0)}: every sensor id must be unique, found {repeated[:5]} more than once"
        raise DataError(message)
    rule, rows = ObservedRule(tuple(missing)), np.arange(len(times))
    if tell is not None:
        times, values, rows = _put_right(times, values, rule, tell, where)
    given = NO_INTERVAL if interval is None else to_step(interval)
    step = checked_interval(times, given, lambda k: where(int(rows[k])))
    return TrafficSeries(
        values=values,
        observed=rule.observed(values),
        times=times,
        sensors=tuple(sensors),
        channels=tuple(channels),
        units=tuple(units),
        interval=step,
        timezone=timezone,
    )


def _put_right(
    times: Times, values: NDArray[np.float32], rule: ObservedRule, tell: Tell, where: Where
) -> tuple[Times, NDArray[np.float32], NDArray[np.intp]]:
    """Return rising times, their values, and the first row of each: of several rows the last value measured counts."""
    rising, first, which, count = np.unique(times, return_index=True, return_inverse=True, return_counts=True)
    if len(rising) == len(times):
        return rising, values[first], first
    merged = np.full((len(rising), *values.shape[1:]), np.nan, dtype=np.float32)
    for row, k in zip(values, which, strict=True):
        np.copyto(merged[k], row, where=rule.observed(row))
    again = np.flatnonzero(count > 1)
    place, stand = where(int(first[again].min())), "times stand" if len(again) > 1 else "time stands"
    tell(f"{place}: {len(again)} {stand} in several rows, here first; the last value measured counts")
    return rising, merged, first
