from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from stgraph.errors import DataError
from stgraph.graph.streets import streets_of

BEND = [(4.8, 52.3), (4.9, 52.3), (4.9, 52.4)]


def road(graph: "nx.Graph[Any]", **facts: Any) -> "nx.Graph[Any]":
    graph.add_node("a", x=4.8, y=52.3)
    graph.add_node("b", lon="4.9", lat="52.4")
    graph.add_edge("a", "b", **({"length": 1500} | facts))
    return graph


def test_a_directed_edge_is_one_street_and_an_undirected_one_two() -> None:
    one, two = streets_of(road(nx.DiGraph())), streets_of(road(nx.Graph()))
    assert (one.vertices, one.source.tolist(), one.target.tolist()) == (("a", "b"), [0], [1])
    assert (two.source.tolist(), two.target.tolist()) == ([0, 1], [1, 0])
    assert two.length.tolist() == [1.5, 1.5]
    np.testing.assert_array_equal(two.ends, [[[4.8, 52.3], [4.9, 52.4]], [[4.9, 52.4], [4.8, 52.3]]])
    assert one.share.tolist() == [[0, 1]]


def test_parallel_edges_are_streets_of_their_own_and_lengths_may_be_text() -> None:
    graph = road(nx.MultiDiGraph(), length="1500.0")
    graph.add_edge("a", "b", length=700)
    assert streets_of(graph).length.tolist() == [1.5, 0.7]


@pytest.mark.parametrize(
    "geometry",
    [
        SimpleNamespace(coords=BEND),
        SimpleNamespace(coords=BEND[::-1]),
        "LINESTRING (4.8 52.3, 4.9 52.3, 4.9 52.4)",
        "LINESTRING(4.9 52.4, 4.9 52.3, 4.8 52.3)",
        "LINESTRING Z (4.8 52.3 -1, 4.9 52.3 0, 4.9 52.4 1)",
        SimpleNamespace(coords=[(*point, 2.0) for point in BEND]),
    ],
)
def test_a_bend_is_followed_whichever_way_it_is_drawn(geometry: Any) -> None:
    streets = streets_of(road(nx.DiGraph(), geometry=geometry))
    np.testing.assert_array_equal(streets.ends, [BEND[:2], BEND[1:]])
    assert streets.street.tolist() == [0, 0]
    (start, middle), (again, end) = streets.share.tolist()
    assert (start, end) == (0, 1)
    assert again == pytest.approx(middle)
    assert middle == pytest.approx(6.8 / (6.8 + 11.12), rel=0.01)


@pytest.mark.parametrize("length", [None, -1, "far", np.nan, np.inf])
def test_an_edge_without_a_length_is_named(length: Any) -> None:
    with pytest.raises(DataError, match=f"length in metres of 0 or more on the edge from a to b, found {length}"):
        streets_of(road(nx.DiGraph(), length=length))


def test_a_vertex_that_is_not_in_degrees_and_a_road_without_edges_are_named() -> None:
    graph = road(nx.DiGraph())
    graph.add_node("c", x=631_000.0, y=5_800_000.0)
    with pytest.raises(DataError, match=r"in degrees on the vertex c, found \[631000.0, 5800000.0\]"):
        streets_of(graph)
    graph.add_node("c", x=4.8, y="north")
    with pytest.raises(DataError, match=r"in degrees on the vertex c, found \[4.8, 'north'\]"):
        streets_of(graph)
    with pytest.raises(DataError, match="road: expected a graph with edges, found none"):
        streets_of(nx.DiGraph())


@pytest.mark.parametrize("geometry", ["LINESTRING EMPTY", "LINESTRING (4.8 52.3)", "LINESTRING (4.8, 52.3)", ""])
def test_a_geometry_that_is_no_line_is_named(geometry: str) -> None:
    with pytest.raises(DataError, match="a line of two points or more on the edge from a to b, found "):
        streets_of(road(nx.DiGraph(), geometry=geometry))
