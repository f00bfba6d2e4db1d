"""Which targets are hard: those just after an abrupt change, in peak hours, or beside an incident."""

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError, MismatchError
from stgraph.series import TrafficSeries

PEAK = "targets from 07:00 to 08:59 and from 16:00 to 18:59, local time, Monday to Friday"
PEAK_HOURS = (7, 8, 16, 17, 18)
WITHIN = pd.Timedelta(minutes=15)
SHARE = 0.25
SPREAD = (5, 95)  # percentiles: neither a stuck detector nor long hours of free flow move them much

Incident = tuple[Collection[str] | None, str | np.datetime64 | pd.Timestamp, str | np.datetime64 | pd.Timestamp]


def peak_hours(series: TrafficSeries) -> NDArray[np.bool_]:
    """Return where it is peak hour, (T, N): `PEAK` says when; a public holiday counts as the weekday it is.

    >>> times = np.array(["2024-03-08T08:55", "2024-03-08T09:00", "2024-03-08T09:05"], dtype="M8[ns]")  # a Friday
    >>> ones = np.ones((3, 1, 1))
    >>> peak_hours(TrafficSeries(ones, ones, times, ("a",), ("speed",), ("km/h",))).ravel()
    array([ True, False, False])
    """
    clock = series.local_times
    peak = (clock.dayofweek < 5) & clock.hour.isin(PEAK_HOURS)
    return np.repeat(peak[:, None], len(series.sensors), axis=1)


def abrupt_changes(series: TrafficSeries, channel: int = 0, *, share: float = SHARE) -> NDArray[np.bool_]:
    """Return where the value has just changed abruptly, up or down, (T, N); `describe_abrupt` says it in words.

    That is where ``|y[t] - y[s]| > share (P95 - P5)`` for some s at most 15 minutes before t (one step, where the
    interval is longer), both observed. P5 and P95 are percentiles of all observed values of the channel, of all
    sensors and times: no model, scaler or part of the split has a say in what is hard.

    Args:
        series: the whole series.
        channel: which channel changes.
        share: of the spread P95 - P5.

    Raises:
        DataError: a share that is not positive.

    >>> times = np.datetime64("2024-03-08T08:00", "ns") + np.arange(6) * np.timedelta64(5, "m")
    >>> values = np.array([100.0, 98, 60, 58, 56, 57])[:, None, None]
    >>> series = TrafficSeries(values, np.ones_like(values), times, ("a",), ("speed",), ("km/h",))
    >>> abrupt_changes(series).ravel()
    array([False, False,  True,  True,  True, False])
    >>> describe_abrupt(series)[:72]
    'targets whose speed differs by more than 10.8 km/h, 25 % of P95 - P5 of '
    """
    limit = _limit(series, channel, share)
    values = np.where(series.observed[..., channel], series.values[..., channel], np.float32("nan"))
    changed = np.zeros(values.shape, dtype=np.bool_)
    reach = _reach(series)
    for lag in range(1, min(int(reach // series.interval), len(series) - 1) + 1):
        near = series.times[lag:] - series.times[:-lag] <= reach  # no change is seen across a gap
        changed[lag:] |= near[:, None] & (np.abs(values[lag:] - values[:-lag]) > limit)
    return changed


def describe_abrupt(series: TrafficSeries, channel: int = 0, *, share: float = SHARE) -> str:
    """Say in words what `abrupt_changes` finds in this very series; the arguments are the same."""
    limit = f"{_limit(series, channel, share):.3g} {series.units[channel]}".rstrip()
    minutes = _reach(series) / pd.Timedelta(minutes=1)
    return (
        f"targets whose {series.channels[channel]} differs by more than {limit}, {100 * share:g} % of P95 - P5 of all "
        f"observed values, from an observed one of the {minutes:g} minutes before, be it up or down"
    )


def incident_steps(series: TrafficSeries, incidents: Iterable[Incident]) -> NDArray[np.bool_]:
    """Return where and when there is an incident, (T, N).

    Args:
        series: the whole series.
        incidents: of each the ids of the sensors it affects (None = all of them), its first moment and the first
            one after it, both local wall-clock time. The labels of simulated traffic, for example, are
            ``[((i.sensor,), i.start, i.end) for i in traffic.incidents]``.

    Raises:
        MismatchError: a sensor that the series does not have.
        DataError: what is no local time, or an end that is not after the start.
    """
    clock = series.local_times.tz_localize(None)
    place = {sensor: n for n, sensor in enumerate(series.sensors)}
    found = np.zeros((len(series), len(series.sensors)), dtype=np.bool_)
    for k, (sensors, first, last) in enumerate(incidents):
        start, end = _moments(k, first, last)
        during = (clock >= start) & (clock < end)
        if unknown := [sensor for sensor in sensors or () if sensor not in place]:
            message = f"incidents, record {k}: the series has no sensor {unknown[:5]}"
            raise MismatchError(message)
        affected = [place[sensor] for sensor in (series.sensors if sensors is None else sensors)]
        found[:, affected] |= during[:, None]
    return found


def _limit(series: TrafficSeries, channel: int, share: float) -> float:
    if not share > 0:
        message = f"share: expected a positive number, found {share}"
        raise DataError(message)
    known = series.values[..., channel][series.observed[..., channel]]
    low, high = np.percentile(known.astype(np.float64), SPREAD) if len(known) else (0.0, 0.0)
    return share * float(high - low)


def _reach(series: TrafficSeries) -> pd.Timedelta:
    return max(WITHIN, pd.Timedelta(series.interval))


def _moments(k: int, *moments: str | np.datetime64 | pd.Timestamp) -> list[pd.Timestamp]:
    try:
        start, end = (pd.Timestamp(moment) for moment in moments)
    except ValueError as error:
        message = f"incidents, record {k}: expected times such as 2012-03-01 00:05, found {moments}"
        raise DataError(message) from error
    if start.tz is not None or end.tz is not None:
        message = f"incidents, record {k}: expected local times without a zone, found {start} and {end}"
        raise DataError(message)
    if not start < end:
        message = f"incidents, record {k}: expected an end after the start, found {start} to {end}"
        raise DataError(message)
    return [start, end]
