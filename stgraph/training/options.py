"""How a model is trained: one small frozen object with good defaults."""

from dataclasses import dataclass
from typing import Literal

from stgraph.errors import DataError

Precision = Literal["32", "bf16"]


@dataclass(frozen=True)
class Training:
    """Options of gradient training; closed-form models use `batch_size` alone.

    Args:
        epochs: at most so many passes over the training part.
        batch_size: windows in a batch.
        learning_rate: peak of the schedule (a short linear rise, then half a cosine down to 1 %).
        clip: largest norm of the gradient.
        patience: epochs without a better validation MAE before training stops.
        seed: of the parameters, dropout and the order of the windows.
        precision: "32", or "bf16" (automatic mixed precision).
        accelerator: "auto", "cpu", "gpu": what Lightning calls it.
        progress: whether to show a progress bar.

    Raises:
        DataError: a number out of range or an unknown precision.
    """

    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 2e-3
    clip: float = 5.0
    patience: int = 8
    seed: int = 0
    precision: Precision = "32"
    accelerator: str = "auto"
    progress: bool = True

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("epochs", "batch_size", "learning_rate", "clip", "patience"):
            if getattr(self, name) <= 0:
                message = f"{name}: expected a positive number, found {getattr(self, name)}"
                raise DataError(message)
        if self.precision not in ("32", "bf16"):
            message = f"precision: expected '32' or 'bf16', found {self.precision!r}"
            raise DataError(message)
