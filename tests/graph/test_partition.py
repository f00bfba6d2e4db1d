import math
import sys

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from stgraph.errors import DataError, UnknownNameError
from stgraph.graph import SensorGraph, from_edges, partition
from tests.graph.strategies import graphs

METHODS = st.sampled_from(["auto", "metis", "kd", "bfs"])


def lattice(rows: int, columns: int) -> SensorGraph:
    """Rows x columns sensors, each joined with the next to the right and below."""
    number = np.arange(rows * columns).reshape(rows, columns)
    right = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1)
    below = np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)
    positions = np.stack([0.01 * (number % columns).ravel(), 0.01 * (number // columns).ravel()], axis=1)
    return from_edges(np.concatenate([right, below]), map(str, range(number.size)), positions=positions)


def cut(graph: SensorGraph, part: NDArray[np.int64]) -> int:
    source, target = graph.adjacency.tocoo().coords
    return int((part[source] != part[target]).sum())


@given(graphs(positions=True), st.data(), METHODS)
def test_every_part_has_its_share(graph: SensorGraph, data: st.DataObject, method: str) -> None:
    parts = data.draw(st.integers(1, len(graph)))
    part = partition(graph, parts, method=method)
    assert part.dtype == np.int64
    sizes = np.bincount(part, minlength=parts)
    assert len(part) == len(graph)
    assert len(sizes) == parts
    assert sizes.min() >= 1
    if method in {"kd", "bfs"}:
        assert sizes.max() - sizes.min() <= 1
    assert sizes.max() <= math.ceil(1.03 * len(graph) / parts)
    np.testing.assert_array_equal(partition(graph, parts, method=method), part)


@pytest.mark.parametrize("method", ["metis", "kd", "bfs"])
def test_a_lattice_is_cut_about_as_short_as_it_can_be(method: str) -> None:
    graph = lattice(24, 24)
    assert cut(graph, partition(graph, 4, method=method)) <= 2 * (24 + 24)


@pytest.mark.parametrize("method", ["metis", "bfs"])
def test_components_that_fit_are_not_cut(method: str) -> None:
    ring = sp.csr_array(np.roll(np.eye(12), 1, axis=1))
    graph = SensorGraph(map(str, range(48)), sp.block_diag([ring] * 4))
    assert cut(graph, partition(graph, 4, method=method)) == 0


@pytest.mark.parametrize("method", ["auto", "metis", "bfs"])
def test_sensors_without_any_edge_are_spread_evenly(method: str) -> None:
    part = partition(SensorGraph(map(str, range(10)), sp.csr_array((10, 10))), 3, method=method)
    assert sorted(np.bincount(part)) == [3, 3, 4]


def test_halves_across_the_date_line_are_its_two_sides() -> None:
    graph = SensorGraph("abcd", np.eye(4), [[179.8, 0], [-179.8, 0], [179.9, 0], [-179.9, 0]])
    part = partition(graph, 2, method="kd")
    assert part[0] == part[2] != part[1] == part[3]


def test_auto_without_pymetis_takes_positions_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymetis", None)
    graph = lattice(5, 7)
    bare = SensorGraph(graph.ids, graph.adjacency)
    np.testing.assert_array_equal(partition(graph, 4), partition(graph, 4, method="kd"))
    np.testing.assert_array_equal(partition(bare, 4), partition(bare, 4, method="bfs"))
    with pytest.raises(ImportError, match=r"pip install 'stgraph\[partition\]'"):
        partition(graph, 4, method="metis")


def test_wrong_arguments_are_named() -> None:
    graph = SensorGraph("abc", np.eye(3, k=1))
    for parts in (0, 4):
        with pytest.raises(DataError, match=f"parts: expected 1 to 3, the number of sensors, found {parts}"):
            partition(graph, parts)
    with pytest.raises(UnknownNameError, match="unknown partition method 'metsi': did you mean 'metis'"):
        partition(graph, 2, method="metsi")
    with pytest.raises(DataError, match="expected positions for the method 'kd'"):
        partition(graph, 2, method="kd")
