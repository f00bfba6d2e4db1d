"""Split conformal bounds: by how much a forecast is widened to hold as many of the truths as asked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from stgraph.errors import DataError
from stgraph.shapes import check_shape

PERCENTS = torch.arange(50, 100)
"""Coverages, in percent, that are kept."""
LEAST = 99
"""Residuals that a coverage of 99 % takes: a sensor with fewer takes the pool of all sensors, at every coverage."""
OTHER_NETWORK = "the network trained on"


@dataclass(frozen=True, eq=False)
class Calibration:
    r"""Margins to add on both sides of a band, by lead, sensor, channel and coverage; checked on construction.

    A score says by how much a truth y of the validation part lay outside the band [low, high] that was forecast for it,
    below zero where it lay inside; the margin is one of the n scores of that lead, sensor and channel::

        s = max(low - y, y - high),   margin = the ceil((n + 1) coverage)-th smallest s
        bounds = [low - margin, high + margin]

    The band of a point forecast is the point alone: s is then the absolute residual, and the bounds are those of Lei et
    al. 2018, algorithm 2, https://arxiv.org/abs/1604.04173. The band of a model with quantiles are two of these:
    conformalised quantile regression, Romano et al. 2019, https://arxiv.org/abs/1905.03222.

    Were truths to come exchangeable with those of the validation part, the bounds would hold at least the share asked
    of them, as both papers prove. Traffic does not: it drifts, windows overlap, and the epoch was chosen on the same
    part, so the coverage of what comes after is no guarantee: `evaluate` says what it was on the test part. Nor is it
    that of each situation: a jam is missed more often than a free road.

    A sensor of which nothing was observed in the history is forecast from its neighbours alone. How wrong that is, its
    own scores do not say: most are of histories with a value, and of a sensor that never spoke there are none. Its
    margins are those of sensors that were hidden from the model, each in turn, though they were observed.

    Args:
        margins: (H, N, C_out, Q) in the units of the targets, Q coverages of 50 to 99 %; infinite where even the pool
            of all sensors has too few scores.
        count: (H, N, C_out) observed truths, n.
        windows: of the validation part that were looked at.
        silent: (H, C_out, Q) margins of a sensor without a value in the history; None = not known, as of runs saved
            before they were measured, and then those of any other.
        carried: what they were carried over from, where the forecasts that they bound are others than those that they
            were measured on: the fit before a `refit`, or the network trained on, see `on`; empty where they were not.

    Raises:
        ShapeError: fields that do not fit each other.
    """

    margins: Tensor
    count: Tensor
    windows: int
    silent: Tensor | None = None
    carried: str = ""

    def __post_init__(self) -> None:
        """Check the shapes."""
        sizes = check_shape(self.margins, "H N C Q", name="margins", Q=len(PERCENTS))
        check_shape(self.count, "H N C", name="count", **sizes)
        if self.silent is not None:
            check_shape(self.silent, "H C Q", name="silent", **sizes)

    @property
    def highest(self) -> float:
        """The highest coverage that there are enough residuals for, everywhere; 0 where there is none."""
        enough = self.margins.isfinite().flatten(0, 2).all(0)
        if self.silent is not None:
            enough &= self.silent.isfinite().flatten(0, 1).all(0)
        return max(PERCENTS[enough].tolist(), default=0) / 100

    def margin(self, coverage: float, heard: Tensor | None = None) -> Tensor:
        """Return (H, N, C_out) margins for a coverage, or for the next higher one that is kept.

        Args:
            coverage: share of the truths that the bounds should hold.
            heard: (B, N) bool, which sensors have a value in the history of which window: then (B, H, N, C_out) are
                returned; None = all of them.

        Raises:
            DataError: a coverage that is not between 0.5 and 0.99, or that there are too few residuals for.
        """
        place = percent_of(coverage) - int(PERCENTS[0])
        if coverage > self.highest:
            message = (
                f"coverage: {coverage:g} needs more residuals than the validation part has, "
                f"{int(self.count.sum(1).min())} of all sensors at one lead; expected at most {self.highest:g}"
            )
            raise DataError(message)
        margin = self.margins[..., place]
        if heard is None:
            return margin
        silent = margin if self.silent is None else self.silent[:, None, :, place]
        return torch.where(heard[:, None, :, None], margin, silent)

    def on(self, places: Sequence[int | None], quantiles: tuple[float, ...]) -> "Calibration":
        """Return the margins of other sensors: those of its own for one that is known, else `margins_of_unseen`.

        A known sensor's are kept though its neighbours, and so its forecasts, may have changed: they are measured anew
        on the other network (`calibrate`) as soon as it has a validation part.

        Args:
            places: of each of the other sensors among the known ones; None = never seen.
            quantiles: of the model.
        """
        known = torch.tensor([-1 if place is None else place for place in places])
        margins, count = self.margins[:, known], self.count[:, known]
        unseen = known < 0
        if unseen.any():
            bands = [band_for(quantiles, percent) for percent in PERCENTS.tolist()]
            for band in set(bands):
                kept = torch.tensor([found == band for found in bands])
                for lead, of_known in enumerate(self.margins[..., kept]):  # one by one: sorting copies
                    pooled = margins_of_unseen(of_known, PERCENTS[kept])
                    margins[lead, ..., kept] = torch.where(unseen[:, None, None], pooled, margins[lead, ..., kept])
            count[:, unseen] = 0
        return replace(self, margins=margins, count=count, carried=OTHER_NETWORK)

    def times(self, factors: Sequence[float]) -> "Calibration":
        """Return the margins in other units of the targets, of which one of these is `factors`, one a channel."""
        of_channel = torch.tensor(factors, dtype=torch.float32)[:, None]
        silent = None if self.silent is None else self.silent * of_channel
        return replace(self, margins=self.margins * of_channel, silent=silent)

    def describe(self) -> str:
        """Say what the bounds rest on."""
        few, sensors = int((self.count < LEAST).any(0).any(-1).sum()), self.count.shape[1]
        text = f"calibrated on {self.windows:,} windows of the validation part, coverage up to {self.highest:g}"
        text = f"carried over from {self.carried}, {text}" if self.carried else text
        pooled = f"; {few} of {sensors} sensors, with less than {LEAST} residuals at some lead, take there those of all"
        silent = "; a sensor without a value in the history takes those of sensors that were hidden"
        return text + pooled * bool(few) + silent * (self.silent is not None)


def percent_of(coverage: float) -> int:
    """Return the coverage that is kept for an asked one, in percent: itself, or the next higher one.

    Raises:
        DataError: it is not between 0.5 and 0.99.

    >>> percent_of(0.9), percent_of(0.905)
    (90, 91)
    """
    low, high = (int(PERCENTS[end]) / 100 for end in (0, -1))
    if not low <= coverage <= high:
        message = f"coverage: expected a share between {low:g} and {high:g}, found {coverage:g}"
        raise DataError(message)
    return math.ceil(100 * coverage - 1e-9)


def band_for(quantiles: tuple[float, ...], percent: int) -> tuple[int, int]:
    """Return which two quantiles are the band to widen for a coverage: those that should hold a share nearest to it.

    They lie on both sides of the median, as far from the ends of the list; without such, the band is the median alone.

    >>> band_for((0.05, 0.25, 0.5, 0.75, 0.95), 60), band_for((0.05, 0.25, 0.5, 0.75, 0.95), 99)
    ((1, 3), (0, 4))
    >>> band_for((), 90)  # the point forecast, which stands for the median
    (0, 0)
    """
    levels = quantiles or (0.5,)
    pairs = [(k, len(levels) - 1 - k) for k in range(len(levels) // 2) if levels[k] < 0.5 < levels[-1 - k]]
    alone = levels.index(0.5)
    return min(pairs, key=lambda pair: abs(levels[pair[1]] - levels[pair[0]] - percent / 100), default=(alone, alone))


def scores_of(forecast: Tensor, target: Tensor, band: tuple[int, int]) -> Tensor:
    """Return by how much each truth lies outside a band of quantiles, below zero inside.

    Args:
        forecast: (..., Q) quantiles that rise.
        target: (...) truths.
        band: places of the lower and the upper quantile.
    """
    low, high = (forecast[..., place] for place in band)
    return torch.maximum(low - target, target - high)


def margins_of(scores: Tensor, percents: Tensor) -> Tensor:
    """Return the ceil((n + 1) coverage)-th smallest of n scores, and infinity where there are fewer.

    Args:
        scores: (..., M), NaN where there is none.
        percents: (Q,) long, coverages.

    Returns:
        (..., Q).

    >>> margins_of(torch.tensor([3.0, 1.0, torch.nan, 2.0, 4.0]), torch.tensor([50, 80, 81]))
    tensor([3., 4., inf])
    """
    count = scores.isnan().logical_not().sum(-1, keepdim=True)
    rank = ((count + 1) * percents + 99) // 100  # in whole numbers, where 0.55 * 100 is 55
    found = scores.sort(-1).values.gather(-1, rank.clamp(max=scores.shape[-1]) - 1)  # NaN comes last
    return torch.where(rank <= count, found, torch.inf)


def margins_of_sensors(scores: Tensor, percents: Tensor) -> Tensor:
    """Return the margins of each sensor from its own scores, or from those of all where it has less than `LEAST`.

    Args:
        scores: (N, C, M), NaN where there is none.
        percents: (Q,) long, coverages.

    Returns:
        (N, C, Q).
    """
    margins = margins_of(scores, percents)
    few = scores.isnan().logical_not().sum(-1, keepdim=True) < LEAST
    if not few.any():
        return margins
    return torch.where(few, margins_of(scores.transpose(0, 1).flatten(1), percents), margins)


def margins_of_unseen(margins: Tensor, percents: Tensor) -> Tensor:
    r"""Return margins for a sensor of which nothing was measured, from those of the known ones, each counting alike.

    A margin of coverage p says that at least a share p of the scores of its sensor lie below it; the largest such p at
    s is :math:`F_n(s)`. For coverage q one takes the smallest s, out of the margins, with

    .. math:: \sum_{n=1}^{N} F_n(s) \ge q (N + 1),

    and the largest margin where there is none. If the new sensor is to the known ones as any of them to the others, and
    their margins are exact, its bounds hold at least the smaller of q and p N / (N + 1), p the highest coverage kept:
    the mean of N + 1 shares reaches q even where that of the new one is 0. Such pools of distributions are those of
    Dunn et al. 2023, "Distribution-free prediction sets for two-layer hierarchical models",
    https://arxiv.org/abs/1809.07441. That is a mean over sensors, not a promise for each of them.

    Args:
        margins: (N, C, Q) of one band, rising with the coverage.
        percents: (Q,) long, rising coverages.

    Returns:
        (C, Q).
    """
    sensors, channels, _ = margins.shape
    values, order = margins.transpose(0, 1).flatten(1).sort(-1)  # (C, N Q)
    gained = percents.diff(prepend=percents.new_zeros(1)).repeat(sensors)  # what each margin adds to its F
    wanted = (percents * (sensors + 1)).expand(channels, -1).contiguous()
    place = torch.searchsorted(gained[order].cumsum(-1), wanted)
    return values.gather(-1, place.clamp(max=values.shape[-1] - 1))
