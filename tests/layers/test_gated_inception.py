"""Gated inception: torch's own convolutions of each length as the twin, and no look ahead."""

import pytest
import torch
from torch.nn import functional

from stgraph.errors import DataError, ShapeError
from stgraph.layers import GatedInception


@pytest.mark.parametrize("dilation", [1, 3])
def test_it_is_one_convolution_for_each_length(dilation: int) -> None:
    torch.manual_seed(0)
    layer, signal = GatedInception(3, 8, dilation).double(), torch.randn(2, 5, 20, 3).double()
    rows = signal.flatten(0, 1).transpose(1, 2)  # (B N, C, T)
    passed, gates = [], []
    for kernel, both in zip((2, 3, 6, 7), layer.filters_and_gates, strict=True):
        theta = both.get_parameter("weight").view(4, kernel, 3).transpose(1, 2)
        out = functional.conv1d(rows, theta, both.get_parameter("bias"), dilation=dilation)[..., -(20 - 6 * dilation) :]
        passed.append(out[:, :2])
        gates.append(out[:, 2:])
    expected = torch.cat(passed, 1).tanh() * torch.cat(gates, 1).sigmoid()
    torch.testing.assert_close(layer(signal), expected.view(2, 5, 8, -1).transpose(2, 3))


def test_each_length_sees_as_far_as_it_is_long() -> None:
    torch.manual_seed(0)
    layer, signal = GatedInception(1, 4), torch.randn(1, 1, 13, 1)
    changed = signal.clone()
    changed[:, :, 6] += 1.0
    differs = (layer(signal) != layer(changed))[0, 0]  # outputs stand for steps 6 to 12
    assert differs.sum(0).tolist() == [2, 3, 6, 7]
    assert differs[:2].all()


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(DataError, match="that 4 divides, found 1, 6"):
        GatedInception(1, 6)
    with pytest.raises(DataError, match="found 0, 4"):
        GatedInception(1, 4, dilation=0)
    with pytest.raises(ShapeError, match="at least 13 steps"):
        GatedInception(1, 4, dilation=2)(torch.zeros(1, 1, 12, 1))
