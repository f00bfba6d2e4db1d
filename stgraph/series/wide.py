"""Series from a wide DataFrame: one row a time, one column a sensor."""

from collections.abc import Sequence

import pandas as pd

from stgraph.errors import DataError
from stgraph.series.assemble import assemble, is_time_name, numbers, table_row
from stgraph.series.times import StepLike, Tell, TimeLike, Where, clock, parse_times
from stgraph.series.traffic_series import TrafficSeries


def from_wide(
    frame: pd.DataFrame,
    *,
    channel: str = "speed",
    unit: str = "",
    missing: Sequence[float] = (),
    start: TimeLike | None = None,
    interval: StepLike | None = None,
    timezone: str | None = None,
    where: Where = table_row,
    tell: Tell | None = None,
) -> TrafficSeries:
    """Return the series of a wide table: one row a time, one column a sensor; an empty cell = unobserved.

    Times come from the index or the first column, else from `start` and `interval`.

    Args:
        frame: T rows, N columns of numbers; the column names are the sensor ids.
        channel: what is measured.
        unit: its unit.
        missing: values that mean "not measured", besides NaN.
        start: time of the first row, where the table has no times.
        interval: step between rows; found from the times where the table has them.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        where: spells the place of a row for errors.
        tell: takes a sentence where several rows are of one time: the last value measured then counts, and rows may
            stand in any order; None = both are errors.

    Raises:
        DataError: a cell that is no number, times that are missing or irregular, a repeated sensor id.

    >>> frame = pd.DataFrame({"773869": [64.4, 62.7], "767541": [67.6, None]})
    >>> from_wide(frame, unit="mph", start="2012-03-01", interval="5min")
    TrafficSeries(steps=2, sensors=2, speed [mph], 2012-03-01 00:00:00 .. 2012-03-01 00:05:00, observed=75.0%)
    """
    if frame.columns.nlevels > 1:
        message = f"{where(0)}: expected one level of columns, the sensor ids, found levels {list(frame.columns.names)}"
        raise DataError(message)
    stamps, cells = _split_times(frame, where)
    if cells.empty:
        message = f"{where(0)}: expected at least one row and one sensor, found {len(cells)} and {cells.shape[1]}"
        raise DataError(message)
    times, zone = clock(stamps, len(cells), start=start, interval=interval, timezone=timezone, where=where)
    return assemble(
        numbers(cells, where)[:, :, None],
        [str(name) for name in cells.columns],
        [channel],
        [unit],
        times=times,
        timezone=zone,
        interval=interval,
        missing=missing,
        where=where,
        tell=tell,
    )


def _split_times(frame: pd.DataFrame, where: Where) -> tuple[pd.DatetimeIndex | None, pd.DataFrame]:
    """Return the times of a table, None where it has none, and its other columns."""
    index = frame.index
    if isinstance(index, pd.DatetimeIndex) or (len(index) and pd.api.types.is_string_dtype(index)):
        return as_times(index, where), frame
    if len(frame) and frame.shape[1]:
        first = frame.iloc[:, 0]
        text = pd.api.types.is_string_dtype(first)
        if text or is_time_name(frame.columns[0]) or pd.api.types.is_datetime64_any_dtype(first):
            return as_times(pd.Index(first), where), frame.iloc[:, 1:]
    return None, frame


def as_times(index: pd.Index, where: Where) -> pd.DatetimeIndex:
    """Return times given as text or as timestamps."""
    if pd.api.types.is_datetime64_any_dtype(index):
        return pd.DatetimeIndex(index)
    return parse_times([str(text) for text in index], where)
