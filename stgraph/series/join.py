"""Rows of long files, in any order, to arrays: in memory, or in files that are never in memory as a whole."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.axes import Places, name_axis, time_axis
from stgraph.series.bar import Bar
from stgraph.series.blocks import blocks
from stgraph.series.rows import Rows
from stgraph.series.spool import LABELS, Spool
from stgraph.series.times import StepLike, Times, checked_interval, to_step
from stgraph.series.traffic_series import NO_INTERVAL, TrafficSeries

Arrays = Callable[[], tuple[NDArray[np.float32], NDArray[np.bool_]]]
"""Gives the (T, N, C) values and observed to write to; those of files anew each time, so that none stays in memory."""


@dataclass(frozen=True, eq=False)
class Axes:
    """What a series is but its values, and where the labels of a spool stand on its axes.

    Args:
        times: (T,) rising.
        timezone: of the times.
        interval: of the times.
        sensors: N ids.
        channels: C names.
        units: C units.
        places: of the labels of times, sensors and channels.
    """

    times: Times
    timezone: str | None
    interval: np.timedelta64
    sensors: tuple[str, ...]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    places: tuple[Places, Places, Places]

    @property
    def shape(self) -> tuple[int, int, int]:
        """T, N, C."""
        return len(self.times), len(self.sensors), len(self.channels)


def joined(
    pieces: Iterable[Rows], *, interval: StepLike, timezone: str | None, files: int, progress: bool
) -> TrafficSeries:
    """Return the series of the rows of some files, in memory, with a bar where `progress` is asked for.

    Raises:
        DataError: see `axes_of` and `fill`.
    """
    with tempfile.TemporaryFile() as file, Bar(files, shown=progress) as bar:
        spool = spooled(bar.reading(pieces), file)
        axes = axes_of(spool, interval=interval, timezone=timezone)
        values, observed = np.zeros(axes.shape, dtype=np.float32), np.zeros(axes.shape, dtype=np.bool_)
        fill(spool, axes, lambda: (values, observed), bar)
    return series_of(axes, values, observed)


def spooled(pieces: Iterable[Rows], file: BinaryIO) -> Spool:
    """Return all rows, in a file."""
    spool = Spool(file)
    for rows in pieces:
        spool.add(rows)
    return spool


def series_of(axes: Axes, values: NDArray[np.float32], observed: NDArray[np.bool_]) -> TrafficSeries:
    """Return the series of arrays that `fill` has filled: what it marks as observed is finite."""
    return TrafficSeries(
        values=values,
        observed=observed,
        times=axes.times,
        sensors=axes.sensors,
        channels=axes.channels,
        units=axes.units,
        interval=axes.interval,
        timezone=axes.timezone,
        checked=True,
    )


def axes_of(
    spool: Spool,
    *,
    timezone: str | None = None,
    interval: StepLike | None = None,
    channels: Sequence[str] = (),
    units: Sequence[str] = (),
) -> Axes:
    """Return the axes of the series that spooled rows make.

    Args:
        spool: all rows.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        interval: step of the series; found from the times where None.
        channels: order of the channels where each row names its own; empty = sorted.
        units: one a channel; empty = what the files say.

    Raises:
        DataError: no row, times that are not regular, a channel without a row, another number of units.
    """
    if not spool.rows:
        message = "expected at least one row, found none"
        raise DataError(message)
    times, zone, t = time_axis(list(spool.labels["time"]), timezone, spool.place_of_time)
    first = np.unique(t, return_index=True)[1]
    step = NO_INTERVAL if interval is None else to_step(interval)
    step = checked_interval(times, step, lambda k: spool.place_of_time(int(first[k])))
    sensors, n = name_axis([str(name) for name in spool.labels["sensor"]])
    names, c = _channels(spool, channels)
    if units and len(units) != len(names):
        message = f"{spool.place_of_time(0)}: expected a unit for each channel of {names}, found {tuple(units)}"
        raise DataError(message)
    said = tuple(units) or tuple(spool.units.get(name, "") for name in names)
    return Axes(times, zone, step, sensors, names, said, (t, n, c))


def _channels(spool: Spool, order: Sequence[str]) -> tuple[tuple[str, ...], Places]:
    if spool.columns:
        return spool.columns, np.zeros(1, dtype=np.intp)
    labels = [str(name) for name in spool.labels["channel"]]
    absent = [name for name in order if name not in labels]
    if absent:
        message = f"{spool.place_of_time(0)}: expected the channels {absent}, found {labels[:5]}"
        raise DataError(message)
    return (tuple(order), np.array([order.index(name) for name in labels])) if order else name_axis(labels)


def fill(spool: Spool, axes: Axes, arrays: Arrays, bar: Bar) -> None:
    """Put spooled rows in their places; `observed`, all False before, is True where a row has a number.

    Raises:
        DataError: two rows for one time, sensor and channel; names both.
    """
    steps, sensors, channels = axes.shape
    parts = list(blocks(0, steps, sensors * channels))
    for records in bar.storing(spool, spool.rows):
        t, n, c = _places(records, axes)
        order = np.argsort(t, kind="stable")
        bounds = np.searchsorted(t[order], [first for first, _ in parts[1:]])
        for (first, last), rows in zip(parts, np.split(order, bounds), strict=True):
            if len(rows):
                place = t[rows] - first, n[rows], c[rows]
                again = _put(arrays, first, last, place, records["values"][rows])
                if again.any():
                    k = rows[again.argmax()]
                    raise _repeated(spool, axes, (t[k], n[k], c[k]))
    for first, last in parts:
        _close(arrays, first, last)


def _put(
    arrays: Arrays, first: int, last: int, place: tuple[Places, Places, Places], rows: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Put rows in their places in a stretch of steps; return which of them have a place that an earlier row has."""
    values, seen = arrays()
    apart = last - first, values.shape[1], -1, rows.shape[1]  # channels of a row on the last axis
    values, seen = values[first:last].reshape(apart), seen[first:last].reshape(apart)
    again = np.ones(len(rows), dtype=bool)
    again[np.unique(np.ravel_multi_index(place, seen.shape[:3]), return_index=True)[1]] = False
    again |= seen[place][:, 0]
    values[place], seen[place] = rows, True
    return again


def _close(arrays: Arrays, first: int, last: int) -> None:
    """Let a stretch of steps be observed where a row has a number."""
    values, seen = arrays()
    seen[first:last] &= ~np.isnan(values[first:last])


def _places(records: NDArray[Any], axes: Axes) -> tuple[Places, Places, Places]:
    """Return where on the axes of times, sensors and channels some rows stand."""
    t, n, c = (of[records[name]] for of, name in zip(axes.places, LABELS, strict=True))
    return t, n, c


def _repeated(spool: Spool, axes: Axes, key: tuple[int, int, int]) -> DataError:
    """Say which rows are about the same time, sensor and channel: those that come first."""
    places: list[str] = []
    for records in spool:
        t, n, c = _places(records, axes)
        same = np.flatnonzero((t == key[0]) & (n == key[1]) & (c == key[2]))
        places += [spool.place(records[k]) for k in same[:2]]
    channel = "" if spool.columns else f" and {axes.channels[key[2]]}"
    shared = f"{pd.Timestamp(axes.times[key[0]])} and {axes.sensors[key[1]]}{channel}"
    return DataError(f"{places[1]}: {shared} stand in {places[0]} already; expected one row for each")
