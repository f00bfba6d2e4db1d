"""Series from a long DataFrame: one row a time and sensor, in any order."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.assemble import TIME_NAMES, assemble, numbers, table_row
from stgraph.series.times import StepLike, Tell, Times, Where, clock
from stgraph.series.traffic_series import TrafficSeries
from stgraph.series.wide import as_times

SENSOR_NAMES = frozenset({"sensor", "sensor_id", "station", "station_id", "detector", "detector_id"})
Codes = NDArray[np.intp]


def from_long(
    frame: pd.DataFrame,
    *,
    time: str | None = None,
    sensor: str | None = None,
    channels: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    missing: Sequence[float] = (),
    interval: StepLike | None = None,
    timezone: str | None = None,
    where: Where = table_row,
    tell: Tell | None = None,
) -> TrafficSeries:
    """Return the series of a long table; a time and sensor without a row are unobserved.

    Values stand in one column a channel, or in a column ``value`` beside a column ``channel``.
    Sensors are sorted, since the order of the rows means nothing.

    Args:
        frame: the table.
        time: its column of times; None = the one with a usual name (``time``, ``timestamp``, ...).
        sensor: its column of sensor ids; None = the one with a usual name (``sensor``, ``station``, ...).
        channels: channels to take; None = every one, that is every other column.
        units: one a channel; None = what a column ``unit`` says, else empty.
        missing: values that mean "not measured", besides NaN.
        interval: step of the series; found from the times where None.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        where: spells the place of a row for errors.
        tell: takes a sentence where several rows are of one time and sensor: the last value measured then counts;
            None = that is an error.

    Raises:
        DataError: a column that is not there, a cell that is no number, a time and sensor with two rows.

    >>> frame = pd.DataFrame({"time": ["2012-03-01 00:05", "2012-03-01 00:00"], "sensor": ["007", "007"]})
    >>> from_long(frame.assign(speed=[62.0, 64.0]), units=["mph"]).values.ravel()
    array([64., 62.], dtype=float32)
    """
    if frame.empty:
        message = f"{where(0)}: expected at least one row, found none"
        raise DataError(message)
    frame = frame.rename(columns=str)
    time = _column(frame, time, TIME_NAMES, where)
    sensor = _column(frame, sensor, SENSOR_NAMES, where)
    times, zone, t = _times(frame[time], timezone, where)
    sensors, n = _names(frame[sensor], where)
    key, cells, found = _cells(frame, (t, n), [time, sensor], channels, where)
    if tell is None:
        _refuse_repeats(key, [list(pd.DatetimeIndex(times)), sensors, found], where)
    else:
        times, key = _one_below_another(times, key)
    absent = [name for name in channels or () if name not in found]
    if absent:
        message = f"{where(0)}: expected the channels {absent}, found {found[:5]}"
        raise DataError(message)
    values = np.full((len(times), len(sensors), len(found)), np.nan, dtype=np.float32)
    values[key] = cells
    series = assemble(
        values,
        sensors,
        found,
        [""] * len(found),
        times=times,
        timezone=zone,
        interval=interval,
        missing=missing,
        where=lambda k: where(int((key[0] == k).argmax())),
        tell=tell,
    ).select(channels=None if channels is None else tuple(channels))
    if units is not None and len(units) != len(series.channels):
        message = f"{where(0)}: expected a unit for each channel of {series.channels}, found {tuple(units)}"
        raise DataError(message)
    return replace(series, units=_units(frame, series.channels, where) if units is None else tuple(units))


def is_long(names: Sequence[str]) -> bool:
    """Return whether columns of these names are those of a long table."""
    lower = {name.strip().lower() for name in names}
    return bool(lower & TIME_NAMES) and bool(lower & SENSOR_NAMES)


def is_stacked(names: Iterable[str]) -> bool:
    """Return whether values stand in one column `value` beside a column `channel`."""
    return {"channel", "value"} <= set(names)


def key_columns(names: Sequence[str]) -> list[str]:
    """Return the names of the columns of a long table that hold text: time and sensor, and channel and unit."""
    texts = TIME_NAMES | SENSOR_NAMES
    return [n for n in names if n.strip().lower() in texts or (is_stacked(names) and n in {"channel", "unit"})]


def _column(frame: pd.DataFrame, name: str | None, usual: frozenset[str], where: Where) -> str:
    """Return the column of a given name, or the one with a usual name."""
    columns = [str(column) for column in frame.columns]
    found = [c for c in columns if (c.strip().lower() in usual if name is None else c == name)]
    if len(found) != 1:
        wanted = f"one column {name!r}" if name is not None else f"one column of {', '.join(sorted(usual - {''}))}"
        message = f"{where(0)}: expected {wanted}, found columns {columns}"
        raise DataError(message)
    return found[0]


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


def _times(column: pd.Series, timezone: str | None, where: Where) -> tuple[Times, str | None, Codes]:
    """Return the sorted times, their zone, and the index of each row's time among them."""
    codes, stamps = _codes(column, where)
    first_rows = np.unique(codes, return_index=True)[1]

    def place(k: int) -> str:
        return f"{where(int(first_rows[k]))}, column {column.name!r}"

    moments, zone = clock(as_times(stamps, place), len(stamps), timezone=timezone, where=place)
    times, order = np.unique(moments, return_inverse=True)
    return times, zone, order[codes]


def _names(column: pd.Series, where: Where) -> tuple[list[str], Codes]:
    """Return the sorted names in a column, and the index of each row's name among them; numbers sort as numbers."""
    codes, found = _codes(column, where)
    names = [str(name).strip() for name in found]
    numeric = all(name.isascii() and name.isdecimal() for name in names)
    rising = sorted(set(names), key=lambda name: (len(name.lstrip("0")), name.lstrip("0"), name) if numeric else name)
    place = {name: i for i, name in enumerate(rising)}
    return rising, np.array([place[name] for name in names])[codes]


def _cells(
    frame: pd.DataFrame, row: tuple[Codes, Codes], keys: list[str], channels: Sequence[str] | None, where: Where
) -> tuple[tuple[Codes, ...], NDArray[np.float32], list[str]]:
    """Return where each row's numbers belong, the numbers, and the names of the channels."""
    if is_stacked(frame.columns):
        names, c = _names(frame["channel"], where)
        return (*row, c), numbers(frame[["value"]], where)[:, 0], names
    wanted = channels or [name for name in frame.columns if name not in keys]
    taken = [name for name in wanted if name in keys]
    if taken:
        message = f"{where(0)}: expected channels beside the columns {keys}, found {taken}"
        raise DataError(message)
    columns = [_column(frame, name, frozenset(), where) for name in wanted]
    if not columns:
        message = f"{where(0)}: expected a column of values beside {keys}, found none"
        raise DataError(message)
    return row, numbers(frame[columns], where), columns


def _units(frame: pd.DataFrame, channels: tuple[str, ...], where: Where) -> tuple[str, ...]:
    """Return what a column `unit` says of each channel, else empty texts."""
    if not {"channel", "unit"} <= set(frame.columns):
        return ("",) * len(channels)
    pairs = frame[["channel", "unit"]].drop_duplicates().astype(object).fillna("")
    units = {str(channel).strip(): str(unit) for channel, unit in pairs.itertuples(index=False)}
    if len(units) < len(pairs):
        message = f"{where(0)}, column 'unit': expected one unit a channel, found {pairs.to_numpy().tolist()[:5]}"
        raise DataError(message)
    return tuple(units[channel] for channel in channels)


def _refuse_repeats(key: tuple[Codes, ...], labels: Sequence[Sequence[object]], where: Where) -> None:
    """Raise an error where two rows have one key; it names both rows and what they share."""
    flat = np.ravel_multi_index(key, [len(names) for names in labels[: len(key)]])
    _, first, which, counts = np.unique(flat, return_index=True, return_inverse=True, return_counts=True)
    if (counts > 1).any():
        again = np.ones(len(flat), dtype=bool)
        again[first] = False
        k = int(again.argmax())
        shared = " and ".join(str(names[codes[k]]) for names, codes in zip(labels, key, strict=False))
        message = f"{where(k)}: {shared} stand in {where(int(first[which[k]]))} already; expected one row for each"
        raise DataError(message)


def _one_below_another(times: Times, key: tuple[Codes, ...]) -> tuple[Times, tuple[Codes, ...]]:
    """Return times and places anew, with a time of its own for each repetition of a place, in the order of the rows."""
    t, *others = key
    flat = pd.Series(np.ravel_multi_index(key, [int(codes.max()) + 1 for codes in key]))
    repetition = flat.groupby(flat).cumcount().to_numpy()
    stacked, t = np.unique(np.stack([t, repetition]), axis=1, return_inverse=True)
    return times[stacked[0]], (t, *others)
