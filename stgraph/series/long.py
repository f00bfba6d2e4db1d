"""Series from a long DataFrame: one row a time and sensor, in any order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.assemble import assemble, numbers, table_row
from stgraph.series.axes import name_axis
from stgraph.series.clock import clock
from stgraph.series.duplicates import Duplicates
from stgraph.series.observed import ObservedRule
from stgraph.series.records import Records
from stgraph.series.resampling import Resampling
from stgraph.series.roles import Layout, layout_of, role_of
from stgraph.series.times import StepLike, Times, Where
from stgraph.series.traffic_series import TrafficSeries
from stgraph.series.wide import as_times, holds_times

Codes = NDArray[np.intp]


def from_long(
    frame: pd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    channels: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    missing: Sequence[float] = (),
    interval: StepLike | None = None,
    timezone: str | None = None,
    duplicates: Duplicates | None = None,
    resample: Resampling | None = None,
    where: Where = table_row,
) -> TrafficSeries:
    """Return the series of a long table; a time and sensor without a row are unobserved.

    Values stand in one column a channel, or in a column ``value`` beside a column ``channel``.
    Sensors are sorted, since the order of the rows means nothing.

    Args:
        frame: the table.
        columns: what the columns hold, where they have no usual name: ``{"time": NAME, "sensor": NAME}``, and the
            column of a channel under the name of the channel, ``{"speed": NAME}``.
        channels: channels to take; None = those in `columns`, else speed, flow and occupancy, else every other column.
        units: one a channel; None = what a column ``unit`` or brackets in the name of a column say, else empty.
        missing: values that mean "not measured", besides NaN.
        interval: step of the source; found from the times where None.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        duplicates: what counts where rows of one time and sensor differ; None = that is an error.
        resample: the steps that rows at any times are brought to; None = times must be regular.
        where: spells the place of a row for errors.

    Raises:
        DataError: a column that is not there, a cell that is no number, rows of one time and sensor that differ.

    >>> frame = pd.DataFrame({"time": ["2012-03-01 00:05", "2012-03-01 00:00"], "sensor": ["007", "007"]})
    >>> from_long(frame.assign(speed=[62.0, 64.0]), units=["mph"]).values.ravel()
    array([64., 62.], dtype=float32)
    """
    if frame.empty:
        message = f"{where(0)}: expected at least one row, found none"
        raise DataError(message)
    frame = with_times(frame.rename(columns=str), columns or {})
    timed = holds_times(frame.iloc[:, 0])
    layout = layout_of(list(frame.columns), columns or {}, channels or (), where(0), timed=timed)
    if layout.sensor is None or layout.time is None:
        message = f"{where(0)}: expected a column of sensors, found columns {list(frame.columns)}"
        raise DataError(message)
    sensors, n = _names(frame[layout.sensor], where)
    times, zone = _times(frame[layout.time], n, timezone, where)
    names, cells = _cells(frame, layout, where)
    said = _units(frame, layout, names, where)
    records = Records(
        times=times,
        cells=cells[:, None],
        sensors=sensors,
        channels=names,
        units=said,
        timezone=zone,
        where=where,
        rule=ObservedRule(tuple(missing)),
        owners=n,
        columns=tuple(layout.numbers) if layout.stacked is None else names,
        notes=layout.notes,
    )
    records = _chosen(records, channels, units)
    return assemble(records, interval=interval, duplicates=duplicates, resample=resample)


def with_times(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return a table with its index as a column where that holds the times of a long table."""
    roles = {role_of(name) for name in frame.columns} | set(columns)
    if not isinstance(frame.index, pd.DatetimeIndex) or "sensor" not in roles or "time" in roles:
        return frame
    return frame.reset_index(names="time")


def _chosen(records: Records, channels: Sequence[str] | None, units: Sequence[str] | None) -> Records:
    """Return the records of the channels that are asked for, in the units that are given."""
    where, found = records.where, records.channels
    wanted = tuple(channels or found)
    absent = [name for name in wanted if name not in found]
    if absent:
        message = f"{where(0)}: expected the channels {absent}, found {list(found[:5])}"
        raise DataError(message)
    if units is not None and len(units) != len(wanted):
        message = f"{where(0)}: expected a unit for each channel of {wanted}, found {tuple(units)}"
        raise DataError(message)
    places = [found.index(name) for name in wanted]
    return replace(
        records,
        cells=records.cells[:, :, places],
        channels=wanted,
        units=tuple(units) if units is not None else tuple(records.units[k] for k in places),
        columns=tuple(records.columns[k] for k in places),
    )


def _codes(column: pd.Series, where: Where) -> tuple[Codes, pd.Index]:
    try:
        codes, found = pd.factorize(column)
    except TypeError as error:
        message = f"{where(0)}, column {column.name!r}: expected text or times, found {column.iloc[0]!r}"
        raise DataError(message) from error
    if (codes < 0).any():
        message = f"{where(int((codes < 0).argmax()))}, column {column.name!r}: expected a value, found an empty cell"
        raise DataError(message)
    return codes, pd.Index(found)


def _times(column: pd.Series, sensors: Codes, timezone: str | None, where: Where) -> tuple[Times, str | None]:
    """Return the time of each row, and the zone of times in UTC."""
    codes, stamps = _codes(column, where)
    first_rows = np.unique(codes, return_index=True)[1]
    found = as_times(stamps, lambda k: f"{where(int(first_rows[k]))}, column {column.name!r}")
    return clock(
        found,
        len(column),
        timezone=timezone,
        where=lambda k: f"{where(k)}, column {column.name!r}",
        rows=codes,
        sensors=sensors,
    )


def _names(column: pd.Series, where: Where) -> tuple[tuple[str, ...], Codes]:
    """Return the sorted names in a column, and the index of each row's name among them."""
    codes, found = _codes(column, where)
    names, places = name_axis([str(name).strip() for name in found])
    return names, places[codes]


def _cells(frame: pd.DataFrame, layout: Layout, where: Where) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return the names of the channels, and the (R, C) numbers."""
    cells = numbers(frame[layout.numbers], where)
    if layout.stacked is None:
        return tuple(channel for channel, _ in layout.channels), cells
    names, c = _names(frame[layout.stacked[0]], where)
    spread = np.full((len(cells), len(names)), np.nan, dtype=np.float32)
    spread[np.arange(len(cells)), c] = cells[:, 0]
    return names, spread


def _units(frame: pd.DataFrame, layout: Layout, channels: Sequence[str], where: Where) -> tuple[str, ...]:
    """Return what a column of units, or brackets in the name of a column, say of each channel."""
    if layout.stacked is None:
        return layout.units
    if layout.unit is None:
        return ("",) * len(channels)
    pairs = frame[[layout.stacked[0], layout.unit]].drop_duplicates().astype(object).fillna("")
    units = {str(channel).strip(): str(unit) for channel, unit in pairs.itertuples(index=False)}
    if len(units) < len(pairs):
        found = pairs.to_numpy().tolist()[:5]
        message = f"{where(0)}, column {layout.unit!r}: expected one unit a channel, found {found}"
        raise DataError(message)
    return tuple(units[channel] for channel in channels)
