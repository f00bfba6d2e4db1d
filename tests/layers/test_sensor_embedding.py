"""Sensor embedding: a vector stays with its sensor."""

import torch

from stgraph.layers import SensorEmbedding


def test_a_vector_stays_with_its_sensor() -> None:
    torch.manual_seed(0)
    layer = SensorEmbedding(6, 4)
    assert torch.equal(layer(torch.tensor([5, 2])), layer(torch.arange(6))[[5, 2]])
    assert layer(torch.arange(6)).unique(dim=0).shape == (6, 4)
    assert layer.table.weight.abs().max() <= (6 / (6 + 4)) ** 0.5  # Glorot and Bengio 2010, eq. 16
