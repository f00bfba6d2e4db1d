"""The process of traffic: the same in blocks of any size, its equation, and where delay goes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.datasets.demand import profile
from stgraph.datasets.network_process import (
    AT_REST,
    DISSOLVE,
    INCIDENT,
    SLOWEST,
    SPREAD,
    UNREST,
    NetworkTraffic,
    _downstream,
    _move,
    _tide,
)
from stgraph.datasets.road_network import RoadNetwork, road_network
from stgraph.datasets.spells import Spells
from stgraph.datasets.synthetic import time_axis
from stgraph.graph import SensorGraph


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return road_network(600)


@settings(max_examples=10, deadline=None)
@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=12), minutes=st.sampled_from([5, 20]))
def test_how_steps_are_grouped_changes_no_bit(network: RoadNetwork, sizes: list[int], minutes: int) -> None:
    times = time_axis(10, "2024-03-04", minutes=minutes, before=0)
    values, observed = NetworkTraffic(network, times, seed=1, missing=0.1).advance(sum(sizes))
    parts = NetworkTraffic(network, times, seed=1, missing=0.1)
    blocks = [parts.advance(size) for size in sizes]
    np.testing.assert_array_equal(np.concatenate([block[0] for block in blocks]), values)
    np.testing.assert_array_equal(np.concatenate([block[1] for block in blocks]), observed)


def test_delay_follows_its_equation(network: RoadNetwork) -> None:
    """The twin: the same random numbers, loops over steps and sensors, float64."""
    times = time_axis(1, "2024-03-04", before=0)[90:120]
    traffic = NetworkTraffic(network, times, seed=2)
    streams = np.random.default_rng(2).spawn(6)[1:4]
    noise, error = (stream.standard_normal((30, 600), dtype=np.float32).astype(np.float64) for stream in streams[:2])
    blocked = Spells(streams[2], 600, share=1 / 1440, steps=6).advance(30)
    values, observed = traffic.advance(30)
    A = network.graph.adjacency.toarray()
    keep, ways, shift = np.exp(-5 / 30), np.array([1.0, -1.0]), pd.Timedelta(minutes=25)
    source, delay = np.zeros((2, 600))
    for t in range(30):
        curves = np.concatenate([profile(times[[t]] + shift, ways), profile(times[[t]] - shift, ways)], axis=1)[0]
        demand = curves @ traffic._mix
        source = keep * source + (1 - keep**2) ** 0.5 * UNREST * noise[t] + (1 - keep) * INCIDENT * blocked[t]
        taken = np.array([A[i] @ delay / A[i].sum() if A[i].any() else 0.0 for i in range(600)])
        delay = delay + 5 * (SPREAD * (taken - delay) - DISSOLVE * delay + demand * source)
        time = 1 + AT_REST + np.maximum(delay + traffic._peak * demand**4, 0)
        speed = np.clip(network.free_speed / time * (1 + traffic._error * error[t]), SLOWEST, network.free_speed)
        np.testing.assert_allclose(values[t, :, 0], speed, rtol=1e-4)
    assert observed.all()
    assert blocked.any()
    assert (values.min(axis=0) < 0.7 * values.max(axis=0)).any()


def test_delay_reaches_those_upstream_a_hop_a_step_and_no_one_else(network: RoadNetwork) -> None:
    downstream = _downstream(network.graph)
    move = _move(downstream, 5.0).toarray()
    reach = (network.graph.adjacency.toarray() > 0) | np.eye(600, dtype=bool)
    jam, upstream = np.eye(600)[300], np.eye(600, dtype=bool)[300]
    for _ in range(4):
        jam, upstream = move @ jam, reach @ upstream
        np.testing.assert_array_equal(jam > 0, upstream)
    assert upstream.sum() > 5
    leads_on = np.diff(network.graph.adjacency.indptr) > 0
    np.testing.assert_allclose(move.sum(axis=1)[leads_on], 1 - 5 * DISSOLVE, rtol=1e-5)


def test_the_tide_is_one_towards_the_middle_and_minus_one_away_from_it() -> None:
    row = SensorGraph("abcde", np.eye(5, k=1), [[4.0 + 0.1 * k, 0.0] for k in range(5)])
    np.testing.assert_allclose(_tide(row, _downstream(row)), [1, 1, -1, -1, 0], atol=1e-9)
    both = SensorGraph("abcde", np.eye(5, k=1) + np.eye(5, k=-1), row.positions)
    assert _tide(both, _downstream(both))[1] == pytest.approx(0, abs=1e-9)
