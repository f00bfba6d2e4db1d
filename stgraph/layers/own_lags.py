"""The history of each sensor by itself, as regressions take it."""

import torch
from torch import Tensor


def own_lags(signal: Tensor) -> Tensor:
    """Return the history of each sensor as one row with a 1 at its end, for the intercept.

    Args:
        signal: (B, T, N, C) scaled.

    Returns:
        (N, B, T C + 1), the channels of a step side by side.

    >>> own_lags(torch.arange(4.0).view(1, 2, 2, 1))[1]
    tensor([[1., 3., 1.]])
    """
    lags = signal.permute(2, 0, 1, 3).flatten(2)
    return torch.cat([lags, torch.ones_like(lags[..., :1])], dim=-1)
