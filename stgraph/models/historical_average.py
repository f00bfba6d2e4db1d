"""Historical average: the weekly profile of each sensor."""

from collections.abc import Iterable
from typing import ClassVar, Literal

import torch
from torch import Tensor

from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch, Window


class HistoricalAverage(ForecastModel):
    """The mean of the training values at the same time of the week, for each sensor.

    Where a slot of the week was never observed: the slot of the day; else the sensor's mean; else the
    network's. Every observed training value counts exactly once.

    Source: the "HA" row of Li et al. 2018, section 4.1, https://arxiv.org/abs/1707.01926 (there: weekly, decaying).

    Shapes:
        batch -> (B, H, N, C_out).
    """

    name: ClassVar[str] = "historical-average"
    paper: ClassVar[str] = "the weekly profile; HA of Li et al. 2018, https://arxiv.org/abs/1707.01926"
    trained: ClassVar[Literal["gradient", "closed_form", "none"]] = "closed_form"

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.profile: Tensor  # (7, steps_per_day, N, C_out)
        self.register_buffer("profile", torch.zeros(7, task.steps_per_day, task.sensors, task.channels_out))

    @property
    def inductive(self) -> bool:
        """False: one profile a sensor."""
        return False

    @property
    def reach(self) -> int:
        """A sensor sees itself alone."""
        return 0

    def closed_window(self) -> Window:
        """Horizons side by side, so that each step of the training part is seen once."""
        return Window(0, self.task.horizon, placement="grid", edges="zero")

    def fit_closed(self, batches: Iterable[PatchBatch]) -> None:
        """Average each slot of the week, of the day, each sensor and the network."""
        size = self.profile.shape
        total = self.profile.new_zeros(size, dtype=torch.float64).flatten(0, 2)  # (7 S N, C_out)
        count = torch.zeros_like(total)
        for batch in batches:
            if batch.target is None or batch.target_observed is None:
                continue
            place = (self._slot(batch) * size[2] + batch.sensors).flatten()
            observed = batch.target_observed & batch.centre[:, None]
            total.index_add_(0, place, torch.where(observed, batch.target, 0.0).double().flatten(0, 2))
            count.index_add_(0, place, observed.double().flatten(0, 2))
        total, count = total.view(size), count.view(size)
        profile = torch.zeros_like(total)
        for axes in ((0, 1, 2), (0, 1), (0,), ()):  # from the coarsest mean to the finest that was observed
            sums, counts = (x.sum(axes, keepdim=True) if axes else x for x in (total, count))
            profile = torch.where(counts > 0, sums / counts.clamp(min=1), profile)
        self.profile.copy_(profile)

    def forward(self, batch: PatchBatch) -> Tensor:
        """Look up the profile at the times of the horizon."""
        return self.profile.flatten(0, 1)[self._slot(batch), batch.sensors]

    def _slot(self, batch: PatchBatch) -> Tensor:
        """Slot of the week of each step of the horizon, (B, H, N)."""
        step, day, _ = batch.calendar[:, batch.signal.shape[1] :].unbind(-1)
        return (day * self.task.steps_per_day + step).expand(-1, -1, len(batch.sensors))
