"""Spatial normalisation: what all sensors share is gone, what is local stays."""

import torch

from stgraph.layers import SpatialNormalisation


def test_each_moment_by_hand() -> None:
    torch.manual_seed(0)
    layer, signal = SpatialNormalisation(2), torch.randn(2, 3, 5, 2)
    with torch.no_grad():
        layer.scale.copy_(torch.tensor([2.0, 3.0]))
        layer.shift.copy_(torch.tensor([0.5, -1.0]))
    x = signal[1, 2, :, 1]
    expected = 3 * (x - x.mean()) / (((x - x.mean()) ** 2).sum() / 4 + 1e-5).sqrt() - 1
    torch.testing.assert_close(layer(signal)[1, 2, :, 1], expected)


def test_what_all_sensors_share_is_gone() -> None:
    layer, signal = SpatialNormalisation(2), torch.randn(2, 3, 5, 2, dtype=torch.float64)
    common = 10 * torch.randn(2, 3, 1, 2, dtype=torch.float64)
    torch.testing.assert_close(layer(signal + common), layer(signal))


def test_a_single_sensor_gives_the_shift() -> None:
    layer = SpatialNormalisation(1)
    torch.nn.init.constant_(layer.shift, 0.25)
    out = layer(torch.randn(2, 3, 1, 1))
    assert torch.equal(out, torch.full((2, 3, 1, 1), 0.25))
