"""Adaptive graph: who is like whom, learned from a free vector of each sensor."""

import torch
from torch import Tensor, nn


class AdaptiveGraph(nn.Module):
    r"""``A = softmax(relu(E E^T))`` over the rows, E one learned vector a sensor.

    Bai et al. 2020, AGCRN, eq. 5, https://arxiv.org/abs/2007.02842.

    Args:
        sensors: N of the whole network.
        channels: width of a vector, D.

    Shapes:
        sensors (n,) long, index in the whole network -> the vectors (n, D) and the weights (n, n).
    """

    def __init__(self, sensors: int, channels: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(sensors, channels))

    def forward(self, sensors: Tensor) -> tuple[Tensor, Tensor]:
        """Look up, and relate."""
        vectors = self.vectors[sensors]
        return vectors, torch.relu(vectors @ vectors.T).softmax(1)
