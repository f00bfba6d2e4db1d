"""What one wants to know of an ordinary series: what its reader settled, and silent and stuck sensors."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.series.blocks import blocks
from stgraph.series.mapped import let_go
from stgraph.series.roles import role_of
from stgraph.series.traffic_series import TrafficSeries

SHOWN = 5
STANDING = 0.01


@dataclass(frozen=True, eq=False)
class Tally:
    """What was observed of each sensor and channel, from one pass over blocks of steps.

    Args:
        series: that was gone through.
        count: (N, C) values observed.
        nought: (N, C) of them 0.
        stuck: (N, C) whether there are two or more, all the same.
    """

    series: TrafficSeries
    count: NDArray[np.int64]
    nought: NDArray[np.int64]
    stuck: NDArray[np.bool_]

    @classmethod
    def of(cls, series: TrafficSeries) -> "Tally":
        """Go through a series."""
        shape = series.values.shape[1:]
        count, nought = np.zeros((2, *shape), dtype=np.int64)
        highest, lowest = np.full(shape, -np.inf), np.full(shape, np.inf)
        for first, last in blocks(0, len(series), series.values[0].size):
            values, seen = series.values[first:last], series.observed[first:last]
            count += seen.sum(0)
            nought += (seen & (values == 0)).sum(0)
            highest = np.maximum(highest, values.max(0, where=seen, initial=-np.inf))
            lowest = np.minimum(lowest, values.min(0, where=seen, initial=np.inf))
            let_go(series.values, series.observed)
        return cls(series, count, nought, np.equal(highest, lowest) & (count > 1))


def never_observed(tally: Tally) -> dict[str, tuple[str, ...]]:
    """Return the sensors of each channel that no step observes; a channel without such a sensor is left out.

    >>> values = np.array([[60.0, 0, 5], [61, 0, 5]])[:, :, None]
    >>> times = np.array(["2012-03-01T00:00", "2012-03-01T00:05"], dtype="M8[ns]")
    >>> observed = np.broadcast_to(np.array([[True], [False], [True]]), values.shape)
    >>> tally = Tally.of(TrafficSeries(values, observed, times, ("a", "b", "c"), ("speed",), ("mph",)))
    >>> never_observed(tally), constant(tally)
    ({'speed': ('b',)}, {'speed': ('c',)})
    """
    return _named(tally.series, tally.count == 0)


def constant(tally: Tally) -> dict[str, tuple[str, ...]]:
    """Return the sensors of each channel whose observed values, two or more, are all the same."""
    return _named(tally.series, tally.stuck)


def zeros(tally: Tally) -> dict[str, float]:
    """Return the share of zeros among the observed values of each speed, where it is more than a hundredth.

    Traffic that stands still is rarer: such zeros mostly mean that nothing was measured. Sensors that never change are
    left out.
    """
    found = {}
    for c, name in enumerate(tally.series.channels):
        if role_of(name) == "speed":
            moving = ~tally.stuck[:, c]
            found[name] = float(tally.nought[moving, c].sum() / max(tally.count[moving, c].sum(), 1))
    return {name: share for name, share in found.items() if share > STANDING}


def suspects(series: TrafficSeries) -> list[str]:
    """Say what one wants to know of a series: what its reader settled, and what is strange in it.

    One sentence for each: times that are mostly gaps, speeds of which many are 0, and how many sensors are silent or
    stuck, which, and what becomes of them.

    >>> times = np.array(["2012-03-01T00:00", "2012-03-01T00:05"], dtype="M8[ns]")
    >>> silent = TrafficSeries(np.zeros((2, 1, 1)), np.zeros((2, 1, 1)), times, ("a",), ("speed",), ("mph",))
    >>> suspects(silent)
    ["1 sensor was never observed: 'a'; it is forecast from its neighbours and the mean alone"]
    """
    silent = "was never observed", "it is forecast from its neighbours and the mean alone"
    silents = "were never observed", "they are forecast from their neighbours and the mean alone"
    stuck = "never changes", "its value counts as measured; --missing makes it a hole"
    stucks = "never change", "their values count as measured; --missing makes them holes"
    tally = Tally.of(series)
    found = (never_observed(tally), silent, silents), (constant(tally), stuck, stucks)
    gaps, times = len(series.segments) - 1, len(series)
    step = str(pd.Timedelta(series.interval)).removeprefix("0 days ")
    broken = f"{gaps} gaps among {times} times that are {step} apart at least; --resample brings them to longer steps"
    said = [broken] * (2 * gaps > times)
    hole = "where that means 'not measured', --missing 0 makes them holes"
    said += [f"{100 * share:.2g} % of the values of {name} are 0; {hole}" for name, share in zeros(tally).items()]
    said += [_sentence(sensors, series.channels, one, many) for sensors, one, many in found if sensors]
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
