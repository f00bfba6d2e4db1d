"""The sum of a graph convolution: equal to loops, and its derivative by hand to differences."""

import numpy as np
import pytest
import torch
from torch import Tensor

from stgraph.layers.graph_sum import Graph, graph_sum, working_type
from stgraph.propagation import Gather
from tests import naive

pytestmark = pytest.mark.filterwarnings("ignore:Sparse CSR")
SHAPES = [(1, True), (3, True), (2, False)]


def problem(powers: int, own: bool, *, learned: bool = False) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
    """Signal (2, N, B, C), Theta, bias, and a sparse and a dense W."""
    generator = torch.Generator().manual_seed(powers)
    weights = [torch.randn(9, 9, generator=generator).double() for _ in range(2)]
    weights[0] *= torch.rand(9, 9, generator=generator) < 0.08
    signal = torch.randn(2, 9, 3, 2, generator=generator).double()
    thetas = torch.randn(2 * powers + own, 2, 4, generator=generator).double()
    every = [x.requires_grad_() for x in (signal, thetas, torch.randn(4, generator=generator).double())]
    return every[0], every[1], every[2], [w.requires_grad_(learned) for w in weights]


@pytest.mark.parametrize(("powers", "own"), SHAPES)
def test_it_equals_the_loops(powers: int, own: bool) -> None:
    signal, thetas, bias, weights = problem(powers, own)
    found = graph_sum(signal, thetas, bias, Graph(tuple(map(Gather, weights)), powers, own)).detach()
    s, every = signal.detach().transpose(1, 2).numpy(), thetas.detach().numpy()
    terms = [s] if own else []
    for w in weights:
        terms += [naive.propagate(s, np.linalg.matrix_power(w.numpy(), p + 1)) for p in range(powers)]
    expected = sum(term @ theta for term, theta in zip(terms, every, strict=True)) + bias.detach().numpy()
    np.testing.assert_allclose(found.transpose(1, 2), expected, atol=1e-10)


@pytest.mark.parametrize(("powers", "own"), SHAPES)
@pytest.mark.parametrize("learned", [False, True])
def test_its_derivatives_are_those_of_differences(powers: int, own: bool, learned: bool) -> None:
    signal, thetas, bias, weights = problem(powers, own, learned=learned)

    def of(*inputs: Tensor) -> Tensor:
        s, t, b, *w = inputs
        return graph_sum(s, t, b, Graph(tuple(map(Gather, w)), powers, own))

    assert torch.autograd.gradcheck(of, (signal, thetas, bias, *weights))


def test_without_any_weights_it_is_a_linear_map() -> None:
    signal, thetas, bias, _ = problem(1, own=True)
    found = graph_sum(signal, thetas[:1], bias, Graph(()))
    torch.testing.assert_close(found, signal @ thetas[0] + bias)
    (grad,) = torch.autograd.grad(found.sum(), signal)
    torch.testing.assert_close(grad, thetas[0].sum(1).expand_as(grad))


def test_products_are_taken_in_the_type_of_autocast() -> None:
    assert working_type(torch.zeros(1)) == torch.float32
    with torch.autocast("cpu", torch.bfloat16):
        assert working_type(torch.zeros(1)) == torch.bfloat16
