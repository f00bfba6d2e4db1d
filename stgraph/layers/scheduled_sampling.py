"""Scheduled sampling: a decoder in training is fed the truth, less and less often."""

import math

import torch
from torch import Tensor, nn

from stgraph.patches import PatchBatch


class ScheduledSampling(nn.Module):
    r"""What a decoder is fed after a step of the horizon: its own forecast, or in training sometimes the truth.

    At step i of the optimiser, one coin for the whole batch gives the truth with probability::

        epsilon_i = tau / (tau + exp(i / tau))

    Bengio et al. 2015, https://arxiv.org/abs/1506.03099, with the inverse sigmoid that Li et al. 2018 (DCRNN,
    https://arxiv.org/abs/1707.01926) chose. Where the truth was not observed the forecast stays.

    Args:
        decay: tau; larger = the truth for longer.

    Shapes:
        sensor-major forecast (N, B, C_out), batch, step of the horizon -> (N, B, C_out).
    """

    def __init__(self, decay: float) -> None:
        super().__init__()
        self.decay = decay

    def truth_share(self, step: int) -> float:
        """Return epsilon at a step of the optimiser."""
        return 1 / (1 + math.exp(min(step / self.decay, 700.0)) / self.decay)

    def forward(self, forecast: Tensor, batch: PatchBatch, step: int) -> Tensor:
        """Feed."""
        if not self.training or batch.target is None or batch.target_observed is None:
            return forecast
        if float(torch.rand(())) >= self.truth_share(batch.step):
            return forecast
        truth, observed = (x[:, step].transpose(0, 1) for x in (batch.target, batch.target_observed))
        return torch.where(observed, truth.to(forecast.dtype), forecast)
