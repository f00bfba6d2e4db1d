"""Support vector regression: linear, on the history of each sensor."""

import warnings
from collections import defaultdict
from collections.abc import Iterable
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stgraph.layers import own_lags
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch, Window

Floats = NDArray[np.float64]

ITERATIONS = 100_000


class SVR(ForecastModel):
    r"""One linear support vector regression for each sensor, lead and target, on the sensor's own history.

    Minimises ``|w|^2 / 2 + cost sum over observed targets max(|y - w x - b| - epsilon, 0)`` with x the T C scaled lags.
    Drucker et al. 1996, "Support vector regression machines", as in Smola and Schoelkopf 2004, eq. 3,
    https://doi.org/10.1023/B:STCO.0000035301.49549.88. Solved by scikit-learn's LinearSVR, for which b is one more
    entry of w (Ho and Lin 2012, https://www.jmlr.org/papers/v13/ho12a.html).

    The SVR in the tables of T-GCN is one regression on the mean of the horizon, which it forecasts at every step
    (https://github.com/lehaifeng/T-GCN, Baselines/baselines.py): ``flat=True``. That code's C = 1 and epsilon = 0.1 are
    in km/h: with 86.43 and 0.1 / 86.43 here, 4 steps of history and the protocol `tgcn`, RMSE and MAE on SZ-taxi at 15
    minutes are 4.152 and 2.626, there 4.1455 and 2.6233.

    Regressions are solved one after the other, each in some 30 to 50 ms a thousand windows: three weeks of 184 sensors
    of Interstate 5, 12 leads, take ten minutes of one core, and one with ``stride=6``, for 1.3 % more error.

    Args:
        task: what to forecast.
        cost: C, of an error in scaled units; scikit-learn's default.
        epsilon: errors below it cost nothing; in scaled units.
        flat: one regression for the mean over the horizon, instead of one for each step of it.
        stride: train on every so manieth window.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: cost not above 0, epsilon below 0, or stride below 1.
    """

    name: ClassVar[str] = "svr"
    paper: ClassVar[str] = "Smola and Schoelkopf 2004, https://doi.org/10.1023/B:STCO.0000035301.49549.88"
    trained: ClassVar[Literal["gradient", "closed_form", "none"]] = "closed_form"

    def __init__(
        self, task: Task, *, cost: float = 1.0, epsilon: float = 0.1, flat: bool = False, stride: int = 1
    ) -> None:
        super().__init__(task)
        self.expect_positive(cost=cost)
        self.expect_at_least(0, epsilon=epsilon)
        self.expect_at_least(1, stride=stride)
        self.cost, self.epsilon, self.flat, self.stride = cost, epsilon, flat, stride
        self.coefficients: Tensor  # (N, T C + 1, H C_out), the intercept last; flat: C_out
        outs = task.channels_out * (1 if flat else task.horizon)
        self.register_buffer("coefficients", torch.zeros(task.sensors, task.history * task.channels_in + 1, outs))

    @property
    def inductive(self) -> bool:
        """False: one regression a sensor."""
        return False

    @property
    def reach(self) -> int:
        """A sensor sees itself alone."""
        return 0

    def closed_window(self) -> Window:
        """Return every `stride`-th window."""
        return Window(self.task.history, self.task.horizon, stride=self.stride)

    def fit_closed(self, batches: Iterable[PatchBatch]) -> None:
        """Collect the windows of each sensor, and solve one regression after the other."""
        windows: dict[tuple[int, ...], list[tuple[Tensor, Tensor, Tensor]]] = defaultdict(list)
        for batch in batches:
            if batch.target is not None and batch.target_observed is not None:
                asked = self._asked(batch.target, batch.target_observed & batch.centre[:, None])
                windows[tuple(batch.sensors.tolist())].append((own_lags(batch.signal), *asked))
        for sensors, parts in windows.items():
            x, y, observed = (torch.cat(of, dim=1) for of in zip(*parts, strict=True))  # (N, M, ..) each
            for k, sensor in enumerate(sensors):
                for out in range(y.shape[2]):
                    seen = observed[k, :, out]
                    if seen.any():  # else it never spoke, and its forecast is the mean; or it is halo here
                        lags, wanted = x[k, seen, :-1].double().numpy(), y[k, seen, out].double().numpy()
                        self.coefficients[sensor, :, out] = self._solved(lags, wanted)

    def forward(self, batch: PatchBatch) -> Tensor:
        """Apply the regressions."""
        out: Tensor = own_lags(batch.signal) @ self.coefficients[batch.sensors]  # (N, B, H C_out)
        out = out.transpose(0, 1)
        return out[:, None].expand(-1, self.task.horizon, -1, -1) if self.flat else self.over_horizon(out)

    def _asked(self, target: Tensor, observed: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the regressions are to give, (N, B, outs), and whether it was observed, of (B, H, N, C_out)."""
        if self.flat:
            count = observed.sum(1, keepdim=True)
            target, observed = (target * observed).sum(1, keepdim=True) / count.clamp(min=1), count > 0
        return target.permute(2, 0, 1, 3).flatten(2), observed.permute(2, 0, 1, 3).flatten(2)

    def _solved(self, lags: Floats, y: Floats) -> Tensor:
        """Return w and b, (T C + 1,), for rows of lags (M, T C) and what they are to give, (M,).

        Moved to mean 0 and divided by one deviation, lags and `y` alike, it is the same problem, solved many times as
        fast.
        """
        from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - a second of imports, when it is fitted
        from sklearn.svm import LinearSVR  # noqa: PLC0415

        mean, level, deviation = lags.mean(0), y.mean(), lags.std() or 1.0
        solver = LinearSVR(
            C=self.cost * deviation,
            epsilon=self.epsilon / deviation,
            dual="auto",
            max_iter=ITERATIONS,
            random_state=0,
        )
        with warnings.catch_warnings():  # a regression that is stopped there is within 1e-3 of its least
            warnings.simplefilter("ignore", ConvergenceWarning)
            solver.fit((lags - mean) / deviation, (y - level) / deviation)
        w: Floats = solver.coef_
        return torch.from_numpy(np.append(w, deviation * solver.intercept_ + level - w @ mean))
