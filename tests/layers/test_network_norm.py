"""Network norm: one mean for all sensors and channels, and a scale for each channel of each sensor."""

import torch

from stgraph.layers import NetworkNorm


def test_by_hand_on_two_sensors_of_two_channels() -> None:
    """1, 2, 3, 6 have mean 3 and variance 14 / 4; the step after is ten times as large and gives the same."""
    layer = NetworkNorm(2, 2).double()
    with torch.no_grad():
        layer.scale[1, 1] = 2.0
        layer.shift[0, 1] = 0.5
    step = torch.tensor([[1.0, 2.0], [3.0, 6.0]], dtype=torch.float64)
    deviation = 3.5**0.5
    expected = torch.tensor([[-2 / deviation, -1 / deviation + 0.5], [0.0, 2 * 3 / deviation]], dtype=torch.float64)
    out = layer(torch.stack([step, 10 * step])[None], torch.arange(2))
    torch.testing.assert_close(out, expected.expand(1, 2, 2, 2), atol=1e-5, rtol=0)


def test_a_sensor_carries_its_scale_and_shift() -> None:
    torch.manual_seed(0)
    layer, signal, order = NetworkNorm(5, 3), torch.randn(2, 4, 5, 3), torch.tensor([3, 0, 4, 1, 2])
    with torch.no_grad():
        layer.scale.normal_()
        layer.shift.normal_()
    torch.testing.assert_close(layer(signal[:, :, order], order), layer(signal, torch.arange(5))[:, :, order])
