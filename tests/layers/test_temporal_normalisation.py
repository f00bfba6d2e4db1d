"""Temporal normalisation: each sensor by its own level, batches in training and running levels after."""

import torch

from stgraph.layers import TemporalNormalisation


def test_in_training_each_channel_of_each_sensor_has_mean_0_and_deviation_1() -> None:
    torch.manual_seed(0)
    layer, signal = TemporalNormalisation(3, 2), 5 + 3 * torch.randn(4, 6, 3, 2)
    out = layer(signal, torch.arange(3))
    for i in range(3):
        for c in range(2):
            x = signal[:, :, i, c]
            torch.testing.assert_close(out[:, :, i, c], (x - x.mean()) / (x.var(correction=0) + 1e-5).sqrt())


def test_in_evaluation_the_running_levels_are_taken() -> None:
    """One batch moves them by a tenth, from 0 and 1; the running variance is the unbiased one."""
    torch.manual_seed(0)
    layer, signal, sensors = TemporalNormalisation(3, 1), 7 + torch.randn(4, 6, 3, 1), torch.arange(3)
    layer(signal, sensors)
    mean, variance = 0.1 * signal.mean((0, 1)), 0.9 + 0.1 * signal.var((0, 1))
    torch.testing.assert_close(layer.mean, mean)
    torch.testing.assert_close(layer.variance, variance)
    torch.testing.assert_close(layer.eval()(signal[:1], sensors), (signal[:1] - mean) / (variance + 1e-5).sqrt())


def test_sensors_carry_their_levels_and_those_not_there_keep_them() -> None:
    torch.manual_seed(0)
    layer, few = TemporalNormalisation(4, 2), torch.tensor([3, 1])
    layer(torch.randn(4, 6, 2, 2), few)
    moved = (layer.mean != 0).all(1)
    assert moved.tolist() == [False, True, False, True]
    signal, order = torch.randn(2, 6, 4, 2), torch.tensor([2, 0, 3, 1])
    layer.eval()
    torch.testing.assert_close(layer(signal[:, :, order], order), layer(signal, torch.arange(4))[:, :, order])
