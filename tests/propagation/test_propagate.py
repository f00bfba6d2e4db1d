"""The sum against loops, dense and sparse, values and gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from stgraph.errors import ShapeError
from stgraph.propagation import propagate
from tests import naive


def problem(seed: int, sensors: int, leading: tuple[int, ...], channels: int) -> tuple[Tensor, Tensor]:
    rng = np.random.default_rng(seed)
    weights = rng.random((sensors, sensors)) * (rng.random((sensors, sensors)) < 0.4)
    return torch.from_numpy(rng.normal(size=(*leading, sensors, channels))), torch.from_numpy(weights)


def csr(weights: Tensor) -> Tensor:
    return weights.to_sparse_csr()


@pytest.mark.filterwarnings("ignore:Sparse CSR")
@given(st.integers(0, 99), st.integers(1, 7), st.lists(st.integers(1, 3), max_size=2), st.integers(1, 3))
def test_dense_and_sparse_equal_the_loops(seed: int, sensors: int, leading: list[int], channels: int) -> None:
    signal, weights = problem(seed, sensors, tuple(leading), channels)
    expected = naive.propagate(signal.numpy(), weights.numpy())
    np.testing.assert_allclose(propagate(signal, weights).numpy(), expected, atol=1e-12)
    np.testing.assert_allclose(propagate(signal, csr(weights)).numpy(), expected, atol=1e-12)


def test_an_edge_gathers_from_its_end_not_from_its_start() -> None:
    weights = torch.tensor([[0.0, 1.0], [0.0, 0.0]])
    assert propagate(torch.tensor([[1.0], [5.0]]), weights).flatten().tolist() == [5.0, 0.0]


@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_gradients_of_signal_and_weights_in_both_layouts() -> None:
    signal, weights = problem(0, 5, (2,), 3)
    signal.requires_grad_()
    for w in (weights.clone().requires_grad_(), csr(weights).requires_grad_()):
        (grad_signal, grad_weights) = torch.autograd.grad(propagate(signal, w).square().sum(), (signal, w))
        out = propagate(signal, weights).detach()
        expected_weights = 2 * torch.einsum("bic,bjc->ij", out, signal.detach())
        found = grad_weights if grad_weights.layout == torch.strided else grad_weights.to_dense()
        present = weights != 0 if w.layout != torch.strided else torch.ones_like(weights, dtype=torch.bool)
        torch.testing.assert_close(found[present], expected_weights[present])
        torch.testing.assert_close(grad_signal, 2 * weights.T @ out)


def test_a_misfit_is_named() -> None:
    with pytest.raises(ShapeError, match="weights"):
        propagate(torch.zeros(4, 1), torch.zeros(3, 3))
