"""Adaptive graph: who is like whom, learned from a free vector of each sensor."""

import torch
from torch import Tensor, nn


class AdaptiveGraph(nn.Module):
    r"""``A = softmax(relu(E_1 E_2^T))`` over the rows, E_1 and E_2 one learned vector a sensor each.

    Wu et al. 2019, Graph WaveNet, https://arxiv.org/abs/1906.00121; with one E for both it is that of Bai et al.
    2020, AGCRN, https://arxiv.org/abs/2007.02842.

    Args:
        sensors: N of the whole network.
        channels: width of a vector, D.
        directed: whether a sensor has another vector to look with (E_1) than to be looked at (E_2).

    Shapes:
        sensors (n,) long, index in the whole network -> (n, n).
    """

    def __init__(self, sensors: int, channels: int, *, directed: bool = True) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(sensors, channels))
        self.seen = nn.Parameter(torch.randn(sensors, channels)) if directed else None

    def forward(self, sensors: Tensor) -> Tensor:
        """Relate."""
        looking = self.vectors[sensors]
        seen = looking if self.seen is None else self.seen[sensors]
        return torch.relu(looking @ seen.T).softmax(1)
