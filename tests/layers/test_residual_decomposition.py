"""Residual decomposition: by hand, and what it never adds."""

import torch

from stgraph.layers import ResidualDecomposition


def test_by_hand() -> None:
    layer = ResidualDecomposition(2)
    with torch.no_grad():
        layer.backcast.weight.copy_(torch.eye(2))
        layer.backcast.bias.zero_()
    rest = layer(torch.tensor([5.0, 1.0]), torch.tensor([2.0, -7.0]))  # 5 - 2 and 1 - 0: a mean of 2, a deviation of 1
    torch.testing.assert_close(rest, torch.tensor([1.0, -1.0]))


def test_states_that_explain_nothing_leave_the_signal_normalised() -> None:
    layer, signal = ResidualDecomposition(8), torch.randn(3, 4, 8)
    torch.nn.init.zeros_(layer.backcast.weight)
    torch.nn.init.constant_(layer.backcast.bias, -1.0)  # relu stops what would add to the signal
    torch.testing.assert_close(layer(signal, torch.randn(3, 4, 8)), torch.nn.functional.layer_norm(signal, (8,)))
