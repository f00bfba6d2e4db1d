"""Windows in time: where they may stand, as index arithmetic, never as copies."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series import Part, Split, TrafficSeries

Steps = NDArray[np.int64]
Placement = Literal["sliding", "grid", "centred"]
Edges = Literal["drop", "zero", "nearest"]


@dataclass(frozen=True)
class Window:
    """A window of `history` + `horizon` steps and the rule for where copies of it stand.

    - sliding: one every `stride` steps, overlapping.
    - grid: side by side, so that they tile the series; stride = length of the window.
    - centred: `horizon` is 0 and the window's middle (step history // 2) stands on each step in turn (imputation).

    Edges of a stretch of data: `drop` keeps only windows that lie inside; the others let windows stick out,
    so that each step is once the first of a horizon (sliding), covered (grid) or the middle (centred), and fill
    what sticks out with zero, unobserved (`zero`), or with the nearest step (`nearest`).

    Args:
        history: steps in, T.
        horizon: steps out, H.
        stride: steps from one window to the next; None = 1, or the window's length for grid.
        placement: sliding, grid or centred.
        edges: drop, zero or nearest.

    Raises:
        DataError: no steps at all, a stride below 1, an unknown rule, or a centred window with a horizon.
    """

    history: int = 12
    horizon: int = 12
    stride: int | None = None
    placement: Placement = "sliding"
    edges: Edges = "drop"

    def __post_init__(self) -> None:
        """Check the numbers and the names."""
        if min(self.history, self.horizon) < 0 or not len(self) or (self.stride is not None and self.stride < 1):
            message = f"window: expected history, horizon >= 0, not both 0, and stride >= 1, found {self}"
            raise DataError(message)
        if self.placement not in get_args(Placement) or self.edges not in get_args(Edges):
            message = f"window: expected placement in {get_args(Placement)}, edges in {get_args(Edges)}, found {self}"
            raise DataError(message)
        if self.placement == "centred" and self.horizon:
            message = f"window: a centred window has no horizon, found {self.horizon} steps"
            raise DataError(message)

    def __len__(self) -> int:
        """Return the number of steps of a window."""
        return self.history + self.horizon

    def place(self, ranges: Iterable[tuple[int, int]]) -> "Placed":
        """Return where the windows stand in stretches (first, past the last) of steps.

        >>> Window(history=2, horizon=1).place([(0, 5), (10, 12)]).start
        array([0, 1, 2])
        """
        pieces = [self._place_in(first, last) for first, last in ranges]
        start = np.concatenate([p for p, _ in pieces] or [np.zeros(0, np.int64)])
        bounds = np.array([b for p, b in pieces for _ in p], dtype=np.int64).reshape(-1, 2)
        return Placed(self, start, bounds[:, 0], bounds[:, 1])

    def place_part(self, series: TrafficSeries, split: Split, part: Part) -> "Placed":
        """Return the windows of a part of a series, by the rule of the split."""
        if split.cut == "windows":
            everywhere = self.place(series.segments)
            return everywhere.take(np.arange(*split.bounds(len(everywhere))[part]))
        placed = self.place(split.ranges(series, part))
        if split.cut == "steps_but_last":
            placed = placed.take(np.flatnonzero(placed.start + len(self) < placed.last))
        return placed

    def _place_in(self, first: int, last: int) -> tuple[Steps, tuple[int, int]]:
        stride = self.stride or (len(self) if self.placement == "grid" else 1)
        inside = (first, last - len(self) + 1)
        if self.edges == "drop":
            low, high = inside
        elif self.placement == "grid":
            low, high = first, last
        else:
            anchor = self.history // 2 if self.placement == "centred" else self.history - (not self.horizon)
            low, high = first - anchor, last - anchor
        return np.arange(low, high, stride, dtype=np.int64), (first, last)


@dataclass(frozen=True, eq=False)
class Placed:
    """Windows in their places.

    Args:
        window: the rule that placed them.
        start: (M,) first history step of each; outside its stretch where the window sticks out.
        first: (M,) first step of the stretch each belongs to.
        last: (M,) step past the last one of that stretch.
    """

    window: Window
    start: Steps
    first: Steps
    last: Steps

    def __len__(self) -> int:
        """Return the number of windows, M."""
        return len(self.start)

    def take(self, which: NDArray[np.int64]) -> "Placed":
        """Return some of the windows; `which` may have any shape, which the fields then take."""
        return Placed(self.window, self.start[which], self.first[which], self.last[which])

    def steps(self) -> tuple[Steps, NDArray[np.bool_] | None]:
        """Return the steps of every window, and which of them lie inside.

        Returns:
            (..., T + H) step numbers, all valid; and the same shape of bool, False where the step is
            filling to be treated as unobserved (None where nothing is).
        """
        raw = self.start[..., None] + np.arange(len(self.window))
        if self.window.edges == "drop":
            return raw, None
        steps = np.clip(raw, self.first[..., None], self.last[..., None] - 1)
        return steps, (raw == steps if self.window.edges == "zero" else None)
