"""Temporal normalisation: each sensor against its own level, the high frequencies that are left."""

import torch
from torch import Tensor, nn
from torch.nn import functional

MOMENTUM = 0.1  # of the running statistics: share of the newest batch


class TemporalNormalisation(nn.Module):
    r"""``out_tic = g_ic (x_tic - mean_ic) / deviation_ic + b_ic``, mean and deviation over the steps of a batch.

    The temporal normalisation of Deng et al. 2021, ST-Norm, https://doi.org/10.1145/3447548.3467330. Settled with the
    authors' code (https://github.com/JLDeng/ST-Norm): it is batch normalisation, of each channel of each sensor, with
    a g and a b for each. In training the statistics are those of all windows and steps of the batch, and running ones
    are kept of them; in evaluation the running ones are taken, so that a forecast depends on no other window.

    Args:
        sensors: N of the whole network.
        channels: C.

    Shapes:
        signal (B, T, N, C), sensors (N,) long, their index in the whole network -> (B, T, N, C).
    """

    def __init__(self, sensors: int, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(sensors, channels))
        self.shift = nn.Parameter(torch.zeros(sensors, channels))
        self.mean: Tensor
        self.variance: Tensor
        self.register_buffer("mean", torch.zeros(sensors, channels))
        self.register_buffer("variance", torch.ones(sensors, channels))

    def forward(self, signal: Tensor, sensors: Tensor) -> Tensor:
        """Normalise."""
        own = (x[sensors].flatten() for x in (self.mean, self.variance, self.scale, self.shift))
        mean, variance, scale, shift = own
        rows = signal.flatten(2).flatten(0, 1)  # (B T, N C)
        out = functional.batch_norm(rows, mean, variance, scale, shift, training=self.training, momentum=MOMENTUM)
        if self.training:  # `mean` and `variance` are copies, which have moved
            self.mean[sensors] = mean.view(len(sensors), -1)
            self.variance[sensors] = variance.view(len(sensors), -1)
        return out.view(signal.shape)
