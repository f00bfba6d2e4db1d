"""Incidents: crashes and breakdowns that take away capacity somewhere for a while."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stgraph.datasets.ctm import Floats
from stgraph.datasets.highway import Highway

PER_DAY = 3.0
MEDIAN_MINUTES, SHORTEST, LONGEST = 35.0, 10.0, 120.0
KINDS = (0.45, 0.45, 0.10)  # how often: crash on the shoulder, one lane blocked, two lanes blocked
CAPACITY_LEFT = {3: (0.83, 0.49, 0.17), 4: (0.85, 0.58, 0.25)}  # by number of lanes


@dataclass(frozen=True)
class IncidentLabel:
    """What really happened: the truth to compare a detection with.

    Args:
        start: first moment with less capacity, local time.
        end: first moment with full capacity again.
        roadway: freeway and direction, for example ``"A-N"``.
        kilometre: place along the freeway.
        sensor: id of the last sensor that traffic passes before the place: the first to see the queue.
        capacity_left: share of the capacity that is left.
    """

    start: np.datetime64
    end: np.datetime64
    roadway: str
    kilometre: float
    sensor: str
    capacity_left: float


def incidents(
    rng: np.random.Generator, times: pd.DatetimeIndex, highway: Highway, busy: Floats
) -> tuple[tuple[IncidentLabel, ...], Floats]:
    """Draw incidents, each for whole intervals; return them by time, and the capacity they leave, (T, cells).

    Their capacities are those of the Highway Capacity Manual 2010, exhibit 10-17,
    https://ops.fhwa.dot.gov/publications/fhwahop13042/appc.htm.

    Args:
        rng: source of randomness.
        times: (T,) local times, evenly spaced.
        highway: where they can happen: on its mainlines, behind the first sensor.
        busy: (T,) how likely each moment is, not normalised: for example the total demand.
    """
    interval = times[1] - times[0]
    days = len(times) * interval / pd.Timedelta(days=1)
    mainline = np.flatnonzero(highway.roadway != "").tolist()
    watched = [cell for cell in mainline if highway.sensor_before(cell) >= 0]
    left = np.ones((len(times), len(highway.roadway)))
    labels = []
    for first in np.sort(rng.choice(len(times), size=rng.poisson(PER_DAY * days), p=busy / busy.sum())):
        cell = int(rng.choice(watched))
        capacity_left = float(rng.choice(CAPACITY_LEFT[int(highway.lanes[cell])], p=KINDS))
        minutes = np.clip(MEDIAN_MINUTES * np.exp(0.6 * rng.standard_normal()), SHORTEST, LONGEST)
        steps = round(minutes / (interval / pd.Timedelta(minutes=1)))
        left[first : first + steps, cell] = np.minimum(left[first : first + steps, cell], capacity_left)
        labels.append(
            IncidentLabel(
                start=times[first].to_datetime64(),
                end=(times[first] + steps * interval).to_datetime64(),
                roadway=str(highway.roadway[cell]),
                kilometre=round(float(highway.kilometre[cell]), 1),
                sensor=highway.graph.ids[highway.sensor_before(cell)],
                capacity_left=capacity_left,
            )
        )
    return tuple(labels), left
