"""A moment that a user names, on the clock of a series, and what was measured before it."""

import numpy as np

from stgraph.errors import DataError
from stgraph.series import TimeLike, TrafficSeries
from stgraph.series.clock import clock
from stgraph.series.times import local_time, parse_times


def moment_of(name: str, time: TimeLike, series: TrafficSeries) -> np.datetime64:
    """Return a time on the clock of the `times` of a series.

    Args:
        name: of the argument, for the error.
        time: on the wall clock of the series, or with a UTC offset where the series has a timezone.
        series: whose clock it is.

    Raises:
        DataError: no time, or one with an offset where the series has no timezone.
    """
    text = str(time)
    moments, zone = clock(parse_times([text], lambda _: name), 1, timezone=series.timezone, where=lambda _: name)
    if zone != series.timezone:
        message = f"{name}: expected a local time without an offset, as those of the series are, found {text!r}"
        raise DataError(message)
    moment: np.datetime64 = moments[0]
    return moment


def measured_before(series: TrafficSeries, time: TimeLike) -> TrafficSeries:
    """Return the steps of a series before a time, for which see `moment_of`.

    Raises:
        DataError: see `moment_of`, or no step lies before it.

    >>> times = np.datetime64("2024-01-01", "ns") + np.arange(24) * np.timedelta64(1, "h")
    >>> day = TrafficSeries(np.ones((24, 1, 1)), np.ones((24, 1, 1)), times, ("a",), ("speed",), ("km/h",))
    >>> len(measured_before(day, "2024-01-01 07:00"))
    7
    """
    count = int(np.searchsorted(series.times, moment_of("before", time, series)))
    if not count:
        first = local_time(series.times[0], series.timezone)
        message = f"before: expected a time after the first of the series, {first}, found {str(time)!r}"
        raise DataError(message)
    return series.slice(None, count)
