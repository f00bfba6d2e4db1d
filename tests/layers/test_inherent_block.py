"""Inherent block: step by step with PyTorch's own cell and attention, and each sensor by itself."""

import math

import pytest
import torch
from torch import Tensor, nn

from stgraph.errors import DataError
from stgraph.layers import InherentBlock


def block() -> InherentBlock:
    torch.manual_seed(0)
    return InherentBlock(8, 2, moments=9).double().eval()


def twins(model: InherentBlock) -> tuple[nn.GRUCell, nn.MultiheadAttention]:
    """Of the same parameters."""
    cell, attention = nn.GRUCell(8, 8).double(), nn.MultiheadAttention(8, 2).double()
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in model.gru.state_dict().items()})
    theirs = model.attention
    attention.load_state_dict(
        {
            "in_proj_weight": torch.cat([theirs.query.weight, theirs.key_value.weight]),
            "in_proj_bias": torch.cat([theirs.query.bias, theirs.key_value.bias]),
            "out_proj.weight": theirs.out.weight,
            "out_proj.bias": theirs.out.bias,
        }
    )
    return cell, attention


def slowly(model: InherentBlock, x: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Forecast one sensor's (T, 8), one step after the other."""
    cell, attention = twins(model)
    wave = torch.zeros(9, 8)
    for t in range(9):
        for c in range(0, 8, 2):
            wave[t, c], wave[t, c + 1] = math.sin(t / 10000 ** (c / 8)), math.cos(t / 10000 ** (c / 8))
    h, states = torch.zeros(8).double(), []
    for row in x:
        h = cell(row, h)
        states.append(h)
    memory = torch.stack(states) + wave[: len(x)]
    z, _ = attention(memory, memory, memory)
    ahead = [z[-1]]
    while len(ahead) < steps:
        h = cell(ahead[-1], memory[-1])
        memory = torch.cat([memory, h[None]]) + wave[: len(memory) + 1]
        ahead.append(attention(h[None], memory, memory)[0][0])
    return z, torch.stack(ahead)


@pytest.mark.parametrize("steps", [1, 4])
def test_it_is_its_slow_twin_at_every_sensor(steps: int) -> None:
    model, signal = block(), torch.randn(2, 3, 5, 8).double()
    states, ahead = model(signal, steps)
    assert ahead.shape == (2, 3, steps, 8)
    for b in range(2):
        for n in range(3):
            z, forecast = slowly(model, signal[b, n], steps)
            torch.testing.assert_close(states[b, n], z, atol=1e-6, rtol=0)  # sinusoids of single precision
            torch.testing.assert_close(ahead[b, n], forecast, atol=1e-6, rtol=0)


def test_no_sensor_sees_another() -> None:
    model, signal = block(), torch.randn(1, 4, 5, 8).double()
    changed = signal.clone()
    changed[:, 2] += 1
    for before, after in zip(model(signal, 3), model(changed, 3), strict=True):
        same = (before == after).flatten(2).all(-1)[0]
        assert same.tolist() == [True, True, False, True]


def test_heads_that_do_not_divide_are_refused() -> None:
    with pytest.raises(DataError, match="divisor of 8 channels, found 3"):
        InherentBlock(8, 3, moments=4)
