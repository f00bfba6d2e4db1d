from collections.abc import Callable
from random import Random
from typing import Any

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError, MismatchError, ShapeError, StgraphError, UnknownNameError
from stgraph.graph import SensorGraph, from_coordinates, from_correlation, from_radius, from_road
from tests.graph.strategies import graphs

RING = [[0, 1, 0], [0, 0, 2], [3, 0, 0]]
PLACES: list[list[float]] = [[4.8, 52.3], [4.9, 52.4], [5.0, 52.5]]


def triangle() -> SensorGraph:
    return SensorGraph("abc", RING, PLACES)


@given(graphs(), st.randoms(use_true_random=False))
def test_relabelling_there_and_back_is_the_identity(graph: SensorGraph, random: Random) -> None:
    order = list(range(len(graph)))
    random.shuffle(order)
    there = graph.subgraph(order)
    assert there.align(graph.ids).digest() == graph.digest()
    assert there.subgraph(np.argsort(order)).digest() == graph.digest()


@given(graphs(), st.data())
def test_subgraph_is_the_block_of_the_matrix(graph: SensorGraph, data: st.DataObject) -> None:
    index = data.draw(st.lists(st.integers(0, len(graph) - 1), min_size=1, unique=True))
    part = graph.subgraph(index)
    assert part.ids == tuple(graph.ids[i] for i in index)
    np.testing.assert_array_equal(part.adjacency.toarray(), graph.adjacency.toarray()[np.ix_(index, index)])
    if graph.positions is not None:
        assert part.positions is not None
        np.testing.assert_array_equal(part.positions, graph.positions[index])


@given(graphs())
def test_the_form_of_the_matrix_does_not_matter(graph: SensorGraph) -> None:
    dense = graph.adjacency.toarray()
    coo = sp.coo_array(dense)
    halves = sp.coo_array((np.tile(coo.data / 2, 2), tuple(np.tile(axis, 2) for axis in coo.coords)), shape=coo.shape)
    for form in (dense, dense.tolist(), sp.csc_matrix(dense), sp.lil_array(dense), coo, halves):
        assert SensorGraph(graph.ids, form, graph.positions).digest() == graph.digest()


@given(graphs())
def test_index_of_inverts_ids(graph: SensorGraph) -> None:
    np.testing.assert_array_equal(graph.index_of(reversed(graph.ids)), np.arange(len(graph))[::-1])


@pytest.mark.parametrize(
    "changed",
    [
        SensorGraph("abd", RING, PLACES),
        SensorGraph("abc", np.array([[0, 1, 0], [0, 0, 2], [3.0000000001, 0, 0]]), PLACES),
        SensorGraph("abc", [[0, 1, 0], [0, 0, 2], [0, 3, 0]], PLACES),
        SensorGraph("abc", [[1, 1, 0], [0, 0, 2], [3, 0, 0]], PLACES),
        SensorGraph("abc", RING),
        SensorGraph("abc", RING, [*PLACES[:2], [5.0, 52.6]]),
    ],
)
def test_digest_changes_with_every_field(changed: SensorGraph) -> None:
    assert changed.digest() != triangle().digest()


def test_digest_keeps_ids_apart_and_ignores_the_sign_of_zero() -> None:
    assert SensorGraph(("a\nb", "c"), np.eye(2)).digest() != SensorGraph(("a", "b\nc"), np.eye(2)).digest()
    one, two = (SensorGraph(("a",), [[zero]], [[zero, zero]]) for zero in (0.0, -0.0))
    assert one.digest() == two.digest()


def test_fields_are_copies() -> None:
    matrix, positions = sp.csr_array(np.eye(2)), np.zeros((2, 2))
    graph = SensorGraph(("a", "b"), matrix, positions)
    matrix.data[:] = 7
    positions[:] = 7
    assert graph.digest() == SensorGraph(("a", "b"), np.eye(2), np.zeros((2, 2))).digest()


def test_a_mask_selects_sensors() -> None:
    assert triangle().subgraph(np.array([False, True, True])).ids == ("b", "c")


def test_describe_counts_what_there_is() -> None:
    graph = SensorGraph("abcd", np.array([[9, 2, 0, 0], [0.5, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 5]]))
    assert graph.describe() == {
        "sensors": 4,
        "edges": 3,
        "loops": 2,
        "density": 0.25,
        "symmetric": False,
        "components": 2,
        "isolated": 1,
        "mean_degree": 0.75,
        "largest_degree": 1,
        "largest_in_degree": 2,
        "smallest_weight": 0.5,
        "largest_weight": 2.0,
    }


@given(graphs())
def test_a_graph_and_its_mirror_is_symmetric(graph: SensorGraph) -> None:
    both = SensorGraph(graph.ids, graph.adjacency + graph.adjacency.T).describe()
    assert both["symmetric"]
    assert both["components"] == graph.describe()["components"]
    assert both["isolated"] == graph.describe()["isolated"]


def test_align_names_the_sensors_of_one_side() -> None:
    with pytest.raises(MismatchError, match=r"1 only in the series \['x'\], 2 only in the graph \['b', 'c'\]"):
        triangle().align(["a", "x"])


def test_index_of_suggests_the_nearest() -> None:
    graph = SensorGraph([f"s{i:03}" for i in range(207)], sp.csr_array((207, 207)))
    with pytest.raises(UnknownNameError, match=r"207 sensors, found 2 others \['S206', 'x'\]; did you mean 's206'"):
        graph.index_of(["S206", "x", "s001"])


@pytest.mark.parametrize(
    ("ids", "adjacency", "positions", "error", "words"),
    [
        ("ab", np.eye(3), None, ShapeError, "adjacency: expected shape"),
        ("ab", np.ones(4), None, ShapeError, "adjacency: expected shape"),
        ("", np.ones((0, 0)), None, ShapeError, "at least one sensor"),
        ("aba", np.eye(3), None, DataError, r"unique, found \['a'\] more than once"),
        ("ab", [[0, -1], [0, 0]], None, DataError, r"found -1.0 at \(a, b\)"),
        ("ab", [[0, 0], [np.nan, 0]], None, DataError, r"found nan at \(b, a\)"),
        ("ab", [[0, np.inf], [0, 0]], None, DataError, r"found inf at \(a, b\)"),
        ("ab", [["x", 0], [0, 0]], None, DataError, "adjacency: expected an array of numbers"),
        ("ab", [[0, 1], [0]], None, DataError, "adjacency: expected an array of numbers"),
        ("ab", np.eye(2), [[0, 0]], ShapeError, "positions: expected shape"),
        ("ab", np.eye(2), [[0, 0], [52, 104]], DataError, r"found \[52.0, 104.0\] for sensor b"),
        ("ab", np.eye(2), [[np.nan, 0], [0, 0]], DataError, "for sensor a"),
    ],
)
def test_a_wrong_field_is_named(
    ids: str, adjacency: Any, positions: Any, error: type[StgraphError], words: str
) -> None:
    with pytest.raises(error, match=words):
        SensorGraph(ids, adjacency, positions)


def test_a_sensor_that_is_not_there_is_an_error() -> None:
    with pytest.raises(IndexError):
        triangle().subgraph([3])
    with pytest.raises(IndexError):
        triangle().k_hop([3], 1)
    with pytest.raises(DataError, match="unique"):
        triangle().subgraph([1, 1])


def test_no_way_to_build_a_graph_takes_no_sensors_or_one_twice() -> None:
    road = nx.DiGraph([("a", "b", {"length": 1000})])
    road.add_nodes_from([("a", {"x": 0, "y": 0}), ("b", {"x": 0, "y": 0.009})])
    ways: list[Callable[[list[str]], SensorGraph]] = [
        lambda ids: from_road(road, np.zeros((len(ids), 2)), ids),
        lambda ids: from_correlation(np.zeros((20, len(ids))), None, ids),
        lambda ids: from_coordinates(np.zeros(len(ids)), np.zeros(len(ids)), ids, k=1),
        lambda ids: from_radius(np.zeros(len(ids)), np.zeros(len(ids)), ids, radius=1.0),
    ]
    for way in ways:
        with pytest.raises(ShapeError, match="ids: expected at least one sensor, found none"):
            way([])
        with pytest.raises(DataError, match=r"ids: every sensor id must be unique, found \['a'\] more than once"):
            way(["a", "a"])
