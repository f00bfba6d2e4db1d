"""Persistence: tomorrow is like now."""

from typing import ClassVar, Literal

from torch import Tensor

from stgraph.layers import last_observed
from stgraph.models.base import ForecastModel
from stgraph.patches import PatchBatch


class Persistence(ForecastModel):
    """Repeat the last observed value of each sensor in the window; the training mean where there is none.

    The reference that every forecast must beat (the "naive method" of Hyndman and Athanasopoulos 2021,
    section 5.2, https://otexts.com/fpp3/simple-methods.html).

    Shapes:
        batch -> (B, H, N, C_out).
    """

    name: ClassVar[str] = "persistence"
    paper: ClassVar[str] = "Hyndman and Athanasopoulos 2021, https://otexts.com/fpp3/simple-methods.html"
    trained: ClassVar[Literal["gradient", "closed_form", "none"]] = "none"

    @property
    def reach(self) -> int:
        """A sensor sees itself alone."""
        return 0

    def forward(self, batch: PatchBatch) -> Tensor:
        """Repeat."""
        last = last_observed(batch.signal, batch.observed)[..., list(self.task.targets)]
        return last[:, None].expand(-1, self.task.horizon, -1, -1)
