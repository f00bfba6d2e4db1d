"""What one wants to know of an ordinary series: what its reader settled, and silent and stuck sensors."""

import numpy as np
from numpy.typing import NDArray

from stgraph.series.traffic_series import TrafficSeries

SHOWN = 5


def never_observed(series: TrafficSeries) -> dict[str, tuple[str, ...]]:
    """Return the sensors of each channel that no step observes; a channel without such a sensor is left out.

    >>> values = np.array([[60.0, 0, 5], [61, 0, 5]])[:, :, None]
    >>> times = np.array(["2012-03-01T00:00", "2012-03-01T00:05"], dtype="M8[ns]")
    >>> observed = np.broadcast_to(np.array([[True], [False], [True]]), values.shape)
    >>> series = TrafficSeries(values, observed, times, ("a", "b", "c"), ("speed",), ("mph",))
    >>> never_observed(series), constant(series)
    ({'speed': ('b',)}, {'speed': ('c',)})
    """
    return _named(series, series.observed.sum(0) == 0)


def constant(series: TrafficSeries) -> dict[str, tuple[str, ...]]:
    """Return the sensors of each channel whose observed values, two or more, are all the same."""
    highest = series.values.max(0, where=series.observed, initial=-np.inf)
    lowest = series.values.min(0, where=series.observed, initial=np.inf)
    return _named(series, np.equal(highest, lowest) & (series.observed.sum(0) > 1))


def suspects(series: TrafficSeries) -> list[str]:
    """Say what one wants to know of a series: what its reader settled, and which sensors are silent or stuck.

    One sentence for each: how many sensors, which, and what becomes of them.

    >>> times = np.array(["2012-03-01T00:00", "2012-03-01T00:05"], dtype="M8[ns]")
    >>> silent = TrafficSeries(np.zeros((2, 1, 1)), np.zeros((2, 1, 1)), times, ("a",), ("speed",), ("mph",))
    >>> suspects(silent)
    ["1 sensor was never observed: 'a'; it is forecast from its neighbours and the mean alone"]
    """
    silent = "was never observed", "it is forecast from its neighbours and the mean alone"
    silents = "were never observed", "they are forecast from their neighbours and the mean alone"
    stuck = "never changes", "its value counts as measured; --missing makes it a hole"
    stucks = "never change", "their values count as measured; --missing makes them holes"
    found = (never_observed(series), silent, silents), (constant(series), stuck, stucks)
    said = [_sentence(sensors, series.channels, one, many) for sensors, one, many in found if sensors]
    return [*series.notes, *said]


def _named(series: TrafficSeries, which: NDArray[np.bool_]) -> dict[str, tuple[str, ...]]:
    """Return the ids where (N, C) `which` is True, by channel."""
    ids = {
        channel: tuple(series.sensors[n] for n in np.flatnonzero(which[:, c]))
        for c, channel in enumerate(series.channels)
    }
    return {channel: found for channel, found in ids.items() if found}


def _sentence(
    found: dict[str, tuple[str, ...]], channels: tuple[str, ...], one: tuple[str, str], many: tuple[str, str]
) -> str:
    sensors = list(dict.fromkeys(name for names in found.values() for name in names))
    verb, fate = one if len(sensors) == 1 else many
    everywhere = len(found) == len(channels) and len(set(found.values())) == 1
    where = "" if everywhere else f" in {', '.join(found)}"
    more = ", ..." if len(sensors) > SHOWN else ""
    listed = ", ".join(repr(name) for name in sensors[:SHOWN])
    return f"{len(sensors)} sensor{'s' * (len(sensors) > 1)} {verb}{where}: {listed}{more}; {fate}"
