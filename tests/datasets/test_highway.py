"""The layout: where the detectors stand, what the adjacency says, and that the roads are drivable."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from stgraph.datasets.freeways import FREEWAYS
from stgraph.datasets.highway import Highway, highway


@pytest.fixture(scope="module")
def roads() -> Highway:
    return highway()


def along(roads: Highway) -> dict[str, list[int]]:
    """Sensors of each roadway in the order in which traffic passes them."""
    names = roads.roadway[roads.sensor_cells]
    return {str(name): np.flatnonzero(names == name).tolist() for name in np.unique(names)}


def test_every_direction_of_every_freeway_has_sensors_a_kilometre_or_so_apart(roads: Highway) -> None:
    lines = along(roads)
    assert sorted(lines) == sorted(f"{f.name}-{d}" for f in FREEWAYS for d in f.directions)
    assert 60 <= len(roads.graph) <= 100
    kilometre = roads.kilometre[roads.sensor_cells]
    for line in lines.values():
        gaps = np.diff(kilometre[line])
        assert (np.sign(gaps) == np.sign(gaps[0])).all()
        assert (np.abs(gaps) > 0.79).all()
        assert (np.abs(gaps) < 1.61).all()


def test_ids_say_freeway_direction_and_kilometre(roads: Highway) -> None:
    for name, cell in zip(roads.graph.ids, roads.sensor_cells, strict=True):
        freeway, direction, kilometre = name.split("-")
        assert f"{freeway}-{direction}" == roads.roadway[cell]
        assert float(kilometre) == pytest.approx(roads.kilometre[cell], abs=0.05)


def test_adjacency_is_the_kernel_of_the_shortest_way_downstream(roads: Highway) -> None:
    graph: nx.DiGraph[int] = nx.DiGraph()
    for start, end in roads.network.links.tolist():
        graph.add_edge(start, end, km=(roads.network.length[start] + roads.network.length[end]) / 2)
    expected = np.zeros((len(roads.graph), len(roads.graph)))
    place = {int(cell): i for i, cell in enumerate(roads.sensor_cells)}
    for cell, i in place.items():
        for other, km in nx.single_source_dijkstra_path_length(graph, cell, cutoff=4.55, weight="km").items():
            if other in place and other != cell:
                expected[i, place[other]] = np.exp(-((km / 3) ** 2))
    expected[expected < 0.1] = 0
    np.testing.assert_allclose(roads.graph.adjacency.toarray(), expected, rtol=1e-9)


def test_traffic_can_turn_between_every_two_freeways_but_not_round(roads: Highway) -> None:
    adjacency = roads.graph.adjacency.toarray()
    names = np.array([name[0] for name in roads.graph.ids])
    for one in "ABC":
        for other in "ABC":
            between = adjacency[np.ix_(names == one, names == other)]
            assert between.any()
    lines = along(roads)
    for freeway in FREEWAYS:
        ahead, back = (lines[f"{freeway.name}-{direction}"] for direction in freeway.directions)
        assert not adjacency[np.ix_(ahead, back)].any()
        assert not adjacency[np.ix_(back, ahead)].any()


def test_the_nearest_sensor_downstream_has_the_heaviest_edge_of_the_roadway(roads: Highway) -> None:
    adjacency = roads.graph.adjacency.toarray()
    for line in along(roads).values():
        for here, there in pairwise(line):
            assert adjacency[here, there] == adjacency[here, line].max() > 0.7


def test_the_map_is_as_large_as_the_roads(roads: Highway) -> None:
    assert roads.graph.positions is not None
    longitude, latitude = np.radians(roads.graph.positions).T
    for line in along(roads).values():
        east = np.diff(longitude[line]) * np.cos(latitude[line[1:]]) * 6371
        north = np.diff(latitude[line]) * 6371
        by_road = np.abs(np.diff(roads.kilometre[roads.sensor_cells[line]]))
        straight = np.hypot(east, north)
        assert (straight < by_road * 1.05).all()  # the outer side of a bend is a little longer than its centre line
        assert (straight > by_road * 0.85).all()


def test_the_sensor_before_a_cell_is_the_last_one_passed(roads: Highway) -> None:
    for line in along(roads).values():
        cells = roads.sensor_cells[line]
        assert roads.sensor_before(int(cells[0])) == line[0]
        assert roads.sensor_before(int(cells[1]) - 1) == line[0]
        assert roads.sensor_before(int(cells[1]) + 1) == line[1]
        assert roads.sensor_before(int(cells[0]) - 1) == -1


def test_the_tide_tells_inbound_from_outbound(roads: Highway) -> None:
    tide = dict(zip(roads.network.entries.tolist(), roads.tide, strict=True))
    starts = [cell for cell in tide if roads.roadway[cell]]
    assert all(tide[cell] > 0.4 for cell in starts)
    assert (np.abs(roads.tide) <= 1).all()
    assert (roads.tide < -0.8).any()


def test_traffic_leaves_every_cell_in_the_end(roads: Highway) -> None:
    graph: nx.DiGraph[int] = nx.DiGraph(roads.network.links.tolist()).reverse()
    exits = roads.network.exits.tolist()
    reached = set(exits).union(*(nx.descendants(graph, cell) for cell in exits))
    assert len(reached) == len(roads.network.length)
