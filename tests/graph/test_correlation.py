from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from stgraph.errors import DataError, ShapeError, StgraphError
from stgraph.graph import correlation as module
from stgraph.graph import from_correlation
from stgraph.graph.correlation import correlation

# whole numbers make sensors that stand still, in all steps or in the common ones, and exact ties common
VALUES = npst.arrays(
    np.float64, st.tuples(st.integers(2, 12), st.integers(1, 6)), elements=st.integers(-3, 3).map(float)
)
RNG = np.random.default_rng(0)
WAVE = np.cumsum(RNG.normal(size=(200, 1)), axis=0) + RNG.normal(size=(200, 7)) * np.arange(1, 8)
HOLES = RNG.random((200, 7)) > 0.3
PEARSON = np.asarray(np.corrcoef(WAVE.T))


def naive(values: NDArray[np.float64], observed: NDArray[np.bool_], least_common: int) -> NDArray[np.float64]:
    """Pair by pair, step by step."""
    count = values.shape[1]
    found = np.full((count, count), np.nan)
    for i in range(count):
        for j in range(count):
            both = observed[:, i] & observed[:, j]
            x, y = values[both, i], values[both, j]
            if len(x) >= least_common and len(set(x)) > 1 and len(set(y)) > 1:
                x, y = x - x.mean(), y - y.mean()
                found[i, j] = (x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum())
    return found


@given(VALUES, st.data(), st.integers(2, 5))
def test_equals_a_slow_twin_with_holes(values: NDArray[np.float64], data: st.DataObject, least: int) -> None:
    observed = data.draw(npst.arrays(bool, values.shape))
    found = correlation(values + 1000, observed, range(values.shape[1]), least)
    np.testing.assert_allclose(found, naive(values, observed, least), atol=1e-9)


def test_equals_numpy_on_complete_data_and_pandas_with_holes() -> None:
    everything = np.ones(WAVE.shape, dtype=bool)
    np.testing.assert_allclose(correlation(WAVE, everything, range(7), 2), PEARSON, rtol=1e-12)
    pairwise = pd.DataFrame(np.where(HOLES, WAVE, np.nan)).corr(min_periods=100).to_numpy()
    assert np.isnan(pairwise).any()
    np.testing.assert_allclose(correlation(WAVE, HOLES, range(7), 100), pairwise, rtol=1e-10)
    np.testing.assert_array_equal(
        correlation(WAVE, HOLES, range(2, 5), 100), correlation(WAVE, HOLES, range(7), 100)[2:5]
    )


def test_what_was_not_observed_has_no_influence() -> None:
    graph = from_correlation(WAVE, HOLES, "abcdefg", threshold=0.1)
    assert graph.adjacency.nnz
    for wrong in (1e9, np.nan, np.inf):
        assert (
            from_correlation(np.where(HOLES, WAVE, wrong), HOLES, "abcdefg", threshold=0.1).digest() == graph.digest()
        )
    assert from_correlation(np.where(HOLES, WAVE, np.nan), None, "abcdefg", threshold=0.1).digest() == graph.digest()


def test_the_threshold_keeps_what_is_not_below_it() -> None:
    expected = PEARSON.copy()
    np.fill_diagonal(expected, 0)
    found = from_correlation(WAVE, None, "abcdefg", threshold=0.4).adjacency.toarray()
    assert 0 < (found > 0).sum() < 42
    np.testing.assert_allclose(found, np.where(expected >= 0.4, expected, 0), rtol=1e-12)
    np.testing.assert_array_equal(found, found.T)


@pytest.mark.parametrize("k", [1, 2, 6, 9])
def test_an_edge_is_among_the_k_best_of_either(k: int) -> None:
    expected = PEARSON.copy()
    np.fill_diagonal(expected, -1)
    best = np.zeros((7, 7), dtype=bool)
    for i in range(7):
        best[i, np.argsort(-expected[i])[:k]] = True
    edges = (best | best.T) & (expected >= 0.01)
    found = from_correlation(WAVE, None, "abcdefg", threshold=0.01, k=k).adjacency.toarray()
    np.testing.assert_allclose(found, np.where(edges, expected, 0), rtol=1e-12)


def test_relabelling_sensors_relabels_the_graph() -> None:
    order = [3, 1, 6, 0, 2, 5, 4]
    graph = from_correlation(WAVE, HOLES, "abcdefg", k=2)
    turned = from_correlation(WAVE[:, order], HOLES[:, order], [graph.ids[n] for n in order], k=2)
    expected = graph.subgraph(order).adjacency.toarray()
    np.testing.assert_allclose(turned.adjacency.toarray(), expected, rtol=1e-12)


@settings(max_examples=20)
@given(st.integers(1, 8))
def test_the_size_of_a_block_does_not_matter(size: int) -> None:
    graph = from_correlation(WAVE, HOLES, "abcdefg", threshold=0.1, k=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", size)
        blocks = from_correlation(WAVE, HOLES, "abcdefg", threshold=0.1, k=2)
    np.testing.assert_allclose(blocks.adjacency.toarray(), graph.adjacency.toarray(), rtol=1e-12)


def test_a_sensor_that_stands_still_or_never_spoke_is_isolated() -> None:
    values = np.column_stack([WAVE[:, 0], WAVE[:, 0], np.full(200, 0.1), WAVE[:, 0]])
    observed = np.ones(values.shape, dtype=bool)
    observed[:, 3] = False
    found = from_correlation(values, observed, "abcd").adjacency.toarray()
    np.testing.assert_allclose(found[:2, :2], [[0, 1], [1, 0]])
    assert not found[2:].any()


@pytest.mark.parametrize(
    ("values", "observed", "options", "error", "words"),
    [
        (WAVE[:, :2], None, {}, ShapeError, "values: expected shape"),
        (WAVE, HOLES[:5], {}, ShapeError, "observed: expected shape"),
        (np.where(WAVE[3, 1] == WAVE, np.nan, WAVE), np.ones_like(HOLES), {}, DataError, "found nan at step 3 of b"),
        (WAVE, None, {"threshold": 0}, DataError, "threshold: expected a correlation above 0"),
        (WAVE, None, {"threshold": 1.1}, DataError, "threshold: expected a correlation above 0"),
        (WAVE, None, {"k": 0}, DataError, "k: expected 1 or more neighbours, found 0"),
        (WAVE, None, {"least_common": 1}, DataError, "least_common: expected 2 or more steps, found 1"),
        (WAVE, None, {"positions": np.zeros((3, 2))}, ShapeError, "positions: expected shape"),
    ],
)
def test_a_wrong_input_is_named(
    values: Any, observed: Any, options: dict[str, Any], error: type[StgraphError], words: str
) -> None:
    with pytest.raises(error, match=words):
        from_correlation(values, observed, "abcdefg", **options)
