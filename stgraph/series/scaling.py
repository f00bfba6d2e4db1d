"""One mean and deviation per channel, from observed training values only."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.blocks import blocks
from stgraph.series.mapped import let_go
from stgraph.series.traffic_series import TrafficSeries

Floats = NDArray[np.float64]
Kind = Literal["standard", "maximum"]
Over = Literal["train", "windows", "starts", "everything"]


@dataclass(frozen=True)
class Scaling:
    """How values are scaled, and what stands for a hole; the defaults are what one should do.

    Args:
        kind: ``"standard"``, mean and deviation; ``"maximum"``, divided by the largest value.
        over: which steps are counted. ``"train"``: those of the training part, once each. Published protocols also
            count ``"windows"``: the histories of the training windows, a step as often as it is in one; ``"starts"``:
            the steps before the last training window begins; ``"everything"``: the test part, too.
        counted: value that a hole counts as; None = holes are left out.
        shown: value that a model is shown for a hole; None = the mean.
        zeros_are_values: True = there are no holes: each counts as a measured 0, for the model and for every score.

    Raises:
        DataError: an unknown rule.
    """

    kind: Kind = "standard"
    over: Over = "train"
    counted: float | None = None
    shown: float | None = None
    zeros_are_values: bool = False

    def __post_init__(self) -> None:
        """Check the rules."""
        for name, known in (("kind", Kind), ("over", Over)):
            if getattr(self, name) not in get_args(known):
                message = f"scaling: expected {name} out of {get_args(known)}, found {getattr(self, name)!r}"
                raise DataError(message)

    def applied(self, series: TrafficSeries) -> TrafficSeries:
        """Return the series with a measured 0 in every hole, if zeros are values; else as it is."""
        if not self.zeros_are_values or series.observed.all():
            return series
        values = np.where(series.observed, series.values, np.float32(0))
        return replace(series, values=values, observed=np.ones_like(series.observed))


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
    def fit(
        cls,
        series: TrafficSeries,
        ranges: Iterable[tuple[int, int]],
        *,
        kind: Kind = "standard",
        times: NDArray[np.int64] | None = None,
        counted: float | None = None,
    ) -> "Scaler":
        """Estimate mean and deviation from what is observed in the given ranges of steps.

        Args:
            series: its observed values count.
            ranges: stretches of steps.
            kind: ``"maximum"``: the mean is 0 and the deviation the largest value.
            times: (T,) how often each step of the series counts; None = once.
            counted: value that holes count as; None = they don't.

        Raises:
            DataError: a channel that has no observed value there.
        """
        return cls.pooled([Sample(series, tuple(ranges), times)], kind=kind, counted=counted)

    @classmethod
    def pooled(cls, samples: Sequence["Sample"], *, kind: Kind = "standard", counted: float | None = None) -> "Scaler":
        """Estimate one mean and deviation from several series of the same channels and units; their order is nothing.

        Two passes in float64 over blocks of steps: exact enough for a year, small enough for any memory.

        Args:
            samples: what counts of each series.
            kind: as in `fit`.
            counted: as in `fit`.

        Raises:
            DataError: a channel that has no observed value in any of them.
        """
        tallies = [_tally(sample, counted) for sample in samples]
        count, total, negative, highest = (list(of) for of in zip(*tallies, strict=True))
        number = _sum(count)
        if (number == 0).any():
            empty = [name for name, n in zip(samples[0].series.channels, number, strict=True) if not n]
            message = f"no observed value of {empty} in the training part: there is nothing to learn from"
            raise DataError(message)
        lowest = np.where(np.any(negative, axis=0), -math.inf, 0.0)
        if kind == "maximum":
            largest = np.max(highest, axis=0)
            largest[largest <= 0] = 1.0
            return cls((0.0,) * len(largest), tuple(largest.tolist()), tuple(lowest.tolist()))
        mean = _sum(total) / number
        deviation = np.sqrt(_sum([_squares(sample, mean, counted) for sample in samples]) / number)
        flat = deviation <= 1e-6 * np.maximum(np.abs(mean), 1e-30)
        deviation[flat] = 1.0
        return cls(tuple(mean.tolist()), tuple(deviation.tolist()), tuple(lowest.tolist()))

    def select(self, channels: Sequence[int]) -> "Scaler":
        """Return the scaler of some channels."""
        return Scaler(*(tuple(of[c] for c in channels) for of in (self.mean, self.deviation, self.lowest)))

    def times(self, factors: Sequence[float]) -> "Scaler":
        """Return the scaler of the same channels in other units, of which one of these is `factors`.

        >>> Scaler((60.0,), (10.0,), (0.0,)).times((1.5,))
        Scaler(mean=(90.0,), deviation=(15.0,), lowest=(0.0,))
        """
        mine = (self.mean, self.deviation, self.lowest)
        return Scaler(*(tuple(x * f for x, f in zip(of, factors, strict=True)) for of in mine))

    def scale(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return (..., C) physical values as standard scores."""
        scaled: NDArray[np.floating] = (values - np.array(self.mean)) / np.array(self.deviation)
        return scaled

    def unscale(self, scores: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return (..., C) standard scores as physical values: the inverse of `scale`."""
        values: NDArray[np.floating] = scores * np.array(self.deviation) + np.array(self.mean)
        return values


@dataclass(frozen=True, eq=False)
class Sample:
    """What counts of a series for a scaler.

    Args:
        series: its observed values count.
        ranges: stretches of steps.
        times: (T,) how often each step of the series counts; None = once.
    """

    series: TrafficSeries
    ranges: tuple[tuple[int, int], ...]
    times: NDArray[np.int64] | None = None

    def parts(self, counted: float | None) -> Iterator[tuple[slice, Floats, Floats]]:
        """Yield some steps at a time: which, how often each value counts, and values finite everywhere, (L, N, C)."""
        for begin, end in self.ranges:
            for a, b in blocks(begin, end, self.series.values[0].size):
                yield slice(a, b), *_counting(self.series, a, b, self.times, counted)
                let_go(self.series.values, self.series.observed)


def _tally(sample: Sample, counted: float | None) -> tuple[Floats, Floats, NDArray[np.bool_], Floats]:
    """Return number and sum of what counts, whether any was negative, and the largest, (C,) each."""
    series = sample.series
    count, total = np.zeros((2, len(series.channels)))
    negative = np.zeros(len(series.channels), dtype=bool)
    highest = np.full(len(series.channels), -math.inf)
    for steps, weight, values in sample.parts(counted):
        negative |= (series.observed[steps] & (series.values[steps] < 0)).any((0, 1))
        count += weight.sum((0, 1), dtype=np.float64)
        total += (weight * values).sum((0, 1), dtype=np.float64)
        highest = np.maximum(highest, values.max((0, 1), where=weight > 0, initial=-math.inf))
    return count, total, negative, highest


def _squares(sample: Sample, mean: Floats, counted: float | None) -> Floats:
    """Return the sum of squared distances from the mean, (C,)."""
    squares = np.zeros(len(mean))
    for _, weight, values in sample.parts(counted):
        squares += (weight * (values - mean) ** 2).sum((0, 1))
    return squares


def _sum(parts: Sequence[Floats]) -> Floats:
    """Add up (C,) arrays, rounded once, so that their order means nothing."""
    return np.array([math.fsum(column) for column in zip(*parts, strict=True)])


def _counting(
    series: TrafficSeries, first: int, last: int, times: NDArray[np.int64] | None, counted: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how often each value of some steps counts, and the values, finite everywhere, (L, N, C) each."""
    observed = series.observed[first:last]
    values = np.where(observed, series.values[first:last], counted or 0.0).astype(np.float64)
    weight = observed.astype(np.float64) if counted is None else np.ones(observed.shape)
    return (weight if times is None else weight * times[first:last, None, None]), values
