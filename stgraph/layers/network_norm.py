"""Layer normalisation of a whole network at one moment."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class NetworkNorm(nn.Module):
    r"""``out_ic = g_ic (x_ic - mean) / deviation + b_ic``, mean and deviation over all sensors and channels together.

    The layer normalisation of Ba et al. 2016, https://arxiv.org/abs/1607.06450, as STGCN takes it (Yu et al. 2018,
    https://arxiv.org/abs/1709.04875): of each step of each window, with a g and a b for each channel of each sensor.

    Args:
        sensors: N of the whole network.
        channels: C.

    Shapes:
        signal (..., N, C), sensors (N,) long, their index in the whole network -> (..., N, C).
    """

    def __init__(self, sensors: int, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(sensors, channels))
        self.shift = nn.Parameter(torch.zeros(sensors, channels))

    def forward(self, signal: Tensor, sensors: Tensor) -> Tensor:
        """Normalise."""
        return functional.layer_norm(signal, signal.shape[-2:], self.scale[sensors], self.shift[sensors])
