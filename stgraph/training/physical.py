"""Scaling wraps a model once, for training and forecasting alike."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from stgraph.models import ForecastModel
from stgraph.patches import PatchBatch
from stgraph.series import Scaler


class Unscaled(nn.Module):
    """A model that answers in physical units: scaling wraps the model, once.

    In training the model sees the target in the scaled units it works in; afterwards it sees none.

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
        shown = scaled_target(batch, self.mean, self.deviation) if self.training else without_target(batch)
        out: Tensor = self.model(shown)
        physical = out.to(torch.promote_types(out.dtype, torch.float32)) * self.deviation + self.mean
        return physical if self.training else physical.maximum(self.lowest)  # a bound has no gradient to learn from


def scaled_target(batch: PatchBatch, mean: Tensor, deviation: Tensor) -> PatchBatch:
    """Return a batch whose target is in scaled units, and 0 where it was not observed.

    Args:
        batch: with a target in physical units, or none.
        mean: (C_out,) of the targets.
        deviation: (C_out,) of the targets.
    """
    if batch.target is None or batch.target_observed is None:
        return batch
    return replace(batch, target=torch.where(batch.target_observed, (batch.target - mean) / deviation, 0.0))


def without_target(batch: PatchBatch) -> PatchBatch:
    """Return a batch that does not know the future."""
    return batch if batch.target is None else replace(batch, target=None, target_observed=None)


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
