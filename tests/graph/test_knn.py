from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError, ShapeError, StgraphError
from stgraph.graph import SensorGraph, from_coordinates, haversine

# a coarse grid makes ties and sensors at one place common; it spans the date line and a pole
PLACES = st.lists(st.tuples(st.integers(-18, 18), st.integers(-9, 9)), min_size=1, max_size=12)


def built(places: list[tuple[int, int]], **options: Any) -> tuple[SensorGraph, np.ndarray]:
    lon, lat = 10.0 * np.array(places).T
    graph = from_coordinates(lon, lat, [str(i) for i in range(len(places))], **options)
    return graph, haversine(lon[:, None], lat[:, None], lon, lat)


@given(PLACES, st.integers(1, 4))
def test_neighbours_are_as_near_as_a_sorted_table_says(places: list[tuple[int, int]], k: int) -> None:
    graph, distance = built(places, k=k, sigma=1e5)
    np.fill_diagonal(distance, np.inf)
    edges = graph.adjacency.toarray() > 0
    nearest = np.sort(distance, axis=1)[:, : min(k, len(places) - 1)]
    for i, kilometres in enumerate(nearest):
        found = np.sort(distance[i][edges[i]])
        np.testing.assert_allclose(found[: len(kilometres)], kilometres, atol=1e-3)
    furthest = nearest.max(1, initial=0)
    chosen = distance <= furthest[:, None] + 1e-3
    assert not (edges & ~(chosen | chosen.T)).any()


@given(PLACES, st.integers(1, 4))
def test_symmetric_without_loops_and_weighted_by_the_kernel(places: list[tuple[int, int]], k: int) -> None:
    graph, distance = built(places, k=k, sigma=1e4)
    weights = graph.adjacency.toarray()
    np.testing.assert_array_equal(weights, weights.T)
    assert not weights.diagonal().any()
    np.testing.assert_allclose(weights[weights > 0], np.exp(-((distance / 1e4) ** 2))[weights > 0], rtol=1e-9)


def test_sigma_is_the_mean_distance_of_the_neighbours() -> None:
    graph, _ = built([(0, 0), (1, 0), (2, 0), (3, 0)], k=1)
    np.testing.assert_allclose(graph.adjacency.data, np.exp(-1))


def test_the_threshold_cuts_and_sensors_at_one_place_are_joined() -> None:
    graph, _ = built([(0, 0), (0, 0), (9, 0)], k=1, sigma=100, threshold=0.1)
    assert graph.adjacency.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    everywhere, _ = built([(0, 0)] * 6, k=2)
    assert (np.diff(everywhere.adjacency.indptr) >= 2).all()
    assert (everywhere.adjacency.data == 1).all()


def test_positions_are_kept() -> None:
    graph = from_coordinates([4.8, 4.9], [52.3, 52.4], ["a", "b"])
    np.testing.assert_array_equal(graph.positions, [[4.8, 52.3], [4.9, 52.4]])


@pytest.mark.parametrize(
    ("longitude", "latitude", "options", "error", "words"),
    [
        ([0], [0, 0], {}, ShapeError, "longitude: expected shape"),
        ([0, 0], [0], {}, ShapeError, "latitude: expected shape"),
        ([0, np.nan], [0, 0], {}, DataError, "for sensor b"),
        ([0, 0], [0, 91], {}, DataError, "for sensor b"),
        ([0, "east"], [0, 0], {}, DataError, "longitude: expected an array of numbers"),
        ([0, 0], [0, 1], {"k": 0}, DataError, "k: expected 1 or more neighbours, found 0"),
        ([0, 0], [0, 1], {"sigma": -1}, DataError, "sigma: expected"),
        ([0, 0], [0, 1], {"threshold": 2}, DataError, "threshold: expected"),
    ],
)
def test_a_wrong_input_is_named(
    longitude: Any, latitude: Any, options: dict[str, Any], error: type[StgraphError], words: str
) -> None:
    with pytest.raises(error, match=words):
        from_coordinates(longitude, latitude, ["a", "b"], **options)
