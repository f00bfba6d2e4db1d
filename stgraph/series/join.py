"""Rows of long files, in any order, to a series."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.axes import Axes, Places, name_axis
from stgraph.series.bar import Bar
from stgraph.series.duplicates import Duplicates
from stgraph.series.fill import KINDS, fill
from stgraph.series.moments import time_axis
from stgraph.series.rows import Rows
from stgraph.series.spool import Spool
from stgraph.series.times import StepLike, checked_interval, to_step
from stgraph.series.traffic_series import NO_INTERVAL, TrafficSeries


def joined(
    pieces: Iterable[Rows],
    *,
    interval: StepLike,
    timezone: str | None,
    files: int,
    progress: bool,
    duplicates: Duplicates | None = None,
) -> TrafficSeries:
    """Return the series of the rows of some files, in memory, with a bar where `progress` is asked for.

    Raises:
        DataError: see `axes_of` and `fill`.
    """
    arrays: dict[str, NDArray[Any]] = {}
    with tempfile.TemporaryFile() as file, Bar(files, shown=progress) as bar:
        spool = spooled(bar.reading(pieces), file)
        axes = axes_of(spool, interval=interval, timezone=timezone)

        def array(name: str) -> NDArray[Any]:
            if name not in arrays:
                arrays[name] = np.zeros(axes.shape, KINDS[name])
            return arrays[name]

        notes = fill(spool, axes, array, bar, duplicates)
    return series_of(axes, arrays["values"], arrays["observed"], (*spool.notes, *notes))


def spooled(pieces: Iterable[Rows], file: BinaryIO) -> Spool:
    """Return all rows, in a file."""
    spool = Spool(file)
    for rows in pieces:
        spool.add(rows)
    return spool


def series_of(
    axes: Axes, values: NDArray[np.float32], observed: NDArray[np.bool_], notes: tuple[str, ...] = ()
) -> TrafficSeries:
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
        notes=notes,
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
        channels: channels to take, in their order, where each row names its own; empty = all, sorted.
        units: one a channel; empty = what the files say.

    Raises:
        DataError: no row, times that are not regular, a channel without a row, another number of units.
    """
    if not spool.rows:
        message = "expected at least one row, found none"
        raise DataError(message)
    times, zone, t = time_axis(spool, timezone)
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
    if not order:
        return name_axis(labels)
    return tuple(order), np.array([order.index(name) if name in order else -1 for name in labels])
