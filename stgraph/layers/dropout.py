"""Dropout whose coins cost little on a processor."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.errors import DataError

SIDES = 2**16  # of a coin: four of them are cut from each random number of 64 bits


class Dropout(nn.Module):
    """In training, set a share of all entries to 0 and enlarge the others, so that the mean stays.

    Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html. On a processor PyTorch's own draws one
    number after the other, one reason why dropout is slow there; here an entry takes 16 random bits, and the share
    is the nearest multiple of 2^-16. Elsewhere it is PyTorch's own.

    Args:
        share: of the entries, from 0 to 1.

    Shapes:
        (...) -> (...).

    Raises:
        DataError: a share outside 0 to 1.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        if not 0 <= share <= 1:
            message = f"dropout: expected a share from 0 to 1, found {share}"
            raise DataError(message)
        self.share = share

    def forward(self, signal: Tensor) -> Tensor:
        """Drop."""
        if not self.training or not self.share:
            return signal
        dropped = round(self.share * SIDES)
        if signal.device.type != "cpu" or dropped == SIDES:
            return functional.dropout(signal, self.share)
        coins = torch.empty(-(-signal.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        kept = coins.view(torch.int16)[: signal.numel()] >= dropped - SIDES // 2
        return signal * (kept.to(signal.dtype) * (SIDES / (SIDES - dropped))).view(signal.shape)

    def extra_repr(self) -> str:
        """Say the share."""
        return str(self.share)
