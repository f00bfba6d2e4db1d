"""Split conformal: the order statistic of the papers, MAPIE's bounds, and the coverage that theory says."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mapie.regression import ConformalizedQuantileRegressor, SplitConformalRegressor
from numpy.typing import NDArray
from scipy.stats import binom, norm
from sklearn.base import BaseEstimator, RegressorMixin
from torch import Tensor

from stgraph.errors import DataError, ShapeError
from stgraph.forecasting.conformal import (
    LEAST,
    PERCENTS,
    Calibration,
    band_for,
    margins_of,
    margins_of_sensors,
    margins_of_unseen,
    percent_of,
    scores_of,
)

Floats = NDArray[np.float64]
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


class Column(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Forecasts the k-th column of what it is shown, for MAPIE."""

    def __init__(self, k: int = 0) -> None:
        self.k = k

    def fit(self, x: Floats, y: Floats) -> "Column":
        self.fitted_ = len(x) == len(y)
        return self

    def predict(self, x: Floats) -> Floats:
        column: Floats = x[:, self.k]
        return column


def drawn(count: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Lower bound, point and upper bound of each of `count` truths, (count, 3); and the truths."""
    rng = np.random.default_rng(seed)
    point = rng.normal(60, 10, count)
    band = np.stack([point - rng.exponential(4, count), point, point + rng.exponential(4, count)], axis=1)
    return band, point + rng.normal(0, 5, count)


@pytest.mark.parametrize(("percent", "count"), [(50, 11), (80, 57), (90, 99), (90, 200), (95, 333)])
def test_bounds_of_a_point_are_those_of_mapie(percent: int, count: int) -> None:
    band, truth = drawn(count)
    others, _ = drawn(20, seed=1)
    fitted = Column(1).fit(band, truth)
    regressor = SplitConformalRegressor(fitted, confidence_level=percent / 100).conformalize(band, truth)
    _, bounds = regressor.predict_interval(others)
    scores = scores_of(torch.from_numpy(band[:, 1:2]), torch.from_numpy(truth), (0, 0))
    margin = float(margins_of(scores, torch.tensor([percent])))
    np.testing.assert_array_equal(bounds[:, 0, 0], others[:, 1] - margin)
    np.testing.assert_array_equal(bounds[:, 1, 0], others[:, 1] + margin)


@pytest.mark.parametrize(("percent", "count"), [(50, 11), (80, 57), (90, 200), (95, 333)])
def test_bounds_of_quantiles_are_those_of_mapie(percent: int, count: int) -> None:
    band, truth = drawn(count)
    others, _ = drawn(20, seed=1)
    three = [Column(k).fit(band, truth) for k in (0, 2, 1)]
    regressor = ConformalizedQuantileRegressor(three, confidence_level=percent / 100, prefit=True)
    _, bounds = regressor.conformalize(band, truth).predict_interval(others, symmetric_correction=True)
    scores = scores_of(torch.from_numpy(band), torch.from_numpy(truth), (0, 2))
    margin = float(margins_of(scores, torch.tensor([percent])))
    np.testing.assert_array_equal(bounds[:, 0, 0], others[:, 0] - margin)
    np.testing.assert_array_equal(bounds[:, 1, 0], others[:, 2] + margin)


@settings(deadline=None)
@given(st.integers(0, 150), st.integers(0, 9))
def test_a_margin_is_the_smallest_score_that_enough_others_do_not_exceed(count: int, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=count)
    shown = torch.from_numpy(np.insert(scores, 0, np.nan))  # a hole is no score
    for percent, margin in zip(PERCENTS.tolist(), margins_of(shown, PERCENTS).tolist(), strict=True):
        fits = [s for s in scores.tolist() if 100 * sum(scores <= s) >= percent * (count + 1)]
        assert margin == min(fits, default=math.inf)


def test_on_exchangeable_noise_the_coverage_is_that_of_theory() -> None:
    """Each of many sensors calibrates on n draws and covers one more with probability ceil((n + 1) c) / (n + 1)."""
    sensors, count = 20_000, 120
    noise = torch.from_numpy(np.random.default_rng(0).standard_t(3, (sensors, 1, count + 1)))
    scores = scores_of(torch.zeros(sensors, 1, count + 1, 1), noise, (0, 0))
    margins = margins_of_sensors(scores[..., :-1], PERCENTS)
    hits = (scores[..., -1:] <= margins).sum((0, 1))
    for percent, found in zip(PERCENTS.tolist(), hits.tolist(), strict=True):
        share = -(-(count + 1) * percent // 100) / (count + 1)
        low, high = binom.interval(0.9999, sensors, share)
        assert low <= found <= high, percent
        assert share >= percent / 100


def test_quantiles_that_are_wrong_cover_as_asked_all_the_same() -> None:
    sensors, count = 20_000, 120
    rng = np.random.default_rng(1)
    spread = torch.from_numpy(rng.uniform(1, 9, (sensors, 1, count + 1)))
    truth = torch.from_numpy(rng.normal(size=(sensors, 1, count + 1))) * spread
    for factor in (0.2, 4.0):  # a band far too narrow, and one far too wide
        band = torch.stack([-factor * spread, 0 * spread, factor * spread], dim=-1)
        scores = scores_of(band, truth, (0, 2))
        margin = margins_of_sensors(scores[..., :-1], torch.tensor([90]))
        low, high = binom.interval(0.9999, sensors, -(-(count + 1) * 90 // 100) / (count + 1))
        assert low <= int((scores[..., -1:] <= margin).sum()) <= high
        assert bool((margin > 0).all()) == (factor < 1)


def test_a_sensor_with_few_residuals_takes_those_of_all() -> None:
    scores = torch.from_numpy(np.random.default_rng(0).exponential(size=(3, 2, 200)))
    scores[1, 0, LEAST:] = torch.nan
    scores[2, 0, LEAST - 1 :] = torch.nan
    scores[2, 1] = torch.nan
    margins = margins_of_sensors(scores, PERCENTS)
    for n, c in itertools.product(range(3), range(2)):
        mine = scores[n, c] if n < 2 else scores[:, c].flatten()
        assert torch.equal(margins[n, c], margins_of(mine, PERCENTS))


def test_the_band_is_the_pair_around_the_median_nearest_to_the_coverage() -> None:
    bands = {percent: band_for(LEVELS, percent) for percent in PERCENTS.tolist()}
    assert (bands[50], bands[69], bands[71], bands[99]) == ((1, 3), (1, 3), (0, 4), (0, 4))
    for alone in ((0.5,), (0.1, 0.5), (0.5, 0.9, 0.95)):  # no level on one side of the median
        assert band_for(alone, 90) == (alone.index(0.5), alone.index(0.5))
    assert band_for((0.3, 0.4, 0.5, 0.9), 90) == (0, 3)


def calibration(margins: Tensor, count: int = 200) -> Calibration:
    return Calibration(margins, torch.full(margins.shape[:3], count), 250)


def test_an_asked_coverage_is_kept_or_the_next_higher_one_is() -> None:
    kept = calibration(PERCENTS.expand(4, 3, 2, 50) / 100)
    for asked, taken in ((0.5, 0.5), (0.55, 0.55), (0.9, 0.9), (0.901, 0.91), (0.99, 0.99)):
        assert percent_of(asked) == round(100 * taken)
        torch.testing.assert_close(kept.margin(asked), torch.full((4, 3, 2), taken))
    for asked in (0.49, 0.995, 90, -1, math.nan):
        with pytest.raises(DataError, match=r"coverage: expected a share between 0\.5 and 0\.99, found"):
            kept.margin(asked)


def test_a_coverage_that_there_are_too_few_residuals_for_is_refused() -> None:
    margins = torch.ones(4, 3, 2, 50)
    margins[2, 1, 0, 45:] = torch.inf
    few = calibration(margins, count=7)
    assert few.highest == 0.94
    assert few.margin(0.94).max() == 1
    with pytest.raises(DataError, match=r"0\.95 needs more residuals .* has, 21 of all sensors .* at most 0\.94"):
        few.margin(0.95)
    assert calibration(margins + torch.inf).highest == 0
    assert replace(few, margins=torch.ones(4, 3, 2, 50), silent=margins[:, 1]).highest == 0.94


def test_windows_in_which_a_sensor_is_silent_have_margins_of_their_own() -> None:
    margins = torch.rand(4, 3, 2, 50)
    heard = torch.tensor([[True, True, True], [True, False, True]])
    both = replace(calibration(margins), silent=10 + torch.rand(4, 2, 50)).margin(0.9, heard)
    assert both.shape == (2, 4, 3, 2)
    assert (both > 1).nonzero().tolist() == [[1, h, 1, c] for h in range(4) for c in range(2)]
    torch.testing.assert_close(both[0], margins[..., 40])
    unknown = calibration(margins).margin(0.9, heard)
    torch.testing.assert_close(unknown, margins[..., 40].expand(2, 4, 3, 2))


def test_it_says_what_it_rests_on() -> None:
    one = calibration(torch.ones(4, 3, 2, 50))
    assert one.describe() == "calibrated on 250 windows of the validation part, coverage up to 0.99"
    one.count[3, 1, 0] = LEAST - 1
    assert "; 1 of 3 sensors, with less than 99 residuals" in one.describe()
    assert replace(one, silent=torch.ones(4, 2, 50)).describe().endswith("takes those of sensors that were hidden")


def test_fields_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="margins"):
        Calibration(torch.ones(4, 3, 2, 49), torch.ones(4, 3, 2), 1)
    with pytest.raises(ShapeError, match="count"):
        Calibration(torch.ones(4, 3, 2, 50), torch.ones(4, 3, 1), 1)
    with pytest.raises(ShapeError, match="silent"):
        Calibration(torch.ones(4, 3, 2, 50), torch.ones(4, 3, 2), 1, torch.ones(4, 1, 50))


@pytest.mark.parametrize(("sensors", "spare"), [(8, 0.16), (40, 0.14)])
def test_a_sensor_never_seen_is_covered_as_often_as_was_asked_in_the_mean(sensors: int, spare: float) -> None:
    """Sensors as different as drawn: exact margins of all but one, and how much of that one they hold."""
    torch.manual_seed(0)
    quantile = torch.from_numpy(norm.ppf(0.5 + PERCENTS.numpy() / 200))  # of |x|
    held, draws = np.zeros(len(PERCENTS)), 2000
    for _ in range(draws):
        scale = torch.exp(torch.randn(sensors + 1, dtype=torch.float64))
        found = margins_of_unseen((scale[1:, None] * quantile)[:, None], PERCENTS)[0]
        held += (2 * norm.cdf((found / scale[0]).numpy()) - 1) / draws
    wanted = np.minimum(PERCENTS.numpy() / 100, 0.99 * sensors / (sensors + 1))
    assert (held > wanted - 0.01).all()
    assert (held < wanted + spare).all()


def test_margins_of_a_sensor_never_seen_are_those_of_a_slow_twin() -> None:
    torch.manual_seed(1)
    percents = PERCENTS[20:40]
    margins = torch.randn(7, 2, len(percents)).round(decimals=1).sort(-1).values  # some of them equal
    found = margins_of_unseen(margins, percents)
    for c in range(2):
        for k, wanted in enumerate(percents.tolist()):
            enough = [s for s in margins[:, c].flatten().tolist() if _shares(margins[:, c], percents, s) >= 8 * wanted]
            assert float(found[c, k]) == pytest.approx(min(enough, default=float(margins[:, c].max())))


def _shares(margins: Tensor, percents: Tensor, score: float) -> int:
    """The sum over sensors of the percents of their scores below a score, as far as margins say."""
    return sum(
        max([p for p, m in zip(percents.tolist(), row.tolist(), strict=True) if m <= score], default=0)
        for row in margins
    )


def test_each_band_has_a_pool_of_its_own_and_a_single_sensor_lends_its_largest_margin() -> None:
    torch.manual_seed(2)
    quantiles = (0.05, 0.25, 0.5, 0.75, 0.95)
    margins = torch.randn(2, 6, 1, 50).sort(-1).values
    moved = calibration(margins).on([3, None, 0], quantiles)
    inner = torch.tensor([band_for(quantiles, p) == (1, 3) for p in PERCENTS.tolist()])
    assert 0 < int(inner.sum()) < 50
    for band in (inner, ~inner):
        assert torch.equal(moved.margins[1, 1][..., band], margins_of_unseen(margins[1][..., band], PERCENTS[band]))
    assert torch.equal(moved.margins[:, [0, 2]], margins[:, [3, 0]])
    assert moved.count[0, :, 0].tolist() == [200, 0, 200]
    alone = calibration(margins[:, :1]).on([None], ())
    assert torch.equal(alone.margins, margins[:, :1, :, -1:].expand(-1, -1, -1, 50))


def test_margins_in_other_units_are_as_wide() -> None:
    one = calibration(torch.rand(3, 4, 2, 50))
    other = one.times((2.0, 0.5))
    torch.testing.assert_close(other.margins, one.margins * torch.tensor([2.0, 0.5])[:, None])
    assert other.count is one.count
    assert "carried over" not in other.describe()
    assert one.on([0, 1, 2, 3], ()).describe().startswith("carried over from the network trained on, calibrated on 250")
