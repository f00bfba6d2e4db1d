"""The Lightning module: scaled model out, physical masked error in, kept as (sum, count)."""

import math
from dataclasses import replace
from typing import Any

import lightning
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from stgraph.models import ForecastModel
from stgraph.patches import PatchBatch
from stgraph.series import Scaler
from stgraph.training.log import Measure
from stgraph.training.options import Training
from stgraph.training.physical import Unscaled, masked_absolute_error, masked_pinball_loss, masked_squared_error
from stgraph.training.world import World


class ForecastModule(lightning.LightningModule):
    """Train a model with Adam on the masked absolute, or squared, error (Kingma and Ba 2015).

    Where the task asks for quantiles, what is minimised is their pinball loss; what is logged, and chooses the
    epoch, is the absolute error of the median all the same. Where squares are minimised, the RMSE chooses.
    A model's own auxiliary loss is added to what is minimised, and to no error that is logged.
    Among several processes all errors are those of the batches of all; of auxiliary losses the mean counts.

    Args:
        model: to train.
        scaler: of the target channels.
        options: learning rate and the like.
        steps: optimiser steps of the whole training, for the schedule.
    """

    def __init__(self, model: ForecastModel, scaler: Scaler, options: Training, steps: int) -> None:
        super().__init__()
        self.physical = Unscaled(model, scaler)
        self.options, self.steps = options, steps
        self.world = World.here()
        self.measure: Measure = "rmse" if options.loss == "mse" and not model.task.quantiles else "mae"
        self._sums: dict[str, list[tuple[Tensor, Tensor]]] = {"train": [], "validation": [], "squared": []}

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast in physical units."""
        answer: Tensor = self.physical(batch)
        return answer

    def training_step(self, batch: PatchBatch, _: int) -> Tensor:
        """Return what is minimised: the mean error of the batch, and the model's auxiliary loss if it has one."""
        batch = replace(batch, step=self.global_step)
        out, quantiles = self(batch), self.physical.model.task.quantiles
        total, count = self._error("train", out, batch)
        if quantiles:
            total, count = masked_pinball_loss(out, batch, self.physical.deviation, quantiles)
        elif self.options.loss == "mse":
            total, count = masked_squared_error(out, batch, self.physical.deviation)
        if self.world.size > 1:  # gradients will be averaged over the processes, whose counts differ
            total, count = total * self.world.size, self.world.summed(count.clone())
        loss = total / count.clamp(min=1)
        self.log("loss", loss.detach(), prog_bar=True, logger=False, batch_size=1)
        auxiliary = self.physical.model.auxiliary_loss
        if auxiliary is None:
            return loss
        self.physical.model.auxiliary_loss = None  # it holds the graph of this step
        return loss + auxiliary

    def validation_step(self, batch: PatchBatch, _: int) -> None:
        """Add the batch to the sums of the validation part."""
        out = self(batch)
        self._error("validation", out, batch)
        point = self.physical.model.point(out)
        self._sums["squared"].append(masked_squared_error(point, batch, self.physical.deviation))

    def _error(self, part: str, out: Tensor, batch: PatchBatch) -> tuple[Tensor, Tensor]:
        """Return sum and count of the error of the point forecast, added to the sums of the part."""
        total, count = masked_absolute_error(self.physical.model.point(out), batch, self.physical.deviation)
        self._sums[part].append((total.detach(), count))  # left on the device: to read a number is to wait for it
        return total, count

    def mean_error(self, part: str) -> float:
        """Return the mean error of a part since the epoch began, of all processes; NaN where nothing was observed.

        Args:
            part: "train" or "validation", absolute errors; "squared", of the validation part, in deviations.
        """
        sums = self._sums[part]
        total, count = (
            (math.fsum(torch.stack(column).tolist()) for column in zip(*sums, strict=True)) if sums else (0, 0)
        )
        if self.world.size > 1:
            total, count = self.world.summed(torch.tensor([total, count], dtype=torch.float64)).tolist()
        return total / count if count else math.nan

    def on_train_epoch_start(self) -> None:
        """Start the sums of the epoch anew."""
        self._sums = {"train": [], "validation": [], "squared": []}

    def on_validation_epoch_start(self) -> None:
        """Start the sums of the validation part anew."""
        self._sums["validation"], self._sums["squared"] = [], []

    def on_validation_epoch_end(self) -> None:
        """Log the validation error that chooses the epoch, for the progress bar and early stopping."""
        found = self.validation_rmse() if self.measure == "rmse" else self.mean_error("validation")
        self.log(f"validation_{self.measure}", found, prog_bar=True, logger=False)

    def validation_rmse(self) -> float:
        """Return the RMSE of the validation part since the epoch began; NaN where nothing was observed."""
        deviation = self.physical.deviation
        unit = float(deviation) if len(deviation) == 1 else 1.0
        return unit * math.sqrt(self.mean_error("squared"))

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:  # noqa: ANN401, ARG002
        """Move a PatchBatch."""
        return batch.to(device)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Return Adam, and a schedule: 2 % of the steps up, then half a cosine down to 1 %."""
        adam = torch.optim.Adam(self.parameters(), lr=self.options.learning_rate)
        warm = max(1, self.steps // 50)

        def share(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            done = (step - warm) / max(1, self.steps - warm)
            return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))

        schedule = torch.optim.lr_scheduler.LambdaLR(adam, share)
        return {"optimizer": adam, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
