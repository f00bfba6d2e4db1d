import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from stgraph.errors import DataError, ShapeError, StgraphError, UnknownNameError
from stgraph.graph import from_distances
from stgraph.graph.distance import gaussian_kernel

DISTANCES = npst.arrays(
    np.float64, (4, 4), elements=st.one_of(st.integers(0, 10_000).map(float), st.just(np.nan), st.just(np.inf))
).filter(lambda d: len(np.unique(d[np.isfinite(d)])) > 1)


def naive_kernel(distances: NDArray[np.float64], sigma: float | None, threshold: float) -> NDArray[np.float64]:
    """Entry by entry."""
    finite = [d for d in distances.reshape(-1).tolist() if math.isfinite(d)]
    mean = math.fsum(finite) / len(finite)
    width = sigma or math.sqrt(math.fsum((d - mean) ** 2 for d in finite) / len(finite))
    weights = np.zeros(distances.shape)
    for place, d in np.ndenumerate(distances):
        if math.isfinite(d):
            weight = math.exp(-min((d / width) ** 2, 1e3))
            weights[place] = weight if weight >= threshold else 0.0
    return weights


@given(DISTANCES, st.one_of(st.none(), st.floats(1, 1e4)))
def test_as_the_naive_twin(distances: NDArray[np.float64], sigma: float | None) -> None:
    found = from_distances(distances, "abcd", sigma=sigma, threshold=0).adjacency.toarray()
    np.testing.assert_allclose(found, naive_kernel(distances, sigma, 0), rtol=1e-9, atol=1e-12)


@given(DISTANCES, st.floats(0, 1))
def test_the_threshold_keeps_what_is_not_below_it(distances: NDArray[np.float64], threshold: float) -> None:
    every, kept = (from_distances(distances, "abcd", threshold=t).adjacency.toarray() for t in (0, threshold))
    np.testing.assert_array_equal(kept, np.where(every >= threshold, every, 0))


@given(DISTANCES, st.sampled_from(["distance", "cost"]))
def test_a_table_and_a_matrix_agree(distances: NDArray[np.float64], column: str) -> None:
    source, target = np.indices(distances.shape).reshape(2, -1)
    table = pd.DataFrame({"from": source, "to": target, column: distances.reshape(-1)})
    shuffled = table.sample(frac=1, random_state=0)
    assert from_distances(shuffled, "0123").digest() == from_distances(distances, "0123").digest()


@given(DISTANCES)
def test_the_unit_does_not_matter(distances: NDArray[np.float64]) -> None:
    miles, metres = (from_distances(d, "abcd", threshold=0).adjacency.toarray() for d in (distances, 1024 * distances))
    np.testing.assert_array_equal(miles, metres)


def test_a_table_is_directed_and_the_shortest_way_counts() -> None:
    table = pd.DataFrame({"from": ["a", "a", "b"], "to": ["b", "b", "c"], "cost": [9.0, 3.0, np.inf]})
    graph = from_distances(table, "abc", sigma=3)
    np.testing.assert_allclose(graph.adjacency.toarray(), [[0, np.exp(-1), 0], [0, 0, 0], [0, 0, 0]])


def test_unknown_sensors_are_left_out_only_when_told_and_do_not_widen_the_kernel() -> None:
    known = pd.DataFrame({"from": [1, 2, 1], "to": [2, 1, 1], "cost": [100.0, 300.0, 0.0]})
    more = pd.concat([known, pd.DataFrame({"from": [1], "to": [9], "cost": [1e6]})])
    assert from_distances(more, "12", ignore_unknown=True).digest() == from_distances(known, "12").digest()
    with pytest.raises(UnknownNameError, match="distances: row 3 names the sensor '9'"):
        from_distances(more, "12")


@pytest.mark.parametrize(
    ("table", "options", "error", "words"),
    [
        ([[0, -3], [1, 0]], {}, DataError, "distances: expected 0 or more, found -3.0 from a to b"),
        (np.ones((3, 3)), {}, ShapeError, "distances: expected shape"),
        ([[0, "far"], [1, 0]], {}, DataError, "distances: expected an array of numbers"),
        (np.ones((2, 2)), {}, DataError, "all 4 are 1.0; pass sigma"),
        (np.full((2, 2), 0.1), {}, DataError, "all 4 are 0.1; pass sigma"),
        (np.full((2, 2), np.nan), {}, DataError, "there is none; pass sigma"),
        (np.eye(2), {"sigma": 0}, DataError, "sigma: expected a finite number above 0, found 0.0"),
        (np.eye(2), {"sigma": np.nan}, DataError, "sigma: expected"),
        (np.eye(2), {"threshold": 1.5}, DataError, "threshold: expected 0 to 1, found 1.5"),
        (pd.DataFrame({"from": ["a"], "to": ["b"]}), {}, DataError, "column named distance or cost"),
        (pd.DataFrame({"a": [1]}), {}, DataError, "column named from or source"),
        (
            pd.DataFrame({"from": ["a"], "to": ["b"], "cost": ["?"]}),
            {},
            DataError,
            "row 0: expected a number, found '?'",
        ),
    ],
)
def test_a_wrong_input_is_named(table: Any, options: dict[str, Any], error: type[StgraphError], words: str) -> None:
    with pytest.raises(error, match=words):
        from_distances(table, "ab", **options)


def test_a_weight_at_the_threshold_is_kept() -> None:
    assert gaussian_kernel(np.array([0.0, 1.0]), sigma=1, threshold=1).tolist() == [1.0, 0.0]


def test_far_beyond_sigma_the_weight_is_zero_without_a_warning() -> None:
    np.testing.assert_array_equal(gaussian_kernel(np.array([0.0, 1.0]), sigma=1e-300, threshold=0), [1.0, 0.0])
