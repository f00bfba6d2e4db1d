"""What a training came to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to: mean absolute errors in physical units, and seconds."""

    train_mae: float
    validation_mae: float
    seconds: float


@dataclass(frozen=True)
class TrainingLog:
    """What a training came to.

    Args:
        epochs: one entry an epoch; empty for closed-form models.
        best_epoch: index of the epoch whose parameters were kept.
        stopped_early: whether patience ran out.
        seconds: of the whole training.
    """

    epochs: tuple[Epoch, ...] = ()
    best_epoch: int = 0
    stopped_early: bool = False
    seconds: float = 0.0

    @property
    def best(self) -> Epoch | None:
        """The epoch whose parameters were kept; None for closed-form models."""
        return self.epochs[self.best_epoch] if self.epochs else None
