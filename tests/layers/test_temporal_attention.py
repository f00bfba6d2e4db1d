"""Temporal attention: by hand, and what the softmax promises."""

import math

import pytest
import torch

from stgraph.layers import TemporalAttention


def attention() -> TemporalAttention:
    layer = TemporalAttention(2, 3)
    with torch.no_grad():
        layer.state.weight.copy_(torch.tensor([[1.0, -1.0]]))
        layer.sensor.weight.copy_(torch.tensor([[1.0], [0.5], [0.0]]))
    return layer


def test_by_hand() -> None:
    states = torch.zeros(2, 3, 1, 2)  # two moments, three sensors
    states[0, 0, 0] = torch.tensor([2.0, 1.0])  # score of the first moment: 1 * (2 - 1) + 0.5 * (0 - 2) = 0
    states[0, 1, 0] = torch.tensor([0.0, 2.0])
    states[1, 0, 0] = torch.tensor([3.0, 0.0])  # and of the second: 3
    states[1, 2, 0] = torch.tensor([9.0, 0.0])  # the third sensor counts nothing
    late = 1 / (1 + math.exp(-3))
    layer = attention()
    assert layer.moments(states, torch.arange(3))[:, 0].tolist() == pytest.approx([1 - late, late])
    context = layer(states, torch.arange(3))
    assert context[:, 0].flatten().tolist() == pytest.approx(
        [(1 - late) * 2 + late * 3, 1 - late, 0, (1 - late) * 2, late * 9, 0], abs=1e-6
    )


def test_moments_add_up_to_one_and_follow_the_sensors() -> None:
    torch.manual_seed(0)
    layer, states = TemporalAttention(4, 5), torch.randn(6, 5, 3, 4)
    moments = layer.moments(states, torch.arange(5))
    torch.testing.assert_close(moments.sum(0), torch.ones(3))
    order = torch.tensor([3, 1, 4, 0, 2])
    torch.testing.assert_close(layer(states[:, order], order), layer(states, torch.arange(5))[order])


def test_the_same_score_for_every_moment_is_the_mean() -> None:
    layer, states = attention(), torch.randn(6, 3, 2, 2)
    torch.nn.init.zeros_(layer.sensor.weight)
    torch.testing.assert_close(layer(states, torch.arange(3)), states.mean(0))
