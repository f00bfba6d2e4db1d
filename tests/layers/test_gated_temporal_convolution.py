"""Gated temporal convolution: torch's own convolution as the twin, and no look ahead."""

from typing import Literal

import pytest
import torch
from torch.nn import functional

from stgraph.errors import DataError, ShapeError
from stgraph.layers import GatedTemporalConvolution


@pytest.mark.parametrize("activation", ["tanh", "linear"])
@pytest.mark.parametrize(("kernel", "dilation"), [(1, 1), (2, 1), (2, 4), (3, 2)])
def test_it_is_torchs_convolution_with_a_gate(
    kernel: int, dilation: int, activation: Literal["tanh", "linear"]
) -> None:
    torch.manual_seed(0)
    layer = GatedTemporalConvolution(3, 5, kernel, dilation=dilation, activation=activation).double()
    signal = torch.randn(2, 9, 4, 3).double()
    weight = layer.filter_and_gate.weight.view(10, kernel, 3).transpose(1, 2)  # (2 C', C, kernel)
    rows = signal.permute(0, 2, 3, 1).flatten(0, 1)  # (B N, C, T)
    passed, gate = functional.conv1d(rows, weight, layer.filter_and_gate.bias, dilation=dilation).chunk(2, dim=1)
    expected = (passed.tanh() if activation == "tanh" else passed) * gate.sigmoid()
    torch.testing.assert_close(layer(signal), expected.view(2, 4, 5, -1).permute(0, 3, 1, 2))


@pytest.mark.parametrize("activation", ["tanh", "linear"])
@pytest.mark.parametrize("channels_in", [2, 4, 6])
def test_a_residual_is_the_last_tap_padded_or_cut(channels_in: int, activation: Literal["tanh", "linear"]) -> None:
    torch.manual_seed(0)
    layer = GatedTemporalConvolution(channels_in, 4, 3, activation=activation, residual=True).double()
    signal = torch.randn(2, 7, 5, channels_in).double()
    taps = torch.cat([signal[:, k : k + 5] for k in range(3)], dim=-1)
    passed, gate = layer.filter_and_gate(taps).chunk(2, dim=-1)
    passed = passed + functional.pad(signal[:, 2:], (0, 4 - channels_in))
    expected = (passed.tanh() if activation == "tanh" else passed) * gate.sigmoid()
    torch.testing.assert_close(layer(signal), expected)
    assert set(layer.state_dict()) == {"filter_and_gate.weight", "filter_and_gate.bias"}


def test_the_future_does_not_change_the_past() -> None:
    layer, signal = GatedTemporalConvolution(1, 2, 2, dilation=3), torch.randn(1, 10, 2, 1)
    changed = signal.clone()
    changed[:, 8] += 1.0
    same = (layer(signal) == layer(changed)).all(-1).all(-1)[0]
    assert same.tolist() == [True] * 5 + [False, True]  # outputs stand for steps 3 to 9


def test_by_hand() -> None:
    layer = GatedTemporalConvolution(1, 1, 2, activation="linear")
    with torch.no_grad():
        layer.filter_and_gate.weight.copy_(torch.tensor([[1.0, 10.0], [0.0, 0.0]]))
        layer.filter_and_gate.bias.zero_()
    assert layer(torch.tensor([1.0, 2.0, 3.0]).view(1, 3, 1, 1)).flatten().tolist() == [10.5, 16.0]


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(DataError, match="found 0, 1, 'tanh'"):
        GatedTemporalConvolution(1, 1, 0)
    with pytest.raises(DataError, match="'relu'"):
        GatedTemporalConvolution(1, 1, activation="relu")  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="at least 5 steps"):
        GatedTemporalConvolution(1, 1, 2, dilation=4)(torch.zeros(1, 4, 1, 1))
