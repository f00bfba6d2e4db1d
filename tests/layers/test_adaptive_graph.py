"""Adaptive graph: by hand, and it follows its sensors."""

import math

import pytest
import torch

from stgraph.layers import AdaptiveGraph


def test_by_hand() -> None:
    layer = AdaptiveGraph(2, 1, directed=False)
    with torch.no_grad():
        layer.vectors.copy_(torch.tensor([[1.0], [-2.0]]))
    weights = layer(torch.arange(2))
    row = [math.e / (math.e + 1), 1 / (math.e + 1)]  # products 1 and -2, of which relu leaves 1 and 0
    assert weights[0].tolist() == pytest.approx(row)
    assert weights[1].tolist() == pytest.approx([1 / (1 + math.exp(4)), math.exp(4) / (1 + math.exp(4))])


@pytest.mark.parametrize("directed", [True, False])
def test_rows_add_up_to_one_and_follow_the_sensors(directed: bool) -> None:
    torch.manual_seed(0)
    layer, order = AdaptiveGraph(5, 3, directed=directed), torch.tensor([4, 0, 2, 1, 3])
    straight = layer(torch.arange(5))
    torch.testing.assert_close(straight.sum(1), torch.ones(5))
    torch.testing.assert_close(layer(order), straight[order][:, order])
    like = torch.relu(layer.vectors @ layer.vectors.T).softmax(1)
    assert torch.allclose(straight, like) != directed
