"""All that is known at each step of the history, as channels side by side."""

import torch
from torch import Tensor
from torch.nn import functional

from stgraph.patches import PatchBatch


def known_history(
    batch: PatchBatch, *, steps_per_day: int | None = None, day_of_week: bool = False, at_least: int = 0
) -> Tensor:
    """Return the signal, the time of day and the day of week if asked for, and the covariates, of the whole history.

    The time of day as a share of the day, beside the speed, is how Li et al. 2018 (DCRNN,
    https://github.com/liyaguang/DCRNN) and most models after it read METR-LA: "two input channels".

    Args:
        batch: what the model sees.
        steps_per_day: intervals in a day; None = no time of day.
        day_of_week: whether the number of the day, 0 to 6, is a channel, as STID reads it (Shao et al. 2022).
        at_least: steps to return; where the history has fewer, zeros stand in front, as convolutions over time want.

    Returns:
        (B, T or at_least, N, C + 1 + 1 + K): 1 where each was asked for, K covariates where the batch has them.
    """
    size, steps, sensors, _ = batch.signal.shape
    parts = [batch.signal]
    if steps_per_day is not None:
        share = batch.calendar[:, :steps, :, :1].to(batch.signal.dtype) / steps_per_day
        parts.append(share.expand(size, steps, sensors, 1))
    if day_of_week:
        parts.append(batch.calendar[:, :steps, :, 1:2].to(batch.signal.dtype).expand(size, steps, sensors, 1))
    if batch.covariates is not None:
        parts.append(batch.covariates[:, :steps].expand(size, steps, sensors, -1))
    known = parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)
    return functional.pad(known, (0, 0, 0, 0, at_least - steps, 0)) if steps < at_least else known
