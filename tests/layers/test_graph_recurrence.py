"""The steps of a graph GRU: equal to autograd through the plain loop, values and derivatives."""

import pytest
import torch
from torch import Tensor

from stgraph.layers.graph_recurrence import graph_recurrence
from stgraph.layers.graph_sum import Graph
from stgraph.propagation import Gather

pytestmark = pytest.mark.filterwarnings("ignore:Sparse CSR")


def problem(powers: int, own: bool) -> list[Tensor]:
    """Read (T, N, B, 3 h), state, Theta, Phi, and two W: a sparse and a dense one."""
    generator = torch.Generator().manual_seed(0)
    terms = 2 * powers + own
    shapes = [(4, 9, 2, 9), (9, 2, 3), (terms, 3, 6), (terms, 3, 3), (9, 9), (9, 9)]
    found = [0.5 * torch.randn(shape, generator=generator).double() for shape in shapes]
    found[4] *= torch.rand(9, 9, generator=generator) < 0.08
    return found


def plain(inputs: list[Tensor], powers: int, own: bool) -> Tensor:
    """The equations, step by step, for autograd."""
    read, state, of_gates, of_candidate, *weights = inputs

    def convolve(signal: Tensor, thetas: Tensor) -> Tensor:
        terms = [signal] if own else []
        for w in weights:
            terms += [torch.einsum("ij,jbc->ibc", torch.linalg.matrix_power(w, p + 1), signal) for p in range(powers)]
        return torch.stack([term @ theta for term, theta in zip(terms, thetas, strict=True)]).sum(0)

    states = []
    for x in read:
        r, u = (x[..., :6] + convolve(state, of_gates)).sigmoid().chunk(2, dim=-1)
        c = (x[..., 6:] + convolve(r * state, of_candidate)).tanh()
        state = u * state + (1 - u) * c
        states.append(state)
    return torch.stack(states)


@pytest.mark.parametrize(("powers", "own"), [(1, True), (2, True), (2, False)])
@pytest.mark.parametrize("learned", [False, True])
def test_it_is_the_plain_loop_and_so_are_its_derivatives(powers: int, own: bool, learned: bool) -> None:
    inputs = [x.requires_grad_(k < 4 or learned) for k, x in enumerate(problem(powers, own))]
    read, state, of_gates, of_candidate, *weights = inputs
    found = graph_recurrence(read, state, (of_gates, of_candidate), Graph(tuple(map(Gather, weights)), powers, own))
    expected = plain(inputs, powers, own)
    torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)
    wanted = [x for x in inputs if x.requires_grad]
    pulled = torch.randn(found.shape, generator=torch.Generator().manual_seed(1)).double()
    for one, other in zip(*(torch.autograd.grad(out, wanted, pulled) for out in (found, expected)), strict=True):
        torch.testing.assert_close(one, other, atol=1e-11, rtol=1e-9)


def test_a_forecast_keeps_nothing() -> None:
    read, state, of_gates, of_candidate, *weights = problem(1, own=True)
    graph = Graph(tuple(map(Gather, weights)))
    with torch.no_grad():
        blind = graph_recurrence(read, state, (of_gates, of_candidate), graph)
    seen = graph_recurrence(read.requires_grad_(), state, (of_gates, of_candidate), graph)
    assert not blind.requires_grad
    torch.testing.assert_close(blind, seen.detach(), atol=0, rtol=0)
