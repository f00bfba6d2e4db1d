from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError, ShapeError, StgraphError
from stgraph.graph import SensorGraph, from_radius, haversine

# a coarse grid makes ties and sensors at one place common; it spans the date line and a pole
PLACES = st.lists(st.tuples(st.integers(-18, 18), st.integers(-9, 9)), min_size=1, max_size=12)
RADII = st.floats(1e-3, 25_000)


def built(places: list[tuple[int, int]], **options: Any) -> SensorGraph:
    lon, lat = 10.0 * np.array(places).T
    return from_radius(lon, lat, [str(i) for i in range(len(places))], **options)


@settings(deadline=None)  # the first call imports SciPy's trees
@given(PLACES, RADII)
def test_equals_a_slow_loop(places: list[tuple[int, int]], radius: float) -> None:
    found = built(places, radius=radius, sigma=1e4).adjacency.toarray()
    expected = np.zeros_like(found)
    for i, (lon, lat) in enumerate(places):
        for j, (other, side) in enumerate(places):
            kilometres = float(haversine(10.0 * lon, 10.0 * lat, 10.0 * other, 10.0 * side))
            if i != j and kilometres <= radius:
                expected[i, j] = np.exp(-((kilometres / 1e4) ** 2))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_array_equal(found, found.T)


@settings(deadline=None)
@given(PLACES, RADII, st.randoms(use_true_random=False))
def test_relabelling_sensors_relabels_the_graph(places: list[tuple[int, int]], radius: float, random: Any) -> None:
    order = list(range(len(places)))
    random.shuffle(order)
    there = built(places, radius=radius, sigma=1e4).subgraph(order).adjacency.toarray()
    np.testing.assert_array_equal(
        built([places[n] for n in order], radius=radius, sigma=1e4).adjacency.toarray(), there
    )


def test_the_radius_is_inclusive_and_a_lonely_sensor_stays_isolated() -> None:
    kilometres = float(haversine(0, 0, 10, 0))
    places = [(0, 0), (1, 0), (9, 0)]
    assert built(places, radius=kilometres).adjacency.nnz == 2
    assert built(places, radius=np.nextafter(kilometres, 0)).adjacency.nnz == 0


@pytest.mark.parametrize("radius", [0, -1, np.nan, np.inf])
def test_a_radius_that_is_none_is_refused(radius: float) -> None:
    with pytest.raises(DataError, match=f"radius: expected a finite number of kilometres above 0, found {radius}"):
        built([(0, 0)], radius=radius)


@pytest.mark.parametrize(
    ("longitude", "latitude", "error", "words"),
    [
        ([0], [0, 0], ShapeError, "longitude: expected shape"),
        ([0, np.nan], [0, 0], DataError, "for sensor b"),
        ([34.1, 34.2], [-118.3, -118.2], DataError, r"found \[34.1, -118.3\] for sensor a; are the two exchanged"),
        ([34.1, 134.2], [-118.3, -118.2], DataError, "for sensor a$"),
    ],
)
def test_a_wrong_position_is_named(longitude: Any, latitude: Any, error: type[StgraphError], words: str) -> None:
    with pytest.raises(error, match=words):
        from_radius(longitude, latitude, ["a", "b"], radius=1)
