"""The dataset that needs no network: freeway traffic simulated with the cell transmission model."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.datasets.ctm import Averages, CellTransmission, Floats
from stgraph.datasets.demand import demand
from stgraph.datasets.detectors import heard, measure
from stgraph.datasets.highway import Highway, highway
from stgraph.datasets.incidents import IncidentLabel, incidents
from stgraph.datasets.noise import correlated_noise
from stgraph.datasets.rain import rain, rain_factors
from stgraph.errors import DataError
from stgraph.graph import SensorGraph
from stgraph.series import TrafficSeries

MINUTES = 5
PER_HOUR, PER_DAY = 60 // MINUTES, 24 * 60 // MINUTES
STEP_SECONDS = 12
SUBSTEPS = MINUTES * 60 // STEP_SECONDS
WARM_UP = 3 * PER_HOUR  # each day is simulated from 21:00 of the evening before
CAPACITY_SCATTER, CAPACITY_MEMORY = 0.05, 10 / MINUTES


@dataclass(frozen=True, eq=False)
class SyntheticTraffic:
    """Simulated traffic with the truth about its incidents.

    Args:
        series: speed [km/h], flow [veh/h] and occupancy [fraction] each 5 minutes; covariate rain [mm/h].
        graph: the sensors and the roads between them.
        incidents: what happened where and when, by start.
    """

    series: TrafficSeries
    graph: SensorGraph
    incidents: tuple[IncidentLabel, ...]

    def incident_mask(self) -> NDArray[np.bool_]:
        """Return (T, N): is there an incident between the sensor and the next one downstream?"""
        mask = np.zeros(self.series.observed.shape[:2], dtype=np.bool_)
        for incident in self.incidents:
            first, last = np.searchsorted(self.series.times, [incident.start, incident.end])
            mask[first:last, self.graph.ids.index(incident.sensor)] = True
        return mask


def synthetic(days: int = 28, *, seed: int = 0, start: str = "2024-03-04") -> SyntheticTraffic:
    """Simulate traffic on three crossing freeways, with rush hours, rain, incidents and detector faults.

    The roads are always the same; demand, weather, incidents and faults follow from `seed`. Capacity varies from
    place to place and minute to minute by 5 %, as it does on roads (Brilon, Geistefeldt and Regler 2005, "Reliability
    of freeway traffic flow: a stochastic concept of capacity"), so that waves run up the queues. There is no capacity
    drop and no detour: the cell transmission model has none.

    Args:
        days: how many days, from midnight to midnight.
        seed: same seed, same data, bit for bit.
        start: first day. Any date counts as the weekday it is; there are no holidays.

    Raises:
        DataError: less than one day, or a start that is not a date.

    >>> traffic = synthetic(days=1)
    >>> traffic.series.channels, traffic.series.values.shape
    (('speed', 'flow', 'occupancy'), (288, 96, 3))
    """
    times = time_axis(days, start)
    roads = highway()
    weather, events, scatter, entering, detectors = np.random.default_rng(seed).spawn(5)
    rainfall = rain(weather, len(times) // PER_HOUR, steps_per_hour=PER_HOUR)
    wanted = demand(entering, times, roads.inflow, roads.tide)
    labels, capacity_left = incidents(events, times, roads, busy=wanted.sum(axis=1))
    speed_factor, wet_capacity = rain_factors(rainfall)
    capacity_left *= wet_capacity[:, None]
    capacity_left *= np.exp(CAPACITY_SCATTER * correlated_noise(scatter, capacity_left.shape, memory=CAPACITY_MEMORY))
    traffic = simulate(roads, wanted, speed_factor, capacity_left)
    first = times[WARM_UP].to_datetime64()
    return SyntheticTraffic(
        series=_series(detectors, times[WARM_UP:], roads, traffic, rainfall[WARM_UP:]),
        graph=roads.graph,
        incidents=tuple(label for label in labels if label.end > first),
    )


def simulate(roads: Highway, wanted: Floats, speed_factor: Floats, capacity_factor: Floats) -> Averages:
    """Return flow and density at the sensors, (T, N), for conditions that begin `WARM_UP` steps earlier.

    All days are simulated side by side, each from an empty road 3 hours before its midnight. That is enough for
    the traffic of one day to go over into the next without a seam, as no rush hour lasts until then.

    Args:
        roads: the cells and sensors.
        wanted: (WARM_UP + T, entries) demand in veh/h.
        speed_factor: (WARM_UP + T,) what is left of free speed.
        capacity_factor: (WARM_UP + T, cells) what is left of capacity.
    """
    days = (len(wanted) - WARM_UP) // PER_DAY
    traffic = CellTransmission(roads.network, step_seconds=STEP_SECONDS, runs=days)
    flow, density = np.empty((2, days, PER_DAY, len(roads.graph)))
    for t in range(WARM_UP + PER_DAY):
        now = t + PER_DAY * np.arange(days)
        traffic.set_conditions(speed_factor[now], capacity_factor[now].T)
        averages = traffic.advance(wanted[now].T, steps=SUBSTEPS)
        if t >= WARM_UP:
            flow[:, t - WARM_UP] = averages.flow[roads.sensor_cells].T
            density[:, t - WARM_UP] = averages.density[roads.sensor_cells].T
    return Averages(flow.reshape(-1, len(roads.graph)), density.reshape(-1, len(roads.graph)))


def time_axis(days: int, start: str, *, minutes: int = MINUTES, before: int = WARM_UP) -> pd.DatetimeIndex:
    """Return the local times of all intervals of some minutes, a few of them before the first midnight.

    Raises:
        DataError: less than one day, or a start that is not a date.
    """
    if days < 1:
        message = f"days: expected at least 1, found {days}"
        raise DataError(message)
    try:
        midnight = pd.Timestamp(date.fromisoformat(start))
    except ValueError as error:
        message = f"start: expected a date such as 2024-03-04, found {start!r}"
        raise DataError(message) from error
    step = pd.Timedelta(minutes=minutes)
    return pd.date_range(midnight - before * step, periods=before + days * 24 * 60 // minutes, freq=step)


def _series(
    rng: np.random.Generator, times: pd.DatetimeIndex, roads: Highway, traffic: Averages, rainfall: Floats
) -> TrafficSeries:
    """Let the detectors measure, and mark what they did not report."""
    hours = MINUTES / 60
    speed = traffic.flow / traffic.density
    values = measure(rng, speed, traffic.flow, roads.lanes[roads.sensor_cells].astype(np.float64), hours=hours)
    arrived = heard(rng, *speed.shape, hours=hours)
    return TrafficSeries(
        values=np.where(arrived[..., None], values, 0).astype(np.float32),
        observed=np.broadcast_to(arrived[..., None], values.shape).copy(),
        times=times.to_numpy(),
        sensors=roads.graph.ids,
        channels=("speed", "flow", "occupancy"),
        units=("km/h", "veh/h", "fraction"),
        covariates=rainfall[:, None, None].astype(np.float32),
        covariate_names=("rain",),
    )
