"""From a resident series to a batch: an index gather, no copies of windows."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stgraph.patches.batch import PatchBatch
from stgraph.patches.cutter import Cut
from stgraph.patches.window import Placed
from stgraph.series import Profile, Ranges, Scaler, TrafficSeries, calendar_of, let_go, slots_of
from stgraph.shapes import check_shape

PIECE = 2**22
"""Numbers in what is gone through at a time."""
ROUNDING = 1e-5
"""Share of a mean of squares, summed in float32, that may be rounding."""


@dataclass(frozen=True, eq=False)
class Resident:
    """A series as tensors that share its memory, with what a gather needs beside them.

    Args:
        values: (T, N, C) physical values.
        observed: (T, N, C) bool.
        calendar: (T, 3) long.
        mean: (C,) of the scaler.
        deviation: (C,) of the scaler.
        targets: channels to forecast.
        covariates: (T, N or 1, K) or None.
        static: (N, K) or None.
        shown: (C,) scaled value that stands for a hole; None = 0, the mean.
        profile: (2 S, N, 3 C) sums over what was observed of the targets, see `Profile`; None = none is asked for.
        slots: (T,) long, which of its 2 S rows is that of each step.
        counted: (T,) bool, steps whose own values are in the profile, and left out of what a window is shown of it;
            None = no step.
        mapped: arrays of these tensors that are files; what was read of them is let go after each batch.
    """

    values: Tensor
    observed: Tensor
    calendar: Tensor
    mean: Tensor
    deviation: Tensor
    targets: tuple[int, ...]
    covariates: Tensor | None = None
    static: Tensor | None = None
    shown: Tensor | None = None
    profile: Tensor | None = None
    slots: Tensor | None = None
    counted: Tensor | None = None
    mapped: tuple[NDArray[Any], ...] = ()

    @classmethod
    def of(
        cls,
        series: TrafficSeries,
        scaler: Scaler,
        targets: Sequence[int] = (0,),
        *,
        shown: float | None = None,
        profile: Profile | None = None,
        leave_out: Ranges = (),
    ) -> "Resident":
        """Wrap a series; its arrays are shared, not copied.

        Args:
            series: to draw windows from.
            scaler: of its channels.
            targets: channels to forecast.
            shown: what stands for a hole, in physical units; None = the mean.
            profile: of its sensors and the targets; `Profile.filled` is shown.
            leave_out: stretches of steps that the profile rests on, where each window is not to be shown its own.
        """
        mean, deviation = (torch.tensor(of, dtype=torch.float32) for of in (scaler.mean, scaler.deviation))
        calendar = calendar_of(series.local_times, series.interval, series.country)
        return cls(
            values=_shared(series.values),
            observed=_shared(series.observed),
            calendar=torch.from_numpy(calendar),
            mean=mean,
            deviation=deviation,
            targets=tuple(targets),
            covariates=None if series.covariates is None else _shared(series.covariates),
            shown=None if shown is None else (shown - mean) / deviation,
            profile=None if profile is None else _shared(profile.filled().sums).flatten(0, 1),
            slots=None if profile is None else torch.from_numpy(slots_of(calendar, series.steps_per_day)),
            counted=_within(leave_out, len(series)),
            mapped=tuple(x for x in (series.values, series.observed, series.covariates) if isinstance(x, np.memmap)),
        )

    def pieces(self) -> Iterator[NDArray[Any]]:
        """Yield all of it, some at a time."""
        for tensor in (getattr(self, field.name) for field in fields(self)):
            if isinstance(tensor, Tensor):
                array, rows = tensor.numpy(), max(1, PIECE * len(tensor) // tensor.numel())
                for first in range(0, len(array), rows):
                    yield array[first : first + rows]
                    let_go(*self.mapped)

    def chosen(self, picked: Tensor) -> Tensor:
        """Return the target channels of (..., C)."""
        if self.targets == tuple(range(picked.shape[-1])):
            return picked
        return picked[..., list(self.targets)]


def _within(ranges: Ranges, steps: int) -> Tensor | None:
    if not ranges:
        return None
    within = torch.zeros(steps, dtype=torch.bool)
    for first, last in ranges:
        within[first:last] = True
    return within


def _shared(array: np.ndarray) -> Tensor:
    with warnings.catch_warnings():  # torch warns of read-only memory (a memory map, say); nothing here writes to it
        warnings.simplefilter("ignore", UserWarning)
        return torch.from_numpy(array)


def gather(resident: Resident, placed: Placed, cut: Cut, *, with_target: bool = True) -> PatchBatch:
    """Gather one batch.

    Args:
        resident: the series.
        placed: (B, P) windows, one column a patch.
        cut: the P patches.
        with_target: False where the horizon has not happened yet.
    """
    check_shape(placed.start, "B P", name="placed", P=cut.patches)
    steps, inside = placed.steps()  # (B, P, T + H)
    pick = _Pick(torch.from_numpy(steps), None if inside is None else torch.from_numpy(inside), cut)
    now = placed.window.history
    observed = pick(resident.observed, slice(0, now))
    signal = _hide(pick(resident.values, slice(0, now)).sub_(resident.mean).div_(resident.deviation), observed)
    if resident.shown is not None:
        signal = torch.where(observed, signal, resident.shown)
    target = target_observed = None
    if with_target:
        target_observed = resident.chosen(pick(resident.observed, slice(now, None)))
        target = _hide(resident.chosen(pick(resident.values, slice(now, None))), target_observed)
    batch = PatchBatch(
        signal=signal,
        observed=observed,
        calendar=pick.shared(resident.calendar[:, None]),
        weights=cut.weights,
        sensors=cut.sensors,
        centre=cut.centre,
        block=cut.block,
        covariates=None if resident.covariates is None else pick.known(resident.covariates, now),
        static=None if resident.static is None else resident.static[cut.sensors],
        profile=_usual(resident, pick),
        target=target,
        target_observed=target_observed,
    )
    let_go(*resident.mapped)
    return batch


def _usual(resident: Resident, pick: "_Pick") -> Tensor | None:
    """Return what is usual at the times of the windows, (B, T+H, N, 3 C), without what the windows hold themselves."""
    if resident.profile is None or resident.slots is None:
        return None
    sums = replace(pick, steps=resident.slots[pick.steps])(resident.profile, slice(None))
    if resident.counted is not None:
        sums = sums - _own(resident, pick, resident.counted)
    number, total, squares = sums.chunk(3, dim=-1)
    mean, mean_square = total / number.clamp(min=1), squares / number.clamp(min=1)
    variance = (mean_square * (1 - ROUNDING) - mean * mean).clamp(min=0)  # of equal values it is 0, not what is left
    return torch.cat([mean, variance.sqrt(), number / (number + 1)], dim=-1)


def _own(resident: Resident, pick: "_Pick", counted: Tensor) -> Tensor:
    """Return what the windows' own values added to the sums, (B, T+H, N, 3 C)."""
    added = resident.chosen(pick(resident.observed, slice(None))) & pick.shared(counted[:, None, None])
    mean, deviation = resident.chosen(resident.mean), resident.chosen(resident.deviation)
    scores = _hide(resident.chosen(pick(resident.values, slice(None))).sub(mean).div_(deviation), added)
    return torch.cat([added.to(scores.dtype), scores, scores * scores], dim=-1)


def _hide(values: Tensor, observed: Tensor) -> Tensor:
    """Set what is unobserved to 0, in place; on a CPU this takes a third of the time of `torch.where`."""
    return values.nan_to_num_(0.0, 0.0, 0.0).mul_(observed.view(torch.uint8).to(values.dtype))


@dataclass(frozen=True)
class _Pick:
    """The gather itself: which steps and sensors of a resident tensor go where in the batch."""

    steps: Tensor  # (B, P, T + H)
    inside: Tensor | None  # (B, P, T + H) bool, False = filling
    cut: Cut

    def __call__(self, source: Tensor, part: slice) -> Tensor:
        """Pick (B, L, N, C) from (T, N, C)."""
        steps, sensors, of = self.steps[:, :, part], self.cut.sensors, source.shape[1]
        if len(sensors) == of and self.cut.patches == 1:  # the whole graph: rows of memory
            picked = source.index_select(0, steps.reshape(-1)).view(steps.shape[0], steps.shape[2], *source.shape[1:])
        else:
            rows = steps.transpose(1, 2)[:, :, self.cut.block] * of + sensors  # (B, L, N)
            channels = source.shape[2]
            picked = source.reshape(-1, channels).index_select(0, rows.reshape(-1)).view(*rows.shape, channels)
        if self.inside is not None:
            outside = self.inside[:, :, part].logical_not().transpose(1, 2)[:, :, self.cut.block, None]
            picked = picked.masked_fill(outside, 0)
        return picked

    def shared(self, source: Tensor) -> Tensor:
        """Pick (B, T+H, 1 or N, K) from (T, 1, K): one column where there is one patch, else one a sensor."""
        picked: Tensor = source[:, 0][self.steps].transpose(1, 2)  # (B, T+H, P, K)
        return picked if picked.shape[2] == 1 else picked[:, :, self.cut.block]

    def known(self, source: Tensor, history: int) -> Tensor:
        """Pick covariates; over the horizon the last one known stays, since nobody has measured the future."""
        last = self.steps[:, :, max(history - 1, 0)]
        now = replace(self, steps=torch.minimum(self.steps, last[..., None]), inside=None)
        return now.shared(source) if source.shape[1] == 1 else now(source, slice(None))
