"""Streaming masked errors: sums and counts, so that no figure depends on the batch size or order."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stgraph.errors import DataError
from stgraph.metrics.errors import absolute_error, percentage_error, squared_error
from stgraph.shapes import check_shape

METRICS = ("MAE", "RMSE", "MAPE", "WAPE")
HOURS = 24


@dataclass(frozen=True, eq=False)
class ErrorTable:
    """Masked errors by lead, by sensor and by hour of the day, for each channel.

    Each field maps a metric to an array, and ``"count"`` to how many observed values were scored. An error is NaN
    where nothing was.

    Args:
        at: (H, C), at that step alone: `@h`.
        up_to: (H, C), pooled over all steps up to and including it: `avg<=h`.
        per_sensor: (N, C), pooled over all steps.
        per_hour: (24, C), pooled over all steps and sensors, by the hour of the day of the target.
        threshold: smallest ``|target|`` that MAPE counts, in the unit of the channel.
    """

    at: dict[str, NDArray[np.float64]]
    up_to: dict[str, NDArray[np.float64]]
    per_sensor: dict[str, NDArray[np.float64]]
    per_hour: dict[str, NDArray[np.float64]]
    threshold: float

    @property
    def count(self) -> NDArray[np.float64]:
        """(H, C) observed values scored."""
        return self.at["count"]


class MaskedErrors:
    r"""MAE, RMSE, MAPE and WAPE as sums over everything observed.

    MAE = sum m |e| / sum m; RMSE = sqrt(sum m e^2 / sum m); WAPE = 100 sum m |e| / sum m |y|;
    MAPE = mean of 100 |e| / |y| over observed entries with ``|y| >= threshold``, which is stated with it.

    Args:
        threshold: for MAPE, in the unit of the target.

    Raises:
        DataError: a threshold that is not positive.

    >>> errors = MaskedErrors()
    >>> target = torch.tensor([60.0, 50.0, 1e9]).view(1, 3, 1, 1)  # one window, three steps, one sensor
    >>> errors.update(torch.full((1, 3, 1, 1), 54.0), target, observed=target < 1e9)
    >>> errors.compute().up_to["MAE"].ravel()
    array([6., 5., 5.])
    """

    def __init__(self, threshold: float = 1.0) -> None:
        if not threshold > 0:
            message = f"threshold: expected a positive number in the unit of the target, found {threshold}"
            raise DataError(message)
        self.threshold = threshold
        self._sizes: dict[str, int] = {}
        self._sums = torch.zeros(0)  # (6, H, N, C), the parts of `_metrics`
        self._hourly = torch.zeros(0)  # (24, C, 6)

    def update(self, forecast: Tensor, target: Tensor, observed: Tensor, hours: Tensor | None = None) -> None:
        """Add one batch.

        Args:
            forecast: (B, H, N, C), in the unit of the target.
            target: (B, H, N, C); anything may stand where `observed` is False.
            observed: (B, H, N, C) bool.
            hours: (B, H) long, hour of the day (0 to 23) of each target step; None = not by hour.

        Raises:
            ShapeError: shapes that differ, or H, N and C other than in the batches before.
            DataError: a forecast that is not finite, or an hour that no day has.
        """
        sizes = check_shape(target, "B H N C", name="target", **self._sizes)
        check_shape(forecast, "B H N C", name="forecast", **sizes)
        check_shape(observed, "B H N C", name="observed", **sizes)
        if hours is not None:
            _check_hours(hours, sizes)
        if not torch.isfinite(forecast).all():
            message = "forecast: expected finite numbers, found NaN or infinity"
            raise DataError(message)
        # 0 on both sides of what is unobserved makes every part 0 there
        forecast, target = (torch.where(observed, x.detach().double(), 0.0) for x in (forecast, target))
        share, counts = percentage_error(forecast, target, self.threshold)
        absolute = absolute_error(forecast, target)
        parts = (absolute, squared_error(forecast, target), share, target.abs(), observed.double(), counts.double())
        if not self._sizes:
            self._sizes = {axis: sizes[axis] for axis in "HNC"}
            self._sums = torch.zeros(len(parts), *self._sizes.values(), dtype=torch.float64)
            self._hourly = torch.zeros(HOURS, sizes["C"], len(parts), dtype=torch.float64)
        self._sums += torch.stack([part.sum(0) for part in parts]).cpu()
        if hours is not None:
            added = torch.stack([part.sum(2) for part in parts], dim=-1).cpu()  # (B, H, C, 6)
            self._hourly.index_add_(0, hours.cpu().reshape(-1), added.flatten(0, 1))

    def compute(self) -> ErrorTable:
        """Return the errors of everything added so far; NaN where nothing was observed.

        Raises:
            DataError: nothing was added.
        """
        if not self._sizes:
            message = "no forecast was scored: add batches first"
            raise DataError(message)
        sums, hourly = self._sums.numpy(), self._hourly.movedim(-1, 0).numpy()
        leads = sums.sum(2)  # (6, H, C)
        return ErrorTable(
            at=_metrics(leads),
            up_to=_metrics(leads.cumsum(1)),
            per_sensor=_metrics(sums.sum(1)),
            per_hour=_metrics(hourly.copy()),
            threshold=self.threshold,
        )


def _check_hours(hours: Tensor, sizes: dict[str, int]) -> None:
    check_shape(hours, "B H", name="hours", **sizes)
    if hours.numel() and not 0 <= int(hours.min()) <= int(hours.max()) < HOURS:
        message = f"hours: expected 0 to {HOURS - 1}, found {int(hours.min())} to {int(hours.max())}"
        raise DataError(message)


def _metrics(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    absolute, squared, percentage, truth, count, percentage_count = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "MAE": absolute / count,
            "RMSE": np.sqrt(squared / count),
            "MAPE": np.where(percentage_count > 0, percentage / percentage_count, np.nan),
            "WAPE": np.where(truth > 0, 100 * absolute / truth, np.nan),
            "count": count,
        }
