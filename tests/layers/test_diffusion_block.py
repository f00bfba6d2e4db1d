"""Diffusion block: the loops of its convolution, its own outcome as its input, and no way back to oneself."""

import pytest
import torch
from torch import Tensor

from stgraph.layers import DiffusionBlock, powers_between


def block(kernel: int = 3) -> DiffusionBlock:
    torch.manual_seed(0)
    return DiffusionBlock(4, 2, kernel=kernel).double().eval()


def graphs() -> list[Tensor]:
    """One for the whole batch, one of each window."""
    torch.manual_seed(1)
    return [torch.rand(5, 5).double(), torch.rand(2, 5, 5).double()]


@pytest.mark.parametrize("kernel", [1, 2, 3])
def test_a_state_is_the_loops_over_steps_and_neighbours(kernel: int) -> None:
    """Each graph joins a sensor to every one of the last steps of another, as in the paper's larger matrix."""
    model, signal = block(kernel), torch.randn(2, 5, 6, 4).double()
    states, _ = model(signal, graphs(), 1)
    assert states.shape == (2, 5, 7 - kernel, 4)
    for t in range(7 - kernel):
        window = signal[:, :, t : t + kernel].flatten(2)
        parts = model.steps(window).relu().view(2, 5, kernel, 4)
        side_by_side = [sum(parts[:, :, s] for s in range(kernel)) / kernel]
        for graph in graphs():
            gathered = torch.zeros(2, 5, 4).double()
            for s in range(kernel):
                gathered += torch.einsum("bij,bjc->bic", graph.expand(2, 5, 5), parts[:, :, s])
            side_by_side.append(gathered)
        torch.testing.assert_close(states[:, :, t], model.gathered(torch.cat(side_by_side, dim=-1)))


@pytest.mark.parametrize("kernel", [1, 3])
def test_a_forecast_is_the_state_of_a_signal_that_went_on_like_this(kernel: int) -> None:
    model, signal = block(kernel), torch.randn(2, 5, 3, 4).double()
    states, ahead = model(signal, graphs(), 5)
    assert ahead.shape == (2, 5, 5, 4)
    torch.testing.assert_close(ahead[:, :, :1], states[:, :, -1:])
    went_on, _ = model(torch.cat([signal, ahead[:, :, :-1]], dim=2), graphs(), 1)
    torch.testing.assert_close(went_on[:, :, -5:], ahead)


def test_powers_without_what_comes_back() -> None:
    graph = torch.rand(3, 4, 4).double()
    for k, power in enumerate(powers_between(graph, 3), start=1):
        full = torch.linalg.matrix_power(graph, k)
        torch.testing.assert_close(power, full - torch.diag_embed(full.diagonal(dim1=1, dim2=2)))
    assert len(powers_between(graph, 1)) == 1
