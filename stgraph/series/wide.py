"""Series from a wide DataFrame: one row a time, one column a sensor."""

from collections.abc import Mapping, Sequence

import pandas as pd

from stgraph.errors import DataError
from stgraph.series.assemble import assemble, numbers, table_row
from stgraph.series.clock import clock
from stgraph.series.duplicates import Duplicates
from stgraph.series.observed import ObservedRule
from stgraph.series.records import Records
from stgraph.series.resampling import Resampling
from stgraph.series.roles import layout_of
from stgraph.series.times import StepLike, TimeLike, Where, parse_times
from stgraph.series.traffic_series import TrafficSeries


def from_wide(
    frame: pd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    channel: str = "speed",
    unit: str = "",
    missing: Sequence[float] = (),
    start: TimeLike | None = None,
    interval: StepLike | None = None,
    timezone: str | None = None,
    duplicates: Duplicates | None = None,
    resample: Resampling | None = None,
    where: Where = table_row,
) -> TrafficSeries:
    """Return the series of a wide table: one row a time, one column a sensor; an empty cell = unobserved.

    Times come from the index, a column with a usual name, or the first column, else from `start` and `interval`.

    Args:
        frame: T rows, N columns of numbers; the column names are the sensor ids.
        columns: the column of times, ``{"time": NAME}``, where it has no usual name.
        channel: what is measured.
        unit: its unit.
        missing: values that mean "not measured", besides NaN.
        start: time of the first row, where the table has no times.
        interval: step between rows; found from the times where the table has them.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        duplicates: what counts where rows of one time differ, and rows may then stand in any order; None = both are
            errors.
        resample: the steps that rows at any times are brought to; None = times must be regular.
        where: spells the place of a row for errors.

    Raises:
        DataError: a cell that is no number, times that are missing or irregular, a repeated sensor id.

    >>> frame = pd.DataFrame({"773869": [64.4, 62.7], "767541": [67.6, None]})
    >>> from_wide(frame, unit="mph", start="2012-03-01", interval="5min")
    TrafficSeries(steps=2, sensors=2, speed [mph], 2012-03-01 00:00:00 .. 2012-03-01 00:05:00, observed=75.0%)
    """
    if frame.columns.nlevels > 1:
        message = f"{where(0)}: expected one level of columns, the sensor ids, found levels {list(frame.columns.names)}"
        raise DataError(message)
    stamps, table = _split_times(frame, columns or {}, where)
    if table.empty:
        message = f"{where(0)}: expected at least one row and one sensor, found {len(table)} and {table.shape[1]}"
        raise DataError(message)
    times, zone = clock(stamps, len(table), start=start, interval=interval, timezone=timezone, where=where)
    sensors = tuple(str(name) for name in table.columns)
    records = Records(
        times=times,
        cells=numbers(table, where)[:, :, None],
        sensors=sensors,
        channels=(channel,),
        units=(unit,),
        timezone=zone,
        where=where,
        rule=ObservedRule(tuple(missing)),
        columns=sensors,
    )
    return assemble(records, interval=interval, duplicates=duplicates, resample=resample)


def _split_times(
    frame: pd.DataFrame, columns: Mapping[str, str], where: Where
) -> tuple[pd.DatetimeIndex | None, pd.DataFrame]:
    """Return the times of a table, None where it has none, and its other columns."""
    index, names = frame.index, [str(name) for name in frame.columns]
    if not columns and (isinstance(index, pd.DatetimeIndex) or (len(index) and pd.api.types.is_string_dtype(index))):
        return as_times(index, where), frame
    timed = bool(len(frame) and names) and holds_times(frame.iloc[:, 0])
    time = layout_of(names, columns, (), where(0), timed=timed).time
    if time is None or frame.empty:
        return None, frame
    k = names.index(time)
    return as_times(pd.Index(frame.iloc[:, k]), where), frame.iloc[:, [n for n in range(len(names)) if n != k]]


def holds_times(column: pd.Series) -> bool:
    """Return whether the first column of a table, whatever its name, must hold times: text, or timestamps."""
    return pd.api.types.is_string_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)


def as_times(index: pd.Index, where: Where) -> pd.DatetimeIndex:
    """Return times given as text or as timestamps."""
    if pd.api.types.is_datetime64_any_dtype(index):
        return pd.DatetimeIndex(index)
    return parse_times([str(text) for text in index], where)
