"""Errors of one element; masks and averages live in `masked`."""

import torch
from torch import Tensor


def absolute_error(forecast: Tensor, target: Tensor) -> Tensor:
    """Return ``|forecast - target|``, elementwise, in the unit of the target."""
    return (forecast - target).abs()


def squared_error(forecast: Tensor, target: Tensor) -> Tensor:
    """Return ``(forecast - target)^2``, elementwise."""
    return (forecast - target).square()


def percentage_error(forecast: Tensor, target: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """Return ``100 |forecast - target| / |target|`` where ``|target| >= threshold``, and where that is.

    A share of nearly nothing means nothing: entries under the threshold are 0 here and False in the mask.

    Raises:
        ValueError: a threshold that is not positive.
    """
    if threshold <= 0:
        message = f"threshold: expected a positive number in the unit of the target, found {threshold}"
        raise ValueError(message)
    counts = target.abs() >= threshold
    share = 100 * absolute_error(forecast, target) / target.abs().clamp_min(threshold)
    return torch.where(counts, share, 0.0), counts
