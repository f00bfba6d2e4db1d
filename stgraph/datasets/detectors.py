"""Detectors: what they make of the traffic that passes them, and when they are silent."""

import numpy as np
from numpy.typing import NDArray

from stgraph.datasets.ctm import Floats

SPEED_SPREAD = 9.0  # km/h between vehicles in the same traffic
OCCUPANCY_SPREAD = 0.3  # of the length of vehicles, relative
EFFECTIVE_KM = 0.0065  # vehicle and loop
DAYS_BETWEEN_OUTAGES, OUTAGE_HOURS = 20.0, 3.0
DROPPED = 0.005  # share of single records lost


def measure(rng: np.random.Generator, speed: Floats, flow: Floats, lanes: Floats, *, hours: float) -> Floats:
    """Return what detectors report: counted vehicles, their mean speed and the share of time they cover the loop.

    The count is Poisson; the means err by the spread between vehicles over the root of their number.

    Args:
        rng: source of randomness.
        speed: (T, N) km/h.
        flow: (T, N) veh/h.
        lanes: (N,)
        hours: length of an interval.

    Returns:
        (T, N, 3) speed in km/h, flow in veh/h, occupancy as a fraction.
    """
    count = rng.poisson(flow * hours)
    error = 1 / np.sqrt(np.maximum(count, 1))
    mean_speed = np.maximum(speed + SPEED_SPREAD * error * rng.standard_normal(speed.shape), 1.0)
    covered = 1 + OCCUPANCY_SPREAD * error * rng.standard_normal(speed.shape)
    occupancy = count / hours / speed / lanes * EFFECTIVE_KM * covered
    return np.stack([mean_speed, count / hours, np.clip(occupancy, 0, 1)], axis=-1)


def heard(rng: np.random.Generator, steps: int, sensors: int, *, hours: float) -> NDArray[np.bool_]:
    """Return which records arrive, (T, N): sensors fall silent for hours, and single records are lost.

    Args:
        rng: source of randomness.
        steps: T.
        sensors: N.
        hours: length of an interval.
    """
    arrives = rng.random((steps, sensors)) >= DROPPED
    outages = rng.poisson(steps * hours / 24 * sensors / DAYS_BETWEEN_OUTAGES)
    for _ in range(outages):
        first, sensor = int(rng.integers(steps)), int(rng.integers(sensors))
        length = OUTAGE_HOURS * np.exp(0.8 * rng.standard_normal())
        arrives[first : first + int(np.ceil(length / hours)), sensor] = False
    return arrives
