"""Scaling wraps a model once, for training and forecasting alike."""

import torch
from torch import Tensor, nn

from stgraph.models import ForecastModel
from stgraph.patches import PatchBatch
from stgraph.series import Scaler


class Unscaled(nn.Module):
    """A model that answers in physical units: scaling wraps the model, once.

    Args:
        model: answers in scaled units.
        scaler: of the target channels.

    Shapes:
        batch -> (B, H, N, C_out), in the units of the targets, float32 or wider.
    """

    def __init__(self, model: ForecastModel, scaler: Scaler) -> None:
        super().__init__()
        self.model = model
        self.mean: Tensor
        self.deviation: Tensor
        self.lowest: Tensor
        self.register_buffer("mean", torch.tensor(scaler.mean, dtype=torch.float32), persistent=False)
        self.register_buffer("deviation", torch.tensor(scaler.deviation, dtype=torch.float32), persistent=False)
        self.register_buffer("lowest", torch.tensor(scaler.lowest, dtype=torch.float32), persistent=False)

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast in physical units; once trained, never below what can be."""
        out: Tensor = self.model(batch)
        physical = out.to(torch.promote_types(out.dtype, torch.float32)) * self.deviation + self.mean
        return physical if self.training else physical.maximum(self.lowest)  # a bound has no gradient to learn from


def masked_absolute_error(forecast: Tensor, batch: PatchBatch, deviation: Tensor) -> tuple[Tensor, Tensor]:
    """Return (sum, count) of the absolute error over what is observed and answered for.

    One target counts in its own unit; several are each divided by their deviation, so that they weigh alike.

    Args:
        forecast: (B, H, N, C_out), physical.
        batch: with its target.
        deviation: (C_out,) of the targets.
    """
    if batch.target is None or batch.target_observed is None:
        message = "a loss needs a batch with a target"
        raise ValueError(message)
    scored = batch.target_observed & batch.centre[:, None]
    error = torch.where(scored, forecast - batch.target, 0.0).abs()
    if len(deviation) > 1:
        error = error / deviation
    return error.sum(), scored.sum()
