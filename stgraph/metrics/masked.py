"""Streaming masked errors: sums and counts, so that no figure depends on the batch size or order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stgraph.errors import DataError
from stgraph.metrics.errors import absolute_error, percentage_error, squared_error
from stgraph.shapes import check_shape

METRICS = ("MAE", "RMSE", "MAPE", "WAPE", "R2", "EV", "accuracy")
HIGHER_IS_BETTER = ("R2", "EV", "accuracy")
HOURS = 24
CONSTANT = 1e-12  # share of sum (y - shift)^2 below which the variation about the mean is rounding: y is constant
TERMS = 10

Figures = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class ErrorTable:
    """Masked errors by lead, by sensor, by hour of the day and on parts of the targets, for each channel.

    Each field maps a metric to an array, and ``"count"`` to how many observed values were scored. An error is NaN
    where nothing was.

    Args:
        at: (H, C), at that step alone: `@h`.
        up_to: (H, C), pooled over all steps up to and including it: `avg<=h`.
        per_sensor: (N, C), pooled over all steps.
        per_hour: (24, C), pooled over all steps and sensors, by the hour of the day of the target.
        parts: K names of parts of the targets, as `MaskedErrors.update` was given them.
        part_at: (K, H, C), as `at`, of each part.
        part_up_to: (K, H, C), as `up_to`, of each part.
        threshold: smallest ``|target|`` that MAPE counts, in the unit of the channel.
    """

    at: Figures
    up_to: Figures
    per_sensor: Figures
    per_hour: Figures
    parts: tuple[str, ...]
    part_at: Figures
    part_up_to: Figures
    threshold: float

    @property
    def count(self) -> NDArray[np.float64]:
        """(H, C) observed values scored."""
        return self.at["count"]


class MaskedErrors:
    """Errors as sums over everything observed, m: with error e = forecast - y and truth y.

    | metric | is | unit |
    | --- | --- | --- |
    | MAE | sum m abs(e) / sum m | of y |
    | RMSE | sqrt(sum m e^2 / sum m) | of y |
    | MAPE | mean of 100 abs(e) / abs(y) over observed entries with abs(y) >= threshold | % |
    | WAPE | 100 sum m abs(e) / sum m abs(y) | % |
    | R2 | 1 - sum m e^2 / sum m (y - mean)^2, about the mean of the very values scored | |
    | EV | 1 - Var(e) / Var(y): R2 of a forecast without its bias | |
    | accuracy | 1 - norm(m e) / norm(m y), of Frobenius: Zhao et al. 2020, eq. 12, https://arxiv.org/abs/1811.05320 | |

    A metric is NaN where it is undefined: of nothing, R2 and EV of a constant truth, WAPE and accuracy of zeros alone.

    Variances are sums in float64 about a constant, the mean of the first values scored of the channel, so that no
    digits cancel. R2 keeps 9 of them while the mean of what is pooled lies within 1000 of its own deviations from it.

    Args:
        threshold: for MAPE, in the unit of the target.

    Raises:
        DataError: a threshold that is not positive.

    >>> errors = MaskedErrors()
    >>> target = torch.tensor([60.0, 50.0, 1e9]).view(1, 3, 1, 1)  # one window, three steps, one sensor
    >>> errors.update(torch.full((1, 3, 1, 1), 54.0), target, observed=target < 1e9)
    >>> errors.compute().up_to["MAE"].ravel()
    array([6., 5., 5.])
    >>> errors.compute().up_to["R2"].ravel().round(2)  # the mean of 60 and 50 would have scored 0
    array([  nan, -0.04, -0.04])
    """

    def __init__(self, threshold: float = 1.0) -> None:
        if not threshold > 0:
            message = f"threshold: expected a positive number in the unit of the target, found {threshold}"
            raise DataError(message)
        self.threshold = threshold
        self._sizes: dict[str, int] = {}
        self._shift = torch.zeros(0)  # (C,)
        self._sums = torch.zeros(0)  # (TERMS, H, C, N), the terms of `_terms`
        self._hourly = torch.zeros(0)  # (TERMS, C, 24)
        self._parts: dict[str, Tensor] = {}  # each (TERMS, H, C)

    def update(
        self,
        forecast: Tensor,
        target: Tensor,
        observed: Tensor,
        hours: Tensor | None = None,
        parts: Mapping[str, Tensor] | None = None,
    ) -> None:
        """Add one batch.

        Args:
            forecast: (B, H, N, C), in the unit of the target.
            target: (B, H, N, C); anything may stand where `observed` is False.
            observed: (B, H, N, C) bool.
            hours: (B, H) long, hour of the day (0 to 23) of each target step; None = not by hour.
            parts: name -> (B, H, N) bool, the targets of that part; they may overlap. A part not named has none here.

        Raises:
            ShapeError: shapes that differ, or H, N and C other than in the batches before.
            DataError: a forecast that is not finite, or an hour that no day has.
        """
        sizes = check_shape(target, "B H N C", name="target", **self._sizes)
        check_shape(forecast, "B H N C", name="forecast", **sizes)
        check_shape(observed, "B H N C", name="observed", **sizes)
        if hours is not None:
            _check_hours(hours, sizes)
        for name, mask in (parts or {}).items():
            check_shape(mask, "B H N", name=f"parts[{name!r}]", **sizes)
        if not torch.isfinite(forecast).all():
            message = "forecast: expected finite numbers, found NaN or infinity"
            raise DataError(message)
        if not self._sizes:
            self._begin(sizes)
        channels = (x.detach().permute(1, 3, 0, 2).contiguous() for x in (forecast, target, observed))  # (H, C, B, N)
        masks = _stacked(parts or {}, like=target)
        sums = [(t.sum(2), t.sum(3), t.flatten(2) @ masks) for t in self._terms(*channels)]
        by_sensor, by_window, by_part = (torch.stack(some).cpu() for some in zip(*sums, strict=True))
        self._sums += by_sensor
        if hours is not None:
            self._hourly.index_add_(2, hours.T.reshape(-1).cpu(), by_window.transpose(1, 2).flatten(2))
        for name, added in zip(parts or {}, by_part.unbind(-1), strict=True):
            self._parts[name] = self._parts.get(name, 0.0) + added

    def _begin(self, sizes: dict[str, int]) -> None:
        self._sizes = {axis: sizes[axis] for axis in "HNC"}
        steps, sensors, channels = self._sizes.values()
        self._shift = torch.full((channels,), torch.nan, dtype=torch.float64)
        self._sums = torch.zeros(TERMS, steps, channels, sensors, dtype=torch.float64)
        self._hourly = torch.zeros(TERMS, channels, HOURS, dtype=torch.float64)

    def _terms(self, forecast: Tensor, target: Tensor, observed: Tensor) -> Iterator[Tensor]:
        """Yield what is summed, in the order of `_metrics`, each (H, C, B, N) as its arguments; 0 where unobserved."""
        # 0 on both sides of what is unobserved makes every term 0 there
        seen, target = observed.double(), torch.where(observed, target.double(), 0.0)
        forecast = forecast.double() * seen
        mean = (target.sum((0, 2, 3)) / seen.sum((0, 2, 3))).cpu()  # NaN, and asked again, until a channel is seen
        self._shift = torch.where(self._shift.isnan(), mean, self._shift)
        shift = self._shift.nan_to_num().to(target.device)[:, None, None]
        yield seen
        yield forecast - target
        yield absolute_error(forecast, target)
        yield squared_error(forecast, target)
        yield from map(Tensor.double, percentage_error(forecast, target, self.threshold))
        yield target.abs()
        yield target.square()
        offset = (target - shift) * seen
        yield offset
        yield offset.square()

    def compute(self) -> ErrorTable:
        """Return the errors of everything added so far; NaN where nothing was observed.

        Raises:
            DataError: nothing was added.
        """
        if not self._sizes:
            message = "no forecast was scored: add batches first"
            raise DataError(message)
        sums = self._sums.numpy()
        leads = sums.sum(3)  # (TERMS, H, C)
        parts = np.array([part.numpy() for part in self._parts.values()]).reshape(-1, *leads.shape).swapaxes(0, 1)
        return ErrorTable(
            at=_metrics(leads),
            up_to=_metrics(leads.cumsum(1)),
            per_sensor=_metrics(sums.sum(1).swapaxes(1, 2)),
            per_hour=_metrics(self._hourly.numpy().swapaxes(1, 2).copy()),
            parts=tuple(self._parts),
            part_at=_metrics(parts),
            part_up_to=_metrics(parts.cumsum(2)),
            threshold=self.threshold,
        )


def _stacked(parts: Mapping[str, Tensor], *, like: Tensor) -> Tensor:
    """Return K masks (B, H, N) as (H, B N, K) float64."""
    masks = torch.zeros(like.shape[1], len(parts), like.shape[0] * like.shape[2], dtype=torch.float64)
    for k, mask in enumerate(parts.values()):
        masks[:, k] = mask.transpose(0, 1).flatten(1)
    return masks.to(like.device).mT  # in memory K comes first: a product with it takes a fifth of the time


def _check_hours(hours: Tensor, sizes: dict[str, int]) -> None:
    check_shape(hours, "B H", name="hours", **sizes)
    if hours.numel() and not 0 <= int(hours.min()) <= int(hours.max()) < HOURS:
        message = f"hours: expected 0 to {HOURS - 1}, found {int(hours.min())} to {int(hours.max())}"
        raise DataError(message)


def _metrics(sums: NDArray[np.float64]) -> Figures:
    count, error, absolute, squared, share, share_count, truth, truth_squared, offset, offset_squared = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        variation = offset_squared - offset**2 / count
        variation = np.where(variation > CONSTANT * offset_squared, variation, np.nan)
        return {
            "MAE": absolute / count,
            "RMSE": np.sqrt(squared / count),
            "MAPE": np.where(share_count > 0, share / share_count, np.nan),
            "WAPE": np.where(truth > 0, 100 * absolute / truth, np.nan),
            "R2": 1 - squared / variation,
            "EV": 1 - (squared - error**2 / count) / variation,
            "accuracy": np.where(truth_squared > 0, 1 - np.sqrt(squared / truth_squared), np.nan),
            "count": count,
        }
