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
_SUMS = ("absolute", "squared", "percentage", "target", "count", "percentage_count")


@dataclass(frozen=True, eq=False)
class ErrorTable:
    """Masked errors at each lead and on average, for each channel.

    Args:
        at: metric -> (H, C), at that step alone: `@h`.
        up_to: metric -> (H, C), pooled over all steps up to and including it: `avg<=h`.
        count: (H, C) observed values scored.
        threshold: smallest ``|target|`` that MAPE counts, in the unit of the channel.
    """

    at: dict[str, NDArray[np.float64]]
    up_to: dict[str, NDArray[np.float64]]
    count: NDArray[np.float64]
    threshold: float


class MaskedErrors:
    r"""MAE, RMSE, MAPE and WAPE as sums over everything observed.

    MAE = sum m |e| / sum m; RMSE = sqrt(sum m e^2 / sum m); WAPE = 100 sum m |e| / sum m |y|;
    MAPE = mean of 100 |e| / |y| over observed entries with ``|y| >= threshold``, which is stated with it.

    Args:
        threshold: for MAPE, in the unit of the target.
    """

    def __init__(self, threshold: float = 1.0) -> None:
        self.threshold = threshold
        self._sums: dict[str, Tensor] = {}

    def update(self, forecast: Tensor, target: Tensor, observed: Tensor) -> None:
        """Add one batch.

        Args:
            forecast: (B, H, N, C), in the unit of the target.
            target: (B, H, N, C); anything may stand where `observed` is False.
            observed: (B, H, N, C) bool.

        Raises:
            ShapeError: shapes that differ.
            DataError: a forecast that is not finite.
        """
        sizes = check_shape(target, "B H N C", name="target")
        check_shape(forecast, "B H N C", name="forecast", **sizes)
        check_shape(observed, "B H N C", name="observed", **sizes)
        forecast, target = forecast.detach().double(), torch.where(observed, target.detach().double(), 0.0)
        if not torch.isfinite(forecast).all():
            message = "forecast: expected finite numbers, found NaN or infinity"
            raise DataError(message)
        share, counts = percentage_error(forecast, target, self.threshold)
        parts = {
            "absolute": absolute_error(forecast, target),
            "squared": squared_error(forecast, target),
            "percentage": share,
            "target": target.abs(),
            "count": torch.ones_like(target),
            "percentage_count": counts.double(),
        }
        for name, part in parts.items():
            added = torch.where(observed, part, 0.0).sum((0, 2)).cpu()  # (H, C)
            self._sums[name] = self._sums.get(name, torch.zeros_like(added)) + added

    def compute(self) -> ErrorTable:
        """Return the errors of everything added so far; NaN where nothing was observed.

        Raises:
            DataError: nothing was added.
        """
        if not self._sums:
            message = "no forecast was scored: add batches first"
            raise DataError(message)
        sums = {name: self._sums[name].numpy() for name in _SUMS}
        pooled = {name: part.cumsum(0) for name, part in sums.items()}
        return ErrorTable(_metrics(sums), _metrics(pooled), sums["count"], self.threshold)


def _metrics(sums: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "MAE": sums["absolute"] / sums["count"],
            "RMSE": np.sqrt(sums["squared"] / sums["count"]),
            "MAPE": np.where(sums["percentage_count"] > 0, sums["percentage"] / sums["percentage_count"], np.nan),
            "WAPE": np.where(sums["target"] > 0, 100 * sums["absolute"] / sums["target"], np.nan),
        }
