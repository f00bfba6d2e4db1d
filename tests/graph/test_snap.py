from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.graph import haversine
from stgraph.graph.snap import snap
from stgraph.graph.streets import Streets, streets_of
from tests.graph.roads import towns

STREET: "nx.MultiDiGraph[Any]" = nx.MultiDiGraph()
STREET.add_node("west", x=4.80, y=52.3)
STREET.add_node("middle", x=4.81, y=52.3)
STREET.add_node("east", x=4.82, y=52.3)
for pair in (("west", "middle"), ("middle", "west"), ("middle", "east")):
    STREET.add_edge(*pair, length=700)


def stands(lon: float, lat: float, farthest: float = 0.2) -> dict[int, float]:
    """The share of each street behind a sensor."""
    places = snap(streets_of(STREET), np.array([[lon, lat]]), ("s",), farthest=farthest)
    return dict(zip(places.street.tolist(), places.share.tolist(), strict=True))


def test_a_sensor_stands_on_both_ways_of_a_street() -> None:
    assert stands(4.8025, 52.3005) == pytest.approx({0: 0.25, 1: 0.75}, abs=1e-6)


def test_a_sensor_at_a_vertex_stands_on_all_that_meet_there() -> None:
    assert stands(4.81, 52.301) == pytest.approx({0: 1, 1: 0, 2: 0}, abs=1e-6)
    assert stands(4.8201, 52.3) == pytest.approx({2: 1})


@settings(deadline=None)
@given(towns(), st.floats(4.795, 4.825), st.floats(52.295, 52.335))
def test_nothing_is_nearer(road: "nx.MultiDiGraph[Any]", lon: float, lat: float) -> None:
    streets = streets_of(road)
    places = snap(streets, np.array([[lon, lat]]), ("s",), farthest=100)
    nearest = min(
        away(streets, k, share, lon, lat) for k in range(len(streets.length)) for share in np.linspace(0, 1, 99)
    )
    found = [away(streets, k, share, lon, lat) for k, share in zip(places.street, places.share, strict=True)]
    np.testing.assert_allclose(found, nearest, atol=0.01)


def away(streets: Streets, street: int, share: float, lon: float, lat: float) -> float:
    """Kilometres from a place to the point at a share of a street of one piece."""
    start, end = streets.ends[street]
    there = start + share * (end - start)
    return float(haversine(there[0], there[1], lon, lat))


def test_the_date_line_is_no_wall() -> None:
    road = nx.DiGraph([("a", "b", {"length": 2000})])
    road.add_nodes_from([("a", {"x": 179.99, "y": 0}), ("b", {"x": -179.99, "y": 0})])
    places = snap(streets_of(road), np.array([[-179.995, 0.0]]), ("s",), farthest=0.1)
    assert places.share.tolist() == pytest.approx([0.75])


def test_a_sensor_too_far_from_any_road_is_named() -> None:
    positions = np.array([[4.8025, 52.3], [4.8025, 52.31], [5.0, 52.3]])
    with pytest.raises(DataError, match=r"within 0.2 km of every sensor, found none for 2 of 3: far, farther"):
        snap(streets_of(STREET), positions, ("near", "far", "farther"), farthest=0.2)
