"""Faults planted in sound data, and small series to plant them in."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from stgraph.series import TrafficSeries

MIDNIGHT = np.datetime64("2024-03-04", "ns")


def series_of(
    values: np.ndarray,
    *,
    observed: np.ndarray | None = None,
    minutes: int = 5,
    channels: Sequence[str] = ("speed", "flow", "occupancy"),
    units: Sequence[str] = ("km/h", "veh/h", "fraction"),
) -> TrafficSeries:
    """A series of (T, N) or (T, N, C) values from Monday at midnight."""
    values = np.atleast_3d(values)
    steps, sensors, count = values.shape
    return TrafficSeries(
        values=values,
        observed=np.ones(values.shape, bool) if observed is None else np.atleast_3d(observed),
        times=MIDNIGHT + np.arange(steps) * np.timedelta64(minutes, "m"),
        sensors=tuple(f"s{n}" for n in range(sensors)),
        channels=tuple(channels)[:count],
        units=tuple(units)[:count],
        interval=np.timedelta64(minutes, "m"),
    )


def planted(
    series: TrafficSeries,
    sensor: int,
    channel: int | slice,
    rows: slice | int,
    fault: Callable[[np.ndarray], np.ndarray | float],
) -> TrafficSeries:
    """The series with some values of a sensor replaced by what `fault` makes of them."""
    values = series.values.copy()
    values[rows, sensor, channel] = fault(values[rows, sensor, channel])
    return replace(series, values=values)


def late(series: TrafficSeries, sensor: int, steps: int, rows: slice) -> TrafficSeries:
    """The series with the clock of a sensor late by some steps, in the rows given."""
    values, observed = series.values.copy(), series.observed.copy()
    values[rows, sensor] = np.roll(series.values[:, sensor], steps, axis=0)[rows]
    observed[rows, sensor] = np.roll(series.observed[:, sensor], steps, axis=0)[rows]
    return replace(series, values=values, observed=observed)
