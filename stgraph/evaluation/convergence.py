"""Whether a training had come to its end, so that its figure says something about the model."""

import math
from typing import Final

from stgraph.training import TrainingLog

LEAST_GAIN, FEWEST_EPOCHS = 0.03, 10
RULE: Final = (
    "A training counts as converged if early stopping ended it, or if it had at least "
    f"{FEWEST_EPOCHS} epochs and the second half improved the best validation error by less than {LEAST_GAIN:.0%}"
)
"""What the second half gained is a guess at what as many epochs again would. The last epochs alone tell nothing: the
learning rate falls to 1 % whatever the number of epochs, so that they gain little in one that is far too short, too."""


def late_gain(log: TrainingLog) -> float:
    """Return by what share of it the second half of the epochs improved the best validation error of the first half.

    0 where it improved nothing; NaN where there was one epoch or none, or the last error is not finite.

    >>> from stgraph.training import Epoch
    >>> late_gain(TrainingLog(tuple(Epoch(2.0, error, 1.0) for error in (4.0, 2.0, 1.5, 1.6))))
    0.25
    """
    errors = log.errors
    before, after = (
        [error for error in part if math.isfinite(error)]
        for part in (errors[: len(errors) // 2], errors[len(errors) // 2 :])
    )
    if not before or not math.isfinite(errors[-1]):
        return math.nan
    best = min(before)
    return max(0.0, (best - min(after)) / best) if best else 0.0


def converged(log: TrainingLog, share: float = 1.0) -> bool:
    """Tell whether a training had come to its end; what is not trained in epochs always has.

    One that diverged has not, though its best epoch before that was kept.

    Args:
        log: of the training.
        share: of a pass that each of its epochs was.
    """
    if not log.epochs:
        return True
    if not math.isfinite(log.errors[-1]):
        return False
    return log.stopped_early or (share * len(log.epochs) >= FEWEST_EPOCHS and late_gain(log) < LEAST_GAIN)
