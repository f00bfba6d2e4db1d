from collections.abc import Iterable

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.graph import SensorGraph, k_hop, undirected
from tests.graph.strategies import graphs


def naive_k_hop(
    adjacency: np.ndarray[tuple[int, int], np.dtype[np.float64]], start: Iterable[int], hops: int
) -> list[int]:
    """One hop at a time, every pair looked at."""
    seen = set(start)
    for _ in range(hops):
        seen |= {j for i in seen for j in range(len(adjacency)) if adjacency[i, j] > 0 or adjacency[j, i] > 0}
    return sorted(seen)


def some_sensors(graph: SensorGraph) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, len(graph) - 1), max_size=4)


@given(graphs(), st.data(), st.integers(0, 5))
def test_as_the_naive_twin(graph: SensorGraph, data: st.DataObject, hops: int) -> None:
    start = data.draw(some_sensors(graph))
    assert graph.k_hop(start, hops).tolist() == naive_k_hop(graph.adjacency.toarray(), start, hops)


@given(graphs(), st.data())
def test_none_is_every_sensor_and_reached_sensors_are_the_component(graph: SensorGraph, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(graph) - 1))
    assert graph.k_hop([start], None).tolist() == list(range(len(graph)))
    _, component = sp.csgraph.connected_components(graph.adjacency, directed=True, connection="weak")
    np.testing.assert_array_equal(graph.k_hop([start], len(graph)), np.flatnonzero(component == component[start]))


@given(graphs(), st.data(), st.integers(0, 3), st.integers(0, 3))
def test_hops_add_up(graph: SensorGraph, data: st.DataObject, first: int, then: int) -> None:
    start = data.draw(some_sensors(graph))
    step = graph.k_hop(graph.k_hop(start, first).tolist(), then)
    np.testing.assert_array_equal(step, graph.k_hop(start, first + then))


def test_alone_it_follows_rows_and_undirected_adds_the_way_back() -> None:
    chain = sp.csr_array(np.eye(5, k=1))
    assert k_hop(chain, [2], 1).tolist() == [2, 3]
    assert k_hop(undirected(chain), [2], 1).tolist() == [1, 2, 3]


def test_negative_hops_are_refused() -> None:
    with pytest.raises(DataError, match="hops: expected 0 or more, or None for the whole graph, found -1"):
        k_hop(sp.csr_array(np.eye(2)), [0], -1)
