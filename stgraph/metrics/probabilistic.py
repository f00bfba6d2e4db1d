"""Scores of quantiles and of bounds: per element, then as streaming masked sums."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stgraph.errors import DataError
from stgraph.metrics.masked import Figures
from stgraph.shapes import check_shape

INTERVAL_METRICS = ("coverage", "width", "interval_score")


def pinball_loss(forecast: Tensor, target: Tensor, quantile: Tensor | float) -> Tensor:
    """Return ``max(q (y - f), (q - 1)(y - f))``, elementwise, in the unit of the target.

    Its mean is smallest where f is the quantile q of y: Koenker and Bassett 1978, "Regression quantiles",
    https://doi.org/10.2307/1913643.

    Args:
        forecast: f.
        target: y, of a shape that goes with it.
        quantile: q, between 0 and 1, likewise.

    >>> pinball_loss(torch.tensor([50.0, 70.0]), torch.tensor(60.0), 0.9)
    tensor([9., 1.])
    """
    error = target - forecast
    return torch.maximum(quantile * error, (quantile - 1) * error)


def interval_score(lower: Tensor, upper: Tensor, target: Tensor, coverage: float) -> Tensor:
    """Return the width, and ``2 / alpha`` for each unit that the truth lies outside: elementwise, in its unit.

    With ``alpha = 1 - coverage``: Gneiting and Raftery 2007, "Strictly proper scoring rules, prediction, and
    estimation", eq. 43, https://doi.org/10.1198/016214506000001437. Lower is better. It is 2 / alpha times the pinball
    losses of both bounds, at alpha / 2 and 1 - alpha / 2, added up.

    >>> interval_score(torch.tensor(50.0), torch.tensor(60.0), torch.tensor([55.0, 62.0]), coverage=0.5)
    tensor([10., 18.])
    """
    outside = (lower - target).clamp_min(0) + (target - upper).clamp_min(0)
    return upper - lower + 2 / (1 - coverage) * outside


@dataclass(frozen=True, eq=False)
class IntervalTable:
    """What bounds came to, by lead, for each channel; NaN where nothing was observed.

    Each field maps ``"coverage"``, the share of observed truths inside, ``"width"``, the mean, and
    ``"interval_score"``, the mean, both in the unit of the channel, and ``"count"`` to an array.

    Args:
        at: (H, C), at that step alone: `@h`.
        up_to: (H, C), pooled over all steps up to and including it: `avg<=h`.
        asked: share of the truths that should lie inside.
    """

    at: Figures
    up_to: Figures
    asked: float


class MaskedIntervals:
    """Coverage, width and interval score as sums over everything observed: no figure depends on the batch size.

    Args:
        coverage: share of the truths that should lie inside the bounds.

    Raises:
        DataError: a coverage that is not between 0 and 1.

    >>> scores = MaskedIntervals(coverage=0.8)
    >>> target = torch.tensor([60.0, 50.0, 1e9]).view(1, 3, 1, 1)  # one window, three steps, one sensor
    >>> bounds = (torch.full((1, 3, 1, 1), 52.0), torch.full((1, 3, 1, 1), 62.0))
    >>> scores.update(*bounds, target, observed=target < 1e9)
    >>> scores.compute().up_to["coverage"].ravel()
    array([1. , 0.5, 0.5])
    """

    def __init__(self, coverage: float) -> None:
        if not 0 < coverage < 1:
            message = f"coverage: expected a share between 0 and 1, found {coverage}"
            raise DataError(message)
        self.coverage = coverage
        self._sizes: dict[str, int] = {}
        self._sums = torch.zeros(0)  # (4, H, C)

    def update(self, lower: Tensor, upper: Tensor, target: Tensor, observed: Tensor) -> None:
        """Add one batch.

        Args:
            lower: (B, H, N, C), in the unit of the target.
            upper: (B, H, N, C), nowhere below `lower`.
            target: (B, H, N, C); anything may stand where `observed` is False.
            observed: (B, H, N, C) bool.

        Raises:
            ShapeError: shapes that differ, or H, N and C other than in the batches before.
            DataError: a bound that is not finite, or a lower one above its upper one.
        """
        sizes = check_shape(target, "B H N C", name="target", **self._sizes)
        for name, x in (("lower", lower), ("upper", upper), ("observed", observed)):
            check_shape(x, "B H N C", name=name, **sizes)
        if not (torch.isfinite(lower) & torch.isfinite(upper) & (lower <= upper)).all():
            message = "bounds: expected finite numbers, no lower one above its upper one"
            raise DataError(message)
        if not self._sizes:
            self._sizes = {axis: sizes[axis] for axis in "HNC"}
            self._sums = torch.zeros(4, sizes["H"], sizes["C"], dtype=torch.float64)
        low, high, truth = (torch.where(observed, x.detach().double(), 0.0) for x in (lower, upper, target))
        inside = observed & (low <= truth) & (truth <= high)
        terms = (observed, inside, high - low, interval_score(low, high, truth, self.coverage))
        self._sums += torch.stack([term.sum((0, 2), dtype=torch.float64) for term in terms]).cpu()

    def compute(self) -> IntervalTable:
        """Return the figures of everything added so far.

        Raises:
            DataError: nothing was added.
        """
        if not self._sizes:
            message = "no bounds were scored: add batches first"
            raise DataError(message)
        sums = self._sums.numpy()
        return IntervalTable(_means(sums), _means(sums.cumsum(1)), self.coverage)


def _means(sums: NDArray[np.float64]) -> Figures:
    count = sums[0]
    with np.errstate(invalid="ignore"):
        means = dict(zip(INTERVAL_METRICS, sums[1:] / count, strict=True))
    return means | {"count": count}
