"""Estimation gate: the perceptron of all vectors side by side, and a share for each moment and place."""

import torch

from stgraph.layers import EstimationGate


def test_it_is_the_perceptron_of_both_side_by_side() -> None:
    torch.manual_seed(0)
    gate = EstimationGate(4, 6, 5).double()
    signal, places = torch.randn(2, 3, 7, 8).double(), torch.randn(3, 6).double()
    for sensors in (1, 3):  # one calendar for all sensors, or one each
        moments = torch.randn(2, sensors, 7, 4).double()
        pairs = torch.cat([moments.expand(2, 3, 7, 4), places[:, None].expand(2, 3, 7, 6)], dim=-1)
        share = gate.share(gate.hidden(pairs).relu()).sigmoid()
        torch.testing.assert_close(gate(signal, moments, places), share * signal)


def test_by_hand() -> None:
    """A share of sigmoid(relu(m + p) - 1): a quarter and more of what goes in."""
    gate = EstimationGate(1, 1, 1)
    for parameter, value in zip(gate.parameters(), (1.0, 0.0, 1.0, -1.0), strict=True):
        torch.nn.init.constant_(parameter, value)
    moments, places = torch.tensor([[[[-3.0], [0.0]]]]), torch.tensor([[1.0]])
    found = gate(torch.full((1, 1, 2, 2), 4.0), moments, places)
    expected = 4 * torch.tensor([-1.0, 0.0]).sigmoid()  # relu(-3 + 1) - 1 and relu(0 + 1) - 1
    torch.testing.assert_close(found[0, 0], expected[:, None].expand(2, 2))
