"""Whether a training had come to its end, so that its figure says something about the model."""

import math
from typing import Final

from stgraph.training import TrainingLog

LEAST_GAIN, FEWEST_EPOCHS = 0.005, 10
RULE: Final = (
    "A training counts as converged if early stopping ended it, or if it had at least "
    f"{FEWEST_EPOCHS} epochs and the last one improved the best validation MAE by less than {LEAST_GAIN:.1%}"
)
"""The learning rate falls to 1 % whatever the number of epochs, so that the last of a few gains little, too."""


def last_gain(log: TrainingLog) -> float:
    """Return by what share of it the last epoch improved the best validation MAE of all epochs before.

    0 where it improved nothing; NaN where there was no epoch before it, or one of the errors is not finite.

    >>> from stgraph.training import Epoch
    >>> last_gain(TrainingLog(tuple(Epoch(2.0, error, 1.0) for error in (4.0, 2.0, 1.5))))
    0.25
    """
    errors = [epoch.validation_mae for epoch in log.epochs]
    known = [error for error in errors[:-1] if math.isfinite(error)]
    if not known or not math.isfinite(errors[-1]):
        return math.nan
    best = min(known)
    return max(0.0, (best - errors[-1]) / best) if best else 0.0


def converged(log: TrainingLog) -> bool:
    """Tell whether a training had come to its end; what is not trained in epochs always has.

    One that diverged has not, though its best epoch before that was kept.
    """
    if not log.epochs:
        return True
    if not math.isfinite(log.epochs[-1].validation_mae):
        return False
    return log.stopped_early or (len(log.epochs) >= FEWEST_EPOCHS and last_gain(log) < LEAST_GAIN)
