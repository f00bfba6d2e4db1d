from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from stgraph.errors import DataError, ShapeError
from stgraph.graph import from_distances, from_road, read_adjacency, write_adjacency
from stgraph.graph import road as module
from stgraph.graph.road import road_distances
from stgraph.graph.snap import snap
from stgraph.graph.streets import streets_of
from tests.graph.roads import STEP, towns


def distances(road: "nx.Graph[Any]", positions: Any, cutoff: float = 1e3) -> NDArray[np.float64]:
    """Kilometres from each sensor to each other one, infinite beyond the cut-off and on the diagonal."""
    streets, count = streets_of(road), len(positions)
    places = snap(streets, np.asarray(positions, dtype=np.float64), tuple(map(str, range(count))), farthest=0.05)
    source, target, kilometres = road_distances(streets, places, count, cutoff)
    found = np.full((count, count), np.inf)
    found[source, target] = kilometres
    return found


@settings(deadline=None)
@given(towns(), st.sampled_from([0.5, 2.0, 100.0]))
def test_between_vertices_it_is_the_shortest_path_of_networkx(road: "nx.MultiDiGraph[Any]", cutoff: float) -> None:
    used = [vertex for vertex in road if road.degree(vertex)]
    found = distances(road, [(road.nodes[v]["x"], road.nodes[v]["y"]) for v in used], cutoff)
    for i, u in enumerate(used):
        ways = nx.single_source_dijkstra_path_length(road, u, weight="length")
        for j, v in enumerate(used):
            kilometres = ways.get(v, np.inf) / 1000
            expected = kilometres if i != j and kilometres <= cutoff + 1e-9 else np.inf
            assert found[i, j] == pytest.approx(expected, abs=1e-6)


@settings(deadline=None)
@given(towns(), st.data())
def test_along_streets_it_is_that_of_a_graph_cut_at_the_sensors(
    road: "nx.MultiDiGraph[Any]", data: st.DataObject
) -> None:
    streets: list[tuple[Any, Any, float]] = list(road.edges(data="length"))
    chosen = data.draw(st.lists(st.sampled_from(streets), min_size=2, max_size=5))
    shares = [0.1 + 0.15 * n for n in range(len(chosen))]  # nowhere do two sensors or a vertex meet
    cut: nx.MultiDiGraph[Any] = nx.MultiDiGraph(road)
    for u, v, length in streets:
        stops = {0.0: u, 1.0: v}
        for n, ((a, b, _), share) in enumerate(zip(chosen, shares, strict=True)):
            if (a, b) == (u, v):
                stops[share] = ("on", n, u, v)
            elif (b, a) == (u, v):
                stops[1 - share] = ("on", n, u, v)
        order = sorted(stops)
        for one, two in pairwise(order):
            cut.add_edge(stops[one], stops[two], length=(two - one) * length)
        for stop in list(stops.values()):
            if stop[0] == "on":
                cut.add_edge(("leave", stop[1]), stop, length=0)
                cut.add_edge(stop, ("arrive", stop[1]), length=0)
    place = {v: np.array([road.nodes[v]["x"], road.nodes[v]["y"]]) for v in road}
    positions = [place[u] + share * (place[v] - place[u]) for (u, v, _), share in zip(chosen, shares, strict=True)]
    found = distances(road, positions)
    for i in range(len(chosen)):
        ways = nx.single_source_dijkstra_path_length(cut, ("leave", i), weight="length")
        for j in range(len(chosen)):
            expected = np.inf if i == j else ways.get(("arrive", j), np.inf) / 1000
            assert found[i, j] == pytest.approx(expected, abs=1e-4)


@settings(deadline=None)
@given(towns(), st.data())
def test_streets_that_are_driven_both_ways_give_a_symmetric_graph(
    road: "nx.MultiDiGraph[Any]", data: st.DataObject
) -> None:
    streets = data.draw(st.lists(st.sampled_from(list(road.edges())), min_size=2, max_size=5))
    shares = np.array([data.draw(st.integers(0, 100)) / 100 for _ in streets])[:, None]
    starts, ends = (np.array([(road.nodes[s[k]]["x"], road.nodes[s[k]]["y"]) for s in streets]) for k in (0, 1))
    names = [str(n) for n in range(len(streets))]
    graph = from_road(road.to_undirected(), starts + shares * (ends - starts), names, sigma=2)
    assert graph.describe()["symmetric"]


def avenue(*, two_way: bool = False) -> "nx.MultiDiGraph[Any]":
    """Three crossings a kilometre apart, driven eastwards, or both ways."""
    road: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for n in range(3):
        road.add_node(n, x=4.8 + STEP * n, y=52.3)
    for n in range(2):
        road.add_edge(n, n + 1, length=1000.0)
        if two_way:
            road.add_edge(n + 1, n, length=1000.0)
    return road


ALONG = [(4.8 + STEP * share, 52.3) for share in (0.5, 0.25, 1.75)]


def test_a_one_way_street_is_driven_one_way_and_the_cutoff_cuts() -> None:
    inf = np.inf
    expected = np.array([[inf, inf, 1.25], [0.25, inf, 1.5], [inf, inf, inf]])
    np.testing.assert_allclose(distances(avenue(), ALONG), expected, rtol=1e-6)
    np.testing.assert_allclose(distances(avenue(), ALONG, 1.3)[1], [0.25, inf, inf], rtol=1e-6)
    both = distances(avenue(two_way=True), ALONG)
    np.testing.assert_allclose(both, both.T)
    np.testing.assert_allclose(both[np.triu_indices(3, 1)], [0.25, 1.25, 1.5], rtol=1e-6)
    undirected: nx.Graph[Any] = nx.Graph(avenue())
    np.testing.assert_allclose(distances(undirected, ALONG), both)


def test_sensors_at_one_place_are_at_no_distance() -> None:
    found = distances(avenue(), [ALONG[0], ALONG[1], ALONG[0]])
    np.testing.assert_allclose(found, [[np.inf, np.inf, 0], [0.25, np.inf, 0.25], [0, np.inf, np.inf]], rtol=1e-6)


def test_a_sensor_on_two_levels_is_no_junction() -> None:
    road: nx.DiGraph[Any] = nx.DiGraph()
    for name, x, y in (("w", 4.79, 52.3), ("e", 4.81, 52.3), ("s", 4.8, 52.29), ("n", 4.8, 52.31)):
        road.add_node(name, x=x, y=y)
    road.add_edge("w", "e", length=1400)
    road.add_edge("s", "n", length=2200)
    found = distances(road, [(4.79, 52.3), (4.8, 52.31), (4.8, 52.3)])
    assert found[0, 1] == np.inf
    np.testing.assert_allclose([found[0, 2], found[2, 1]], [0.7, 1.1], rtol=1e-6)


@settings(deadline=None)
@given(towns(), st.randoms(use_true_random=False))
def test_relabelling_sensors_relabels_the_graph(road: "nx.MultiDiGraph[Any]", random: Any) -> None:
    used = [vertex for vertex in road if road.degree(vertex)]
    positions = np.array([(road.nodes[v]["x"], road.nodes[v]["y"]) for v in used])
    order = list(range(len(used)))
    random.shuffle(order)
    names = [f"s{n}" for n in range(len(used))]
    graph = from_road(road, positions, names, sigma=2)
    turned = from_road(road, positions[order], [names[n] for n in order], sigma=2)
    assert turned.digest() == graph.subgraph(order).digest()


def test_weights_are_the_kernel_of_from_distances(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    found = from_road(avenue(two_way=True), ALONG, "abc", farthest=0.05)
    table = distances(avenue(two_way=True), ALONG)
    expected = from_distances(table, "abc", positions=ALONG)
    np.testing.assert_allclose(found.adjacency.toarray(), expected.adjacency.toarray())
    assert not found.adjacency.diagonal().any()
    assert from_road(avenue(), ALONG[:1], "a").adjacency.nnz == 0
    monkeypatch.setattr(module, "HELD", 1)
    assert from_road(avenue(two_way=True), ALONG, "abc", farthest=0.05).digest() == found.digest()
    assert read_adjacency(write_adjacency(found, tmp_path / "road.npz")).digest() == found.digest()


def test_a_wrong_input_is_named() -> None:
    with pytest.raises(DataError, match=r"within 0.1 km of every sensor, found none for 1 of 2: far"):
        from_road(avenue(), [ALONG[0], (4.8, 52.4)], ["near", "far"])
    with pytest.raises(DataError, match=r"found \[52.3, 104.8\] for sensor a"):
        from_road(avenue(), [(52.3, 104.8)], "a")
    with pytest.raises(DataError, match="for sensor b"):
        from_road(avenue(), [ALONG[0], (np.nan, 52.3)], "ab")
    with pytest.raises(ShapeError, match="positions: expected shape"):
        from_road(avenue(), ALONG, "ab")
    for options, words in (
        ({"cutoff": 0}, "cutoff: expected a finite number of kilometres above 0, found 0"),
        ({"farthest": np.nan}, "farthest: expected a finite number of kilometres above 0, found nan"),
        ({"sigma": -1}, "sigma: expected"),
        ({"threshold": 2}, "threshold: expected"),
    ):
        with pytest.raises(DataError, match=words):
            from_road(avenue(two_way=True), ALONG, "abc", **options)
