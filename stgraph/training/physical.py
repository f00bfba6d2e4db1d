"""Scaling wraps a model once, for training and forecasting alike."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from stgraph.metrics import pinball_loss
from stgraph.models import ForecastModel
from stgraph.patches import PatchBatch
from stgraph.series import Scaler
from stgraph.shapes import check_shape


class Unscaled(nn.Module):
    """A model that answers in physical units: scaling wraps the model, once.

    In training the model sees the target in the scaled units it works in; afterwards it sees none.
    Quantiles that cross are sorted once it is trained: the rearranged curve is nearer to the true one than the crossing
    one (Chernozhukov et al. 2010, "Quantile and probability curves without crossing", https://doi.org/10.3982/ECTA7880).

    Args:
        model: answers in scaled units.
        scaler: of the target channels.

    Shapes:
        batch -> (B, H, N, C_out), in the units of the targets, float32 or wider; (B, H, N, C_out, Q) with quantiles.

    Raises:
        ShapeError: the task asks for quantiles, and the model does not forecast them.
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
        quantiles = self.model.task.quantiles
        if quantiles:
            check_shape(out, "B H N C Q", name=f"{self.model.name} with quantiles {quantiles}", Q=len(quantiles))
        mean, deviation, lowest = map(self.model.for_each_quantile, (self.mean, self.deviation, self.lowest))
        physical = out.to(torch.promote_types(out.dtype, torch.float32)) * deviation + mean
        if self.training:
            return physical  # a bound has no gradient to learn from
        physical = physical.maximum(lowest)
        return physical.sort(-1).values if quantiles else physical


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
    target, scored = _scored(batch)
    error = torch.where(scored, forecast - target, 0.0).abs()
    if len(deviation) > 1:
        error = error / deviation
    return error.sum(), scored.sum()


def masked_squared_error(forecast: Tensor, batch: PatchBatch, deviation: Tensor) -> tuple[Tensor, Tensor]:
    """Return (sum, count) as `masked_absolute_error`, of the squared error, each target divided by its deviation.

    Args:
        forecast: (B, H, N, C_out), physical.
        batch: with its target.
        deviation: (C_out,) of the targets.
    """
    target, scored = _scored(batch)
    error = torch.where(scored, forecast - target, 0.0) / deviation
    return error.square().sum(), scored.sum()


def masked_pinball_loss(
    forecast: Tensor, batch: PatchBatch, deviation: Tensor, quantiles: Sequence[float]
) -> tuple[Tensor, Tensor]:
    """Return (sum, count) as `masked_absolute_error`, of twice the pinball loss, its mean over the quantiles.

    Twice, so that of the median alone it is the absolute error.

    Args:
        forecast: (B, H, N, C_out, Q), physical.
        batch: with its target.
        deviation: (C_out,) of the targets.
        quantiles: Q levels.
    """
    target, scored = _scored(batch)
    known = torch.where(scored, target, 0.0)[..., None]
    loss = pinball_loss(torch.where(scored[..., None], forecast, 0.0), known, forecast.new_tensor(quantiles))
    loss = 2 * loss.mean(-1)
    if len(deviation) > 1:
        loss = loss / deviation
    return loss.sum(), scored.sum()


def _scored(batch: PatchBatch) -> tuple[Tensor, Tensor]:
    """Return the target, and where it is observed and answered for."""
    if batch.target is None or batch.target_observed is None:
        message = "a loss needs a batch with a target"
        raise ValueError(message)
    return batch.target, batch.target_observed & batch.centre[:, None]
