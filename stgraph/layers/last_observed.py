"""The last observed value of each sensor in the history."""

import torch
from torch import Tensor


def last_observed(signal: Tensor, observed: Tensor) -> Tensor:
    """Return the last observed value in the window, and 0 (the training mean) where there is none.

    Args:
        signal: (B, T, N, C) scaled, 0 where unobserved.
        observed: (B, T, N, C) bool.

    Returns:
        (B, N, C).

    >>> signal, observed = torch.tensor([3.0, 5.0, 0.0]), torch.tensor([True, True, False])
    >>> last_observed(signal.view(1, 3, 1, 1), observed.view(1, 3, 1, 1))
    tensor([[[5.]]])
    """
    order = torch.arange(1, signal.shape[1] + 1, device=signal.device)[:, None, None]
    latest = (observed * order).argmax(1, keepdim=True)
    return signal.gather(1, latest)[:, 0]
