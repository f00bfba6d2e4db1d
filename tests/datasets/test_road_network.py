"""Road networks: of exactly the size asked for, planar, connected, of lengths and degrees that roads have."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from stgraph.datasets.ctm import Floats, Places
from stgraph.datasets.road_network import BLOCK_KM, KERNEL_KM, RoadNetwork, _junctions, _streets, road_network
from stgraph.errors import DataError, ShapeError
from stgraph.graph import SensorGraph, haversine


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return road_network(3000)


def edges_of(network: RoadNetwork) -> tuple[Places, Floats]:
    """Edges (2, E) and their lengths in km."""
    positions = np.asarray(network.graph.positions)
    source, target = network.graph.adjacency.tocoo().coords
    return np.stack([source, target]), haversine(*positions[source].T, *positions[target].T)


def crossings(ones: Floats, others: Floats) -> int:
    """How many pairs of segments (E, 2 ends, 2) cross, other than at their ends?"""

    def side(lines: Floats, points: Floats) -> Floats:
        """On which side of each line (E, 2, 2) does each point (P, 2) lie, (E, P)?"""
        way, to = lines[:, 1] - lines[:, 0], points - lines[:, None, 0]
        return np.sign(way[:, None, 0] * to[..., 1] - way[:, None, 1] * to[..., 0])

    apart = side(ones, others[:, 0]) * side(ones, others[:, 1]) < 0
    return int((apart & (side(others, ones[:, 0]) * side(others, ones[:, 1]) < 0).T).sum())


@settings(max_examples=25, deadline=None)
@given(sensors=st.integers(10, 700), seed=st.integers(0, 2**32))
def test_any_size_has_exactly_so_many_sensors_at_places_of_their_own_all_of_them_connected(
    sensors: int, seed: int
) -> None:
    network = road_network(sensors, seed=seed)
    graph = network.graph
    assert len(graph) == len(set(graph.ids)) == sensors
    assert len(np.unique(np.asarray(graph.positions), axis=0)) == sensors
    assert graph.describe()["components"] == 1
    assert network.motorway.sum() == 2 * round(0.06 * sensors)
    assert not graph.adjacency.diagonal().any()


def test_same_seed_same_roads_other_seed_other_roads(network: RoadNetwork) -> None:
    again, other = road_network(3000), road_network(3000, seed=1)
    assert again.graph.digest() == network.graph.digest() != other.graph.digest()
    np.testing.assert_array_equal(again.free_speed, network.free_speed)


def test_ids_say_which_road_it_is(network: RoadNetwork) -> None:
    assert [name[0] == "M" for name in network.graph.ids] == network.motorway.tolist()
    assert sorted(network.graph.ids, key=lambda name: int(name[1:])) == list(network.graph.ids)


def test_streets_lie_between_the_relative_neighbourhood_and_the_gabriel_graph() -> None:
    junctions, _ = _junctions(np.random.default_rng(0), 120)
    squares = ((junctions[:, None] - junctions) ** 2).sum(axis=2)
    found = set(zip(*_streets(junctions).tolist(), strict=True))
    relative, gabriel = set(), set()
    for p in range(120):
        for q in range(p + 1, 120):
            others = np.delete(np.arange(120), [p, q])
            if (np.maximum(squares[p, others], squares[q, others]) >= squares[p, q]).all():
                relative.add((p, q))
            if (squares[p, others] + squares[q, others] >= squares[p, q]).all():
                gabriel.add((p, q))
    assert relative <= found <= gabriel
    assert len(found) < len(gabriel)


def test_streets_never_cross_and_motorways_do_on_bridges() -> None:
    network = road_network(300)
    edges, _ = edges_of(network)
    places = np.asarray(network.graph.positions)[edges.T]  # (E, 2 ends, 2)
    kind = network.motorway[edges].sum(axis=0)
    streets, bridges = places[kind == 0], places[kind == 2]
    assert crossings(streets, streets) == 0
    assert crossings(bridges, streets) > 50
    assert crossings(streets + np.array([0.001, 0]), streets) > 50  # what is found where there are any


def test_some_three_streets_meet_and_some_of_them_are_one_way(network: RoadNetwork) -> None:
    street = ~network.motorway
    between = network.graph.adjacency[street][:, street] > 0
    both = between.multiply(between.T)
    streets = between.nnz - both.nnz / 2
    assert 2.6 < 2 * streets / street.sum() < 3.2
    assert 0.15 < 1 - both.nnz / 2 / streets < 0.2
    assert 2 < network.graph.adjacency.nnz / 3000 < 4
    assert np.diff(between.indptr).max() <= 6


def test_streets_are_a_few_hundred_metres_long_and_motorways_have_few_ways_off(network: RoadNetwork) -> None:
    edges, length = edges_of(network)
    kind = network.motorway[edges].sum(axis=0)
    assert np.median(length[kind == 0]) == pytest.approx(BLOCK_KM, rel=0.15)
    assert length[kind == 0].min() > 0.1 * BLOCK_KM
    assert length.min() > 0
    assert length.max() < 5
    assert np.median(length[kind == 2]) == pytest.approx(0.75, rel=0.15)
    assert np.count_nonzero(kind == 1) < np.count_nonzero(kind == 2)


def test_nearly_every_sensor_can_be_driven_to_and_from(network: RoadNetwork) -> None:
    _, labels = connected_components(network.graph.adjacency, connection="strong")
    assert np.bincount(labels).max() > 0.9 * 3000
    assert len(network.graph.isolated()) == 0


def test_weights_are_the_kernel_of_the_length(network: RoadNetwork) -> None:
    _, length = edges_of(network)
    np.testing.assert_allclose(network.graph.adjacency.data, np.exp(-((length / KERNEL_KM) ** 2)), rtol=0.02, atol=1e-3)


def test_the_region_grows_with_its_sensors_and_motorways_are_faster(network: RoadNetwork) -> None:
    def area(one: RoadNetwork) -> float:
        (west, south), (east, north) = (getattr(np, end)(one.graph.positions, axis=0) for end in ("min", "max"))
        return float(haversine(west, south, east, south) * haversine(west, south, west, north))

    assert area(network) / 3000 == pytest.approx(area(road_network(1000)) / 1000, rel=0.25)
    assert network.free_speed[network.motorway].min() > network.free_speed[~network.motorway].max()
    assert len(np.unique(network.free_speed)) == 3000


def test_what_cannot_be_is_refused(network: RoadNetwork) -> None:
    with pytest.raises(DataError, match="sensors: expected at least 10, found 9"):
        road_network(9)
    graph, motorway = network.graph, network.motorway
    with pytest.raises(ShapeError, match=r"free_speed: expected shape \(N \[N=3000\]\), found \(2,\)"):
        RoadNetwork(graph, motorway, np.ones(2))
    with pytest.raises(DataError, match="free_speed: expected finite and above 0, found nan at S0002"):
        RoadNetwork(graph, motorway, np.where(np.arange(3000) == 2, np.nan, 50))
    with pytest.raises(DataError, match="graph: expected one with positions"):
        RoadNetwork(SensorGraph(graph.ids, graph.adjacency), motorway, network.free_speed)
