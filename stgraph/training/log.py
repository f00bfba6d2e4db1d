"""What a training came to."""

import math
from dataclasses import dataclass
from typing import Literal

Measure = Literal["mae", "rmse"]


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to: mean errors in physical units, and seconds.

    Args:
        train_mae: mean absolute error over the training part, while it was learned from.
        validation_mae: mean absolute error over the validation part; NaN where there was none.
        seconds: of the epoch.
        validation_rmse: root of the mean squared error over the validation part; NaN where there was none.
    """

    train_mae: float
    validation_mae: float
    seconds: float
    validation_rmse: float = math.nan


@dataclass(frozen=True)
class TrainingLog:
    """What a training came to.

    Args:
        epochs: one entry an epoch; empty for closed-form models.
        best_epoch: index of the epoch whose parameters were kept.
        stopped_early: whether patience ran out.
        seconds: of the whole training.
        measure: the validation error that chose the epoch: "mae", or "rmse" where squares were minimised.
    """

    epochs: tuple[Epoch, ...] = ()
    best_epoch: int = 0
    stopped_early: bool = False
    seconds: float = 0.0
    measure: Measure = "mae"

    @property
    def best(self) -> Epoch | None:
        """The epoch whose parameters were kept; None for closed-form models."""
        return self.epochs[self.best_epoch] if self.epochs else None

    @property
    def errors(self) -> tuple[float, ...]:
        """The validation error of each epoch that chose among them, in physical units."""
        return tuple(epoch.validation_rmse if self.measure == "rmse" else epoch.validation_mae for epoch in self.epochs)
