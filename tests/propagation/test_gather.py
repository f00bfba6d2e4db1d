"""Gathering again and again: equal to loops in every layout, there, back, and in its derivatives."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from stgraph.errors import ShapeError
from stgraph.propagation import Gather
from stgraph.propagation.gather import WIDE
from tests import naive

pytestmark = pytest.mark.filterwarnings("ignore:Sparse CSR")


def weights(density: float, sensors: int = 6, seed: int = 0) -> Tensor:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.normal(size=(sensors, sensors)) * (rng.random((sensors, sensors)) < density))


@settings(deadline=None)
@given(
    density=st.sampled_from([0.0, 0.05, 0.5, 1.0]),
    leading=st.lists(st.integers(1, 3), max_size=2),
    columns=st.sampled_from([1, 3, WIDE]),
    sparse=st.booleans(),
    seed=st.integers(0, 50),
)
def test_there_and_back_equal_the_loops(
    density: float, leading: list[int], columns: int, sparse: bool, seed: int
) -> None:
    w = weights(density, seed=seed)
    signal = torch.randn(*leading, 6, columns, generator=torch.Generator().manual_seed(seed)).double()
    gather = Gather(w.to_sparse_csr() if sparse else w)
    for found, matrix in ((gather.there(signal), w), (gather(signal), w), (gather.back(signal), w.T)):
        np.testing.assert_allclose(found, naive.propagate(signal.numpy(), matrix.numpy()), atol=1e-12)


def test_on_a_processor_few_edges_are_followed_and_many_multiplied() -> None:
    assert Gather(weights(0.05, 40)).weights.layout == torch.sparse_csr
    assert Gather(weights(0.5, 40)).weights.layout == torch.strided
    assert Gather(weights(0.05, 40).requires_grad_()).weights.layout == torch.strided
    assert Gather(weights(0.1, 40), torch.bfloat16).weights.layout == torch.strided
    assert Gather(weights(0.04, 40), torch.bfloat16).weights.dtype == torch.bfloat16


@pytest.mark.parametrize("density", [0.1, 1.0])
@pytest.mark.parametrize("learned", [False, True])
def test_its_derivatives_are_those_of_differences(density: float, learned: bool) -> None:
    w, signal = weights(density).requires_grad_(learned), torch.randn(2, 6, 3).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda s, w: Gather(w)(s), (signal, w))


def test_a_misfit_is_named() -> None:
    with pytest.raises(ShapeError, match="weights"):
        Gather(torch.zeros(2, 3))
    with pytest.raises(ShapeError, match="weights"):
        Gather(torch.eye(2))(torch.zeros(3, 4))
