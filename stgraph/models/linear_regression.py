"""Linear regression: ridge on the history of each sensor."""

from collections.abc import Iterable
from typing import ClassVar, Literal

import torch
from torch import Tensor

from stgraph.errors import DataError
from stgraph.layers import own_lags
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch


class LinearRegression(ForecastModel):
    r"""One ridge regression for each sensor, lead and target, on the sensor's own history.

    Minimises ``sum over observed targets (y - w x - b)^2 + penalty |w|^2`` with x the T C scaled lags;
    the intercept b is not penalised. Hoerl and Kennard 1970, eq. 2.1, https://doi.org/10.1080/00401706.1970.10488634.
    Solved in float64 from the normal equations, which are summed batch by batch.

    Args:
        task: what to forecast.
        penalty: in units of scaled squares summed over samples, as in scikit-learn.

    Shapes:
        batch -> (B, H, N, C_out).
    """

    name: ClassVar[str] = "linear-regression"
    paper: ClassVar[str] = "Hoerl and Kennard 1970, https://doi.org/10.1080/00401706.1970.10488634"
    trained: ClassVar[Literal["gradient", "closed_form", "none"]] = "closed_form"

    def __init__(self, task: Task, *, penalty: float = 1.0) -> None:
        super().__init__(task)
        if penalty < 0:
            message = f"penalty: expected 0 or more, found {penalty}"
            raise DataError(message)
        self.penalty = penalty
        self.coefficients: Tensor  # (N, T C + 1, H C_out), the intercept last
        shape = (task.sensors, task.history * task.channels_in + 1, task.horizon * task.channels_out)
        self.register_buffer("coefficients", torch.zeros(shape))

    @property
    def inductive(self) -> bool:
        """False: one regression a sensor."""
        return False

    @property
    def reach(self) -> int:
        """A sensor sees itself alone."""
        return 0

    def fit_closed(self, batches: Iterable[PatchBatch]) -> None:
        """Sum the normal equations over the batches and solve them."""
        sensors, lags, outs = self.coefficients.shape
        gram = self.coefficients.new_zeros(sensors, outs, lags, lags, dtype=torch.float64)
        right = self.coefficients.new_zeros(sensors, outs, lags, dtype=torch.float64)
        for batch in batches:
            if batch.target is None or batch.target_observed is None:
                continue
            x = own_lags(batch.signal).double()  # (N, B, lags)
            asked = batch.target_observed & batch.centre[:, None]
            observed = asked.permute(2, 1, 3, 0).flatten(1, 2).double()  # (N, outs, B)
            y = batch.target.permute(2, 1, 3, 0).flatten(1, 2).double() * observed
            right.index_add_(0, batch.sensors, y @ x)
            if observed.all():
                squares = (x.transpose(1, 2) @ x)[:, None].expand(-1, outs, -1, -1)
            else:
                squares = (x.transpose(1, 2)[:, None] * observed[:, :, None]) @ x[:, None]
            gram.index_add_(0, batch.sensors, squares)
        ridge = torch.full((lags,), self.penalty, dtype=torch.float64)
        ridge[-1] = 1e-9  # keeps a sensor that was never observed solvable: its forecast is the mean
        solved = torch.linalg.solve(gram + torch.diag(ridge + 1e-9), right)
        self.coefficients.copy_(solved.transpose(1, 2))

    def forward(self, batch: PatchBatch) -> Tensor:
        """Apply the regressions."""
        out: Tensor = own_lags(batch.signal) @ self.coefficients[batch.sensors]  # (N, B, H C_out)
        return self.over_horizon(out.transpose(0, 1))
