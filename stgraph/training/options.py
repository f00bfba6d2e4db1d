"""How a model is trained: one small frozen object with good defaults."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from stgraph.errors import DataError, UnknownNameError

Precision = Literal["32", "bf16"]
Accelerator = Literal["auto", "cpu", "gpu", "cuda", "mps"]
Loss = Literal["mae", "mse"]
Patches = Literal["auto", "whole"] | int
SEEDS = 2**63  # as many as torch tells apart


@dataclass(frozen=True)
class Training:
    """Options of gradient training; closed-form models use `batch_size` and `patches` alone.

    Args:
        epochs: at most so many passes over the training part.
        batch_size: windows in a batch.
        learning_rate: peak of the schedule (a short linear rise, then half a cosine down to 1 %).
        clip: largest norm of the gradient.
        patience: epochs without a better validation error before training stops.
        seed: of the parameters, dropout and the order of the windows.
        precision: "32", or "bf16" (automatic mixed precision).
        accelerator: "auto", "cpu", "gpu", "cuda" or "mps": what Lightning calls it.
        progress: whether to show a progress bar; where stderr is no terminal, a line an epoch.
        patches: "whole": each batch has the whole graph. A number: the graph is divided into patches of about so many
            sensors, each with the halo that makes it exact, and a batch has some of them; memory then depends on the
            patch, not on the network. "auto": the whole graph where a step on it fits into memory, else patches.
        blocks: patches in a batch, of all processes together where there are several; each has one at least.
        loss: what is minimised: "mae", the mean absolute error, whose best forecast is the median; or "mse", the mean
            squared error, whose best is the mean: for a benchmark that ranks by RMSE. What chooses the epoch is the
            MAE or RMSE of the validation part. Where quantiles are asked for, their pinball loss is minimised, and the
            MAE of the median chooses.
        epoch_share: of the batches of a pass that an epoch has, drawn anew each time: below 1 for a series so long that
            the parameters are to be looked at, and saved, before a pass is over.

    Raises:
        DataError: a number out of range.
        UnknownNameError: a precision, accelerator or loss that there is not.
    """

    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 2e-3
    clip: float = 5.0
    patience: int = 8
    seed: int = 0
    precision: Precision = "32"
    accelerator: Accelerator = "auto"
    progress: bool = True
    patches: Patches = "auto"
    blocks: int = 1
    loss: Loss = "mae"
    epoch_share: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("epochs", "batch_size", "learning_rate", "clip", "patience", "blocks"):
            if not 0 < getattr(self, name) < math.inf:
                message = f"{name}: expected a positive number, found {getattr(self, name)}"
                raise DataError(message)
        if not 0 < self.epoch_share <= 1:
            message = f"epoch_share: expected a share above 0, up to 1, found {self.epoch_share}"
            raise DataError(message)
        if not 0 <= self.seed < SEEDS:
            message = f"seed: expected 0 to {SEEDS - 1}, found {self.seed}"
            raise DataError(message)
        if self.patches not in ("auto", "whole") and (not isinstance(self.patches, int) or self.patches < 1):
            message = f"patches: expected 'auto', 'whole' or a number of sensors above 0, found {self.patches!r}"
            raise DataError(message)
        for name, kind in (("precision", Precision), ("accelerator", Accelerator), ("loss", Loss)):
            if getattr(self, name) not in get_args(kind):
                raise UnknownNameError.of(name, str(getattr(self, name)), get_args(kind))

    def batches_of(self, count: int) -> int:
        """Return how many batches an epoch has, of so many in a pass: one at least.

        >>> Training(epoch_share=0.25).batches_of(10), Training().batches_of(10)
        (2, 10)
        """
        return max(1, round(count * self.epoch_share))
