"""Weights against definitions, on directed graphs; normalise first, then cut."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.graph.khop import k_hop, undirected
from stgraph.propagation import WeightSpec, build_weights
from stgraph.propagation.weights import Kind
from tests import naive
from tests.naive import Floats

KINDS: tuple[Kind, ...] = ("forward", "backward", "symmetric", "chebyshev")


def directed(seed: int, sensors: int, density: float = 0.3) -> Floats:
    rng = np.random.default_rng(seed)
    return rng.random((sensors, sensors)) * (rng.random((sensors, sensors)) < density)


def built(adjacency: Floats, kind: Kind, order: int = 1) -> Floats:
    dense: Floats = build_weights(sp.csr_array(adjacency), [WeightSpec(kind, order)])[0].toarray()
    return dense


@given(st.integers(0, 99), st.integers(1, 9), st.integers(1, 3))
def test_random_walks_equal_the_loops_and_their_powers(seed: int, sensors: int, order: int) -> None:
    adjacency = directed(seed, sensors)
    forward, backward = naive.forward_walk(adjacency), naive.forward_walk(adjacency.T)
    np.testing.assert_allclose(built(adjacency, "forward", order), np.linalg.matrix_power(forward, order), atol=1e-12)
    np.testing.assert_allclose(built(adjacency, "backward", order), np.linalg.matrix_power(backward, order), atol=1e-12)


def test_symmetric_weights_of_a_pair_by_hand() -> None:
    # A + I = [[1, 1, 0], [1, 1, 0], [0, 0, 1]]; degrees 2, 2, 1
    adjacency = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(built(adjacency, "symmetric"), [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])


def test_the_scaled_laplacian_of_a_pair_by_hand() -> None:
    # L = [[1, -1], [-1, 1]], lambda_max = 2, L~ = L - I = [[0, -1], [-1, 0]]; T_2 = 2 L~^2 - I = I
    pair = np.array([[0.0, 3.0], [0.0, 0.0]])
    np.testing.assert_allclose(built(pair, "chebyshev"), [[0, -1], [-1, 0]], atol=1e-12)
    np.testing.assert_allclose(built(pair, "chebyshev", 2), np.eye(2), atol=1e-12)


@pytest.mark.parametrize("sensors", [20, 90])  # solved whole, and by Lanczos
def test_the_scaled_laplacian_has_its_spectrum_in_minus_one_to_one(sensors: int) -> None:
    eigenvalues = np.linalg.eigvalsh(built(directed(1, sensors, 0.1), "chebyshev"))
    assert eigenvalues.max() == pytest.approx(1, abs=1e-6)
    assert eigenvalues.min() >= -1 - 1e-6


@given(st.integers(0, 99), st.sampled_from(KINDS), st.integers(1, 3))
def test_one_application_reaches_as_many_hops_as_it_says(seed: int, kind: Kind, order: int) -> None:
    adjacency = directed(seed, 9, 0.12)
    weights = built(adjacency, kind, order)
    for i in range(9):
        near = k_hop(undirected(sp.csr_array(adjacency)), [i], WeightSpec(kind, order).hops)
        assert set(np.flatnonzero(np.abs(weights[i]) > 1e-12)) <= set(near)


def test_cutting_before_normalising_is_another_matrix() -> None:
    adjacency = directed(3, 12)
    cut = np.arange(6)
    right = built(adjacency, "forward")[np.ix_(cut, cut)]
    assert np.abs(right - built(adjacency[np.ix_(cut, cut)], "forward")).max() > 0.05


@pytest.mark.parametrize(("kind", "order"), [("sideways", 1), ("forward", 0)])
def test_an_impossible_spec_is_refused(kind: Kind, order: int) -> None:
    with pytest.raises(DataError, match="expected"):
        WeightSpec(kind, order)
