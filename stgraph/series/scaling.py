"""One mean and deviation per channel, from observed training values only."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.traffic_series import TrafficSeries

CHUNK = 4096


@dataclass(frozen=True)
class Scaler:
    """Standardisation z = (x - mean) / deviation, one pair for each channel, never for each sensor.

    Args:
        mean: C means in the units of the channels.
        deviation: C standard deviations; 1 for a channel that never changes.
        lowest: C lowest values that can be: 0 for a channel that was never negative, as speeds and flows are not,
            else minus infinity. No forecast goes below.

    Raises:
        DataError: not as many finite means as finite deviations above 0, and as lowest values where they are given.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    lowest: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Take no lowest values as no bounds, and check the numbers."""
        if not self.lowest:
            object.__setattr__(self, "lowest", (-math.inf,) * len(self.mean))
        sound = len(self.mean) == len(self.deviation) == len(self.lowest)
        if not sound or not all(map(math.isfinite, self.mean)) or not all(0 < x < math.inf for x in self.deviation):
            message = f"scaler: expected as many finite means as finite deviations above 0, found {self}"
            raise DataError(message)

    @classmethod
    def fit(cls, series: TrafficSeries, ranges: Iterable[tuple[int, int]]) -> "Scaler":
        """Estimate mean and deviation from what is observed in the given ranges of steps.

        Two passes in float64 over blocks of steps: exact enough for a year, small enough for any memory.

        Raises:
            DataError: a channel that has no observed value there.
        """
        blocks = [(a, min(a + CHUNK, last)) for first, last in ranges for a in range(first, last, CHUNK)]
        count = np.zeros(len(series.channels))
        total = np.zeros(len(series.channels))
        negative = np.zeros(len(series.channels), dtype=bool)
        for a, b in blocks:
            negative |= (series.observed[a:b] & (series.values[a:b] < 0)).any((0, 1))
            count += series.observed[a:b].sum((0, 1))
            total += np.where(series.observed[a:b], series.values[a:b], 0).sum((0, 1), dtype=np.float64)
        if (count == 0).any():
            empty = [name for name, n in zip(series.channels, count, strict=True) if not n]
            message = f"no observed value of {empty} in the training part: there is nothing to learn from"
            raise DataError(message)
        mean = total / count
        squares = np.zeros(len(series.channels))
        for a, b in blocks:
            off = np.where(series.observed[a:b], series.values[a:b] - mean, 0.0)
            squares += (off**2).sum((0, 1))
        deviation = np.sqrt(squares / count)
        flat = deviation <= 1e-6 * np.maximum(np.abs(mean), 1e-30)
        deviation[flat] = 1.0
        lowest = np.where(negative, -math.inf, 0.0)
        return cls(tuple(mean.tolist()), tuple(deviation.tolist()), tuple(lowest.tolist()))

    def select(self, channels: Sequence[int]) -> "Scaler":
        """Return the scaler of some channels."""
        return Scaler(*(tuple(of[c] for c in channels) for of in (self.mean, self.deviation, self.lowest)))

    def scale(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return (..., C) physical values as standard scores."""
        scaled: NDArray[np.floating] = (values - np.array(self.mean)) / np.array(self.deviation)
        return scaled

    def unscale(self, scores: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return (..., C) standard scores as physical values: the inverse of `scale`."""
        values: NDArray[np.floating] = scores * np.array(self.deviation) + np.array(self.mean)
        return values
