"""The process behind `network_traffic`: delay that a calendar knows, and delay that moves from sensor to sensor."""

import math

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from stgraph.datasets.ctm import Floats
from stgraph.datasets.demand import profile
from stgraph.datasets.road_network import RoadNetwork
from stgraph.datasets.spells import Spells
from stgraph.graph import SensorGraph, haversine

Values = NDArray[np.float32]

SPREAD, DISSOLVE = 0.12, 0.012  # per minute: from the next sensor downstream, and away
LONGEST_MINUTES = 5.0  # of a step in which delay moves from sensor to sensor
AT_REST = 0.06  # delay on an empty road, of the time at free speed; so are all delays
PEAK, SCATTER = (0.5, 0.6), 1.6  # median recurring delay of streets and motorways at full demand; of its logarithm
UNREST, MEMORY_MINUTES = 0.02, 30.0  # delay per minute that arises at random at full demand; how long it goes on
INCIDENT, INCIDENT_MINUTES, INCIDENT_DAYS = 0.6, 30.0, 30.0  # the same of an incident; how long; how often at a sensor
LEVEL, APART = (0.75, 1.05), pd.Timedelta(minutes=25)  # of demand; of early and late peaks from the mean
ERROR = (0.04, 0.02)  # of a measured speed, on streets and motorways
OUTAGE_MINUTES, LOSS_STEPS = 360.0, 2.0
SLOWEST = 3.0  # km/h


class NetworkTraffic:
    """The process of `network_traffic`, moved some steps at a time; how many at a time changes no bit of it.

    Args:
        network: the roads.
        times: (T,) local times, evenly spaced.
        seed: same seed, same traffic.
        missing: share of unobserved values.
    """

    def __init__(self, network: RoadNetwork, times: pd.DatetimeIndex, *, seed: int = 0, missing: float = 0.0) -> None:
        traits, noise, errors, incidents, outages, losses = np.random.default_rng(seed).spawn(6)
        count, minutes = len(network.graph), (times[1] - times[0]) / pd.Timedelta(minutes=1)
        downstream = _downstream(network.graph)
        kind = network.motorway.astype(np.intp)
        self._step = 0
        self._curves = _curves(times)
        self._mix = _mix(traits, _tide(network.graph, downstream)).astype(np.float32)
        self._peak = (np.array(PEAK)[kind] * _bottlenecks(traits, downstream)).astype(np.float32)
        self._free_speed = network.free_speed.astype(np.float32)
        self._error = np.array(ERROR, dtype=np.float32)[kind]
        self._noise, self._errors = noise, errors
        self._keep = math.exp(-minutes / MEMORY_MINUTES)
        self._moves = math.ceil(minutes / LONGEST_MINUTES)
        self._minutes = minutes / self._moves
        self._move = _move(downstream, self._minutes)
        self._delay, self._source = np.zeros((2, count), dtype=np.float32)
        share, half = INCIDENT_MINUTES / (1440 * INCIDENT_DAYS), 1 - math.sqrt(1 - missing)
        self._incidents = Spells(incidents, count, share=share, steps=max(INCIDENT_MINUTES / minutes, 1))
        self._outages = Spells(outages, count, share=half, steps=max(OUTAGE_MINUTES / minutes, 1))
        self._losses = Spells(losses, count, share=half, steps=LOSS_STEPS)

    def advance(self, steps: int) -> tuple[Values, NDArray[np.bool_]]:
        """Return speed and whether it is observed at the next steps, both (steps, N, 1).

        Args:
            steps: at most as many as there are times left.
        """
        demand = self._demand(steps)
        delay = self._congestion(demand)
        demand *= demand
        demand *= demand
        demand *= self._peak
        delay += demand
        np.maximum(delay, 0, out=delay)
        delay += 1 + AT_REST
        measured = self._errors.standard_normal(delay.shape, dtype=np.float32)  # becomes speed in place, as all here
        measured *= self._error
        measured += 1
        measured *= self._free_speed
        measured /= delay
        np.clip(measured, SLOWEST, self._free_speed, out=measured)
        observed = ~(self._outages.advance(steps) | self._losses.advance(steps))
        measured *= observed
        return measured[..., None], observed[..., None]

    def _congestion(self, demand: Values) -> Values:
        """Return the delay that no calendar knows at the next steps, (steps, N)."""
        delay = self._noise.standard_normal(demand.shape, dtype=np.float32)
        delay *= UNREST * self._minutes * math.sqrt(1 - self._keep**2)
        delay += np.float32(INCIDENT * self._minutes * (1 - self._keep)) * self._incidents.advance(len(demand))
        for row, wanted in zip(delay, demand, strict=True):
            self._source *= self._keep
            self._source += row
            np.multiply(self._source, wanted, out=row)
            for _ in range(self._moves):
                self._delay = self._move @ self._delay
                self._delay += row
            row[:] = self._delay
        return delay

    def _demand(self, steps: int) -> Values:
        """Return the demand at the next steps, (steps, N): a sum of curves, added up one by one, in one order."""
        curves = self._curves[self._step : self._step + steps]
        self._step += steps
        demand = np.zeros((steps, self._mix.shape[1]), dtype=np.float32)
        for curve, share in zip(curves.T, self._mix, strict=True):
            demand += curve[:, None] * share
        return demand


def _curves(times: pd.DatetimeIndex) -> Values:
    """Return the demand of roads into the centre and out of it, early and late, (T, 4)."""
    ways = np.array([1.0, -1.0])
    return np.concatenate([profile(times + APART, ways), profile(times - APART, ways)], axis=1).astype(np.float32)


def _mix(rng: np.random.Generator, tide: Floats) -> Floats:
    """Return how much of each of the curves a sensor has, (4, N)."""
    into, late = (1 + tide) / 2, rng.random(len(tide))
    level = rng.uniform(*LEVEL, len(tide))
    return level * np.stack([into * (1 - late), (1 - into) * (1 - late), into * late, (1 - into) * late])


def _downstream(graph: SensorGraph) -> sp.csr_array[np.float64]:
    """Return W, the mean over the sensors downstream by the weights of A; 0 where there is none."""
    bare = sp.csr_array(graph.adjacency - sp.diags_array(graph.adjacency.diagonal()))
    total: Floats = np.asarray(bare.sum(axis=1))
    return sp.csr_array(sp.diags_array(1 / np.where(total > 0, total, 1)) @ bare)


def _tide(graph: SensorGraph, downstream: sp.csr_array[np.float64]) -> Floats:
    """Return from 1, all roads from a sensor lead towards the middle of the network, to -1, away from it."""
    positions = np.asarray(graph.positions)
    coo = downstream.tocoo()
    here, there = coo.coords
    from_middle = haversine(*positions.mean(axis=0), *positions.T)
    nearer = np.bincount(here, coo.data * (from_middle[here] - from_middle[there]), minlength=len(graph))
    length = np.bincount(here, coo.data * haversine(*positions[here].T, *positions[there].T), minlength=len(graph))
    return np.clip(nearer / np.where(length > 0, length, 1), -1, 1)


def _bottlenecks(rng: np.random.Generator, downstream: sp.csr_array[np.float64]) -> Floats:
    """Return a factor of about 1 for each sensor, larger at bottlenecks and upstream of them."""
    hidden = rng.standard_normal(downstream.shape[0])
    for _ in range(2):
        hidden = (hidden + downstream @ hidden) / 2
    factor: Floats = np.exp(SCATTER * hidden)
    return factor


def _move(downstream: sp.csr_array[np.float64], minutes: float) -> sp.csr_array[np.float32]:
    """Return the matrix that moves delay by a step: I + minutes (beta (W - I) - mu I)."""
    stays = 1 - minutes * (SPREAD + DISSOLVE)
    move = sp.csr_array(stays * sp.eye_array(downstream.shape[0]) + minutes * SPREAD * downstream)
    return move.astype(np.float32)
