"""The test of equal accuracy: equal to statsmodels and to the loop, right as often as it says, and its limits."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from statsmodels.regression.linear_model import OLS

from stgraph.errors import ShapeError
from stgraph.evaluation.diebold_mariano import diebold_mariano

Floats = NDArray[np.float64]
KERNELS = {"plain": "uniform", "Bartlett": "bartlett"}


def correction(count: int, h: int) -> float:
    """Harvey, Leybourne and Newbold."""
    return float(np.sqrt((count + 1 - 2 * h + h * (h - 1) / count) / count))


def moving_average(rng: np.random.Generator, count: int, h: int) -> Floats:
    """MA(h - 1), as the loss differences of good h-step forecasts are."""
    values: Floats = np.convolve(rng.normal(size=count + h - 1), rng.uniform(0.2, 1, h), mode="valid")
    return values


@given(st.integers(0, 10_000), st.integers(20, 80), st.integers(1, 12), st.booleans())
def test_it_is_the_constant_of_a_regression_with_hac_errors(seed: int, count: int, h: int, swinging: bool) -> None:
    d = moving_average(np.random.default_rng(seed), count, h) + 0.2
    if swinging:  # autocovariances of both signs, that may sum to less than nothing
        d = d * np.resize([1.0, -1.0], count)
    found = diebold_mariano(d, np.arange(count), h)
    how = {"maxlags": h - 1, "kernel": KERNELS[found.kernel], "use_correction": False}
    fitted = OLS(d, np.ones(count)).fit(cov_type="HAC", cov_kwds=how, use_t=True)
    assert found.statistic == pytest.approx(fitted.tvalues[0] * correction(count, h), rel=1e-6)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(found.statistic), count - 1))


def test_bartlett_steps_in_where_the_plain_sum_is_not_positive() -> None:
    d = 0.1 + np.resize([1.0, -1.0], 41)
    assert [diebold_mariano(d, np.arange(41), h).kernel for h in (1, 2, 3)] == ["plain", "Bartlett", "plain"]
    assert 0 < diebold_mariano(d, np.arange(41), 2).p_value < 1


@given(st.sets(st.integers(0, 60), min_size=15, max_size=40), st.integers(1, 6), st.integers(0, 99))
def test_only_windows_that_are_k_steps_apart_are_paired(places: set[int], h: int, seed: int) -> None:
    steps = np.array(sorted(places))
    d = np.random.default_rng(seed).normal(0.3, 1, len(steps))
    off, variance = d - d.mean(), 0.0  # of the mean
    for i, one in enumerate(steps):
        for j, other in enumerate(steps):
            if abs(one - other) < h:
                variance += off[i] * off[j] / len(d) ** 2
    assume(variance > 1e-9)
    found = diebold_mariano(d, steps, h)
    assert found.kernel == "plain"
    assert found.statistic == pytest.approx(d.mean() / np.sqrt(variance) * correction(len(d), h))
    shuffled = np.random.default_rng(seed).permutation(len(d))
    assert diebold_mariano(d[shuffled], steps[shuffled] + 1000, h).statistic == pytest.approx(found.statistic)


def test_it_rejects_equal_accuracy_as_often_as_it_says_and_finds_a_planted_difference() -> None:
    rng, h, count = np.random.default_rng(0), 4, 200
    series = [moving_average(rng, count, h) for _ in range(1000)]
    steps = np.arange(count)
    assert 0.03 <= np.mean([diebold_mariano(d, steps, h).p_value < 0.05 for d in series]) <= 0.08
    assert np.mean([diebold_mariano(d + 1.0, steps, h).p_value < 0.05 for d in series]) > 0.95
    alone = np.mean([diebold_mariano(d, steps, 1).p_value < 0.05 for d in series])
    assert alone > 0.2, "without autocovariances it would cry wolf"


def test_it_keeps_its_size_across_gaps() -> None:
    rng, h = np.random.default_rng(1), 4
    steps = np.setdiff1d(np.arange(300), [*range(50, 90), *range(150, 152), *rng.integers(0, 300, 30)])
    rejected = [diebold_mariano(moving_average(rng, 300, h)[steps], steps, h).p_value < 0.05 for _ in range(1000)]
    assert 0.03 <= np.mean(rejected) <= 0.085


@given(st.lists(st.integers(-9, 9), min_size=8, max_size=30), st.integers(1, 7), st.sampled_from([0.25, 8.0]))
def test_swapping_flips_the_sign_and_the_unit_is_nothing_to_it(values: list[int], h: int, unit: float) -> None:
    d, steps = np.array(values, dtype=np.float64), np.arange(len(values))
    one, swapped, scaled = (diebold_mariano(x, steps, h) for x in (d, -d, unit * d))
    assert swapped.statistic == -one.statistic
    assert swapped.p_value == one.p_value
    assert scaled == one


@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_a_forecast_is_as_good_as_itself(count: int) -> None:
    found = diebold_mariano(np.zeros(count), np.arange(count), 3)
    assert (found.statistic, found.p_value) == (0.0, 1.0)


def test_the_limits() -> None:
    assert diebold_mariano(np.full(9, 0.5), np.arange(9), 2).p_value == 0, "the same difference every time"
    assert np.isnan(diebold_mariano(np.arange(3.0), np.arange(3), 3).p_value), "no more windows than steps ahead"
    assert 0 < diebold_mariano(np.arange(4.0) + 0.1, np.arange(4), 3).p_value < 1
    with pytest.raises(ShapeError, match=r"steps: expected shape \(M \[M=3\]\), found \(2,\)"):
        diebold_mariano(np.zeros(3), np.arange(2), 1)
