"""Days drawn again: equal to the loop over drawn days, and an interval that holds what it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.evaluation.bootstrap import percentile_interval, resampled_over_days


def test_it_is_the_loop_over_drawn_days() -> None:
    rng = np.random.default_rng(0)
    days = np.sort(rng.integers(20, 26, 50))
    sums = rng.normal(size=(50, 2, 3))
    names = np.unique(days)
    times = np.random.default_rng(7).multinomial(len(names), np.full(len(names), 1 / len(names)), size=40)
    by_hand = np.zeros((40, 2, 3))
    for r, counts in enumerate(times):
        for day, count in zip(names, counts, strict=True):
            for window in np.flatnonzero(days == day):
                by_hand[r] += count * sums[window]
    np.testing.assert_allclose(resampled_over_days(sums, days, resamples=40, seed=7), by_hand)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=20), st.integers(0, 9))
def test_a_resample_has_as_many_days_and_the_order_of_windows_is_nothing_to_it(days: list[int], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(days))
    each = 1 / np.array([days.count(day) for day in days])  # a day's windows sum to 1
    drawn = resampled_over_days(each, np.array(days), resamples=20, seed=seed)
    np.testing.assert_allclose(drawn, len(set(days)))
    sums = np.arange(len(days), dtype=np.float64)
    one, other = (resampled_over_days(sums[o], np.array(days)[o], resamples=20, seed=seed) for o in (order, ...))
    np.testing.assert_allclose(one, other)


def test_one_day_is_its_own_resample() -> None:
    drawn = resampled_over_days(np.array([1.0, 2.0]), np.array([5, 5]), resamples=8)
    np.testing.assert_array_equal(drawn, np.full(8, 3.0))
    np.testing.assert_array_equal(percentile_interval(drawn), [3.0, 3.0])


def test_the_interval_is_the_middle_and_leaves_out_nan() -> None:
    figures = np.append(np.arange(1001.0), [np.nan] * 50)
    np.testing.assert_allclose(percentile_interval(figures), [25, 975])
    np.testing.assert_allclose(percentile_interval(-figures), [-975, -25])
    np.testing.assert_allclose(percentile_interval(figures, level=0.5), [250, 750])


def test_it_covers_a_known_difference_under_day_effects_where_windows_taken_alone_do_not() -> None:
    """25 days of 24 windows whose differences share their day's mood: 95 % intervals hold 0.3 about that often."""
    rng = np.random.default_rng(0)
    days = np.repeat(np.arange(25), 24)
    held = {"days": 0, "windows": 0}
    for trial in range(300):
        gaps = 0.3 + np.repeat(rng.normal(0, 1, 25), 24) + rng.normal(0, 1, 600)
        for kind, block in (("days", days), ("windows", np.arange(600)))[: 2 if trial < 60 else 1]:
            drawn = resampled_over_days(gaps, block, resamples=300, seed=trial) / 600
            low, high = percentile_interval(drawn)
            held[kind] += low <= 0.3 <= high
    assert 0.89 <= held["days"] / 300 <= 0.98
    assert held["windows"] / 60 < 0.7


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_draws_the_same_days(seed: int) -> None:
    sums, days = np.arange(30.0), np.repeat(np.arange(10), 3)
    one, other = (resampled_over_days(sums, days, seed=seed) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert (one != resampled_over_days(sums, days, seed=seed + 2)).any()
