"""Spatial normalisation: each sensor against the others at the same moment, the local that is left."""

import torch
from torch import Tensor, nn

EPSILON = 1e-5  # under the root, so that equal sensors give 0


class SpatialNormalisation(nn.Module):
    r"""``out_tic = g_c (x_tic - mean_tc) / deviation_tc + b_c``, mean and deviation over all sensors of a moment.

    The spatial normalisation of Deng et al. 2021, ST-Norm, https://doi.org/10.1145/3447548.3467330. Settled with the
    authors' code (https://github.com/JLDeng/ST-Norm): the variance divides by N - 1, and 1e-5 is added to it. A single
    sensor is its own mean and gives b.

    Args:
        channels: C.

    Shapes:
        signal (B, T, N, C) -> (B, T, N, C).

    >>> layer = SpatialNormalisation(1)
    >>> layer(torch.tensor([10.0, 20.0, 30.0]).view(1, 1, 3, 1)).flatten().detach().round(decimals=3)
    tensor([-1.,  0.,  1.])
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, signal: Tensor) -> Tensor:
        """Normalise."""
        variance, mean = torch.var_mean(signal, dim=2, keepdim=True, correction=min(1, signal.shape[2] - 1))
        scale = self.scale * (variance + EPSILON).rsqrt()
        return torch.addcmul(self.shift, signal - mean, scale)
