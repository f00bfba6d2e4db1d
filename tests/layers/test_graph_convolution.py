"""Graph convolution: by hand, and equal to propagating first."""

import numpy as np
import pytest
import torch

from stgraph.errors import MismatchError
from stgraph.layers import GraphConvolution
from tests import naive


def test_by_hand_on_two_sensors() -> None:
    layer = GraphConvolution(1, 1, weights=1)
    assert layer.own is not None
    assert layer.bias is not None
    with torch.no_grad():
        layer.own.weight.fill_(2.0)
        layer.bias.fill_(0.5)
        layer.neighbours[0].weight.fill_(3.0)  # type: ignore[operator]
    out = layer(torch.tensor([[1.0], [10.0]]), [torch.tensor([[0.0, 0.5], [0.0, 0.0]])])
    assert out.flatten().tolist() == [2 * 1 + 3 * 0.5 * 10 + 0.5, 2 * 10 + 0.5]


def test_narrow_first_equals_propagate_first() -> None:
    torch.manual_seed(0)
    layer, signal, weights = (
        GraphConvolution(3, 2, 2).double(),
        torch.randn(4, 5, 3).double(),
        torch.rand(2, 5, 5).double(),
    )
    assert layer.own is not None
    expected = layer.own(signal)
    for theta, w in zip(layer.neighbours, weights, strict=True):
        expected = expected + theta(torch.from_numpy(naive.propagate(signal.numpy(), w.numpy())))
    np.testing.assert_allclose(layer(signal, list(weights)).detach(), expected.detach(), atol=1e-12)


def test_the_wrong_number_of_weights_is_named() -> None:
    with pytest.raises(MismatchError, match="expected 2 matrices, found 1"):
        GraphConvolution(1, 1, 2)(torch.zeros(3, 1), [torch.zeros(3, 3)])
