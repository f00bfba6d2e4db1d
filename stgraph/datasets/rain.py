"""Rain: when it falls, and how it slows traffic and lowers capacity."""

import numpy as np

from stgraph.datasets.ctm import Floats
from stgraph.datasets.noise import correlated_noise

WETNESS = 1.4  # deviations above the mean at which the sky begins to rain: 8 % of the hours
MEMORY_HOURS = 4.0


def rain(rng: np.random.Generator, hours: int, *, steps_per_hour: int) -> Floats:
    """Draw the rain in mm/h, (hours * steps_per_hour,): dry most of the time, in spells of a few hours."""
    sky = correlated_noise(rng, (hours + 1, 1), memory=MEMORY_HOURS)[:, 0]
    at = np.arange(hours * steps_per_hour) / steps_per_hour
    excess = np.interp(at, np.arange(hours + 1), np.maximum(sky - WETNESS, 0))
    return 7.0 * excess**1.5


def rain_factors(rain: Floats) -> tuple[Floats, Floats]:
    """Return what rain in mm/h leaves of free speed and of capacity.

    Capacity: Highway Capacity Manual 2010, exhibit 10-15 (2 %, 7 % and 14 % less in light, medium and heavy
    rain), https://ops.fhwa.dot.gov/publications/fhwahop13042/appa.htm. Speed: Agarwal, Maze and Souleyrette
    (2005), "Impacts of weather on urban freeway traffic flow characteristics and facility capacity" (1 to 2 %,
    2 to 4 % and 4 to 7 %). Both are interpolated between the middles of the classes.

    >>> speed, capacity = rain_factors(np.array([0.0, 1.25, 20.0]))
    >>> speed.tolist(), capacity.tolist()
    ([1.0, 0.985, 0.945], [1.0, 0.98, 0.859])
    """
    classes = [0.0, 1.25, 4.4, 10.0]
    speed = np.interp(rain, classes, [1.0, 0.985, 0.97, 0.945])
    capacity = np.interp(rain, classes, [1.0, 0.98, 0.928, 0.859])
    return speed, capacity
