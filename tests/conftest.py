"""A tiny world: a directed road graph and a series with holes, made here, no file and no network."""

import signal
from dataclasses import dataclass, replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from stgraph.graph import SensorGraph
from stgraph.series import TrafficSeries

torch.set_num_threads(1)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins with it ignored


@dataclass(frozen=True)
class World:
    """A graph and a series on it."""

    graph: SensorGraph
    series: TrafficSeries


def road(count: int = 14, *, extra: bool = True) -> SensorGraph:
    """A directed, weighted road of `count` sensors, and beside it a separate pair and an isolated sensor."""
    weights = np.diag(np.linspace(0.5, 1.0, count - 1), k=1)
    if count > 7:  # a shortcut and a way back
        weights[2, 4] = 0.3
        weights[7, 6] = 0.8
    if extra:
        weights = sp.block_diag([weights, np.array([[0.0, 0.7], [0.2, 0.0]]), np.zeros((1, 1))]).toarray()
    return SensorGraph(tuple(f"s{n:02d}" for n in range(len(weights))), sp.csr_array(weights))


def traffic(graph: SensorGraph, *, steps: int = 600, seed: int = 0) -> TrafficSeries:
    """Speed and flow every 30 minutes with a daily wave that travels along the road, noise, and holes."""
    rng = np.random.default_rng(seed)
    count = len(graph)
    phase = 2 * np.pi * (np.arange(steps)[:, None] - np.arange(count)) / 48
    speed = 60 + 15 * np.sin(phase) + rng.normal(0, 3, (steps, count))
    flow = 1000 - 300 * np.sin(phase) + rng.normal(0, 50, (steps, count))
    observed = rng.random((steps, count, 2)) > 0.1
    observed[:, 3] = False  # a sensor that never spoke
    return TrafficSeries(
        values=np.stack([speed, flow], axis=-1),
        observed=observed,
        times=np.datetime64("2024-01-01", "ns") + np.arange(steps) * np.timedelta64(30, "m"),
        sensors=graph.ids,
        channels=("speed", "flow"),
        units=("km/h", "veh/h"),
        covariates=rng.random((steps, 1, 1), dtype=np.float32),
        covariate_names=("rain",),
    )


@pytest.fixture(scope="session")
def world() -> World:
    graph = road()
    return World(graph, traffic(graph))


@pytest.fixture(scope="session")
def speed_world(world: World) -> World:
    """The same with the speed alone."""
    series = world.series.select(channels=("speed",))
    return World(world.graph, replace(series, covariates=None, covariate_names=()))
