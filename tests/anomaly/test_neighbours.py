import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stgraph.anomaly.neighbours import NONE, beside, nearest
from stgraph.graph import SensorGraph


def graph_of(adjacency: np.ndarray) -> SensorGraph:
    return SensorGraph(tuple(f"s{n}" for n in range(len(adjacency))), adjacency)


@given(arrays(np.float64, (6, 6), elements=st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.0])))
def test_those_beside_a_sensor_are_its_heaviest_on_either_side(adjacency: np.ndarray) -> None:
    bare = adjacency * (1 - np.eye(6))
    ups, downs = beside(graph_of(adjacency))
    for n, (up, down) in enumerate(zip(ups, downs, strict=True)):
        if up == NONE:
            assert down == NONE
            others = set(np.flatnonzero(bare[n])) - {bare[:, n].argmax()}
            assert not bare[:, n].any() or not others
        else:
            assert up != down
            assert bare[up, n] == bare[:, n].max() > 0
            assert bare[n, down] == np.delete(bare[n], up).max() > 0


@given(arrays(np.float64, (7, 7), elements=st.sampled_from([0.0, 0.0, 0.0, 0.5, 2.0])), st.integers(1, 6))
def test_the_nearest_are_neighbours_before_their_neighbours(adjacency: np.ndarray, most: int) -> None:
    weights = (adjacency + adjacency.T) * (1 - np.eye(7))
    two = (weights > 0).astype(int) @ (weights > 0)
    for n, chosen in enumerate(nearest(graph_of(adjacency), most)):
        there = [int(j) for j in chosen if j != NONE]
        within = set(np.flatnonzero((weights[n] > 0) | (two[n] > 0))) - {n}
        assert len(set(there)) == len(there) == min(most, len(within))
        assert set(there) <= within
        far = [bool(weights[n, j] == 0) for j in there]
        assert far == sorted(far)


def test_heavier_neighbours_come_first() -> None:
    adjacency = np.zeros((5, 5))
    adjacency[0, 1:4] = [0.2, 0.9, 0.5]
    adjacency[3, 4] = 1
    assert nearest(graph_of(adjacency), 6)[0].tolist() == [2, 3, 1, 4, NONE, NONE]


@pytest.mark.parametrize("count", [1, 2])
def test_a_sensor_alone_or_a_pair_has_nobody_on_both_sides(count: int) -> None:
    up, down = beside(graph_of(np.eye(count, k=1)))
    assert set(up) == set(down) == {NONE}
