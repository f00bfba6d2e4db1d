"""Converged: stopped early, or long enough and still; never what diverged."""

import math

import pytest

from stgraph.evaluation.convergence import FEWEST_EPOCHS, LEAST_GAIN, RULE, converged, late_gain
from stgraph.training import Epoch, TrainingLog

HALF = [3.0 - 0.1 * k for k in range(FEWEST_EPOCHS // 2)]  # ends at 2.6


def log(errors: list[float], *, stopped: bool = False) -> TrainingLog:
    return TrainingLog(tuple(Epoch(1.0, error, 1.0) for error in errors), 0, stopped, 1.0)


@pytest.mark.parametrize(
    ("errors", "gain"),
    [
        ([2.0, 1.0, 0.9, 0.95], 0.1),
        ([2.0, 1.0, 1.5, 1.2], 0.0),
        ([2.0, math.nan, 1.0, 1.4], 0.5),
        ([2.0, math.nan, 1.0], 0.5),
        ([0.0, 0.0], 0.0),
    ],
)
def test_the_late_gain_is_that_of_the_second_half_over_the_best_of_the_first(errors: list[float], gain: float) -> None:
    assert late_gain(log(errors)) == pytest.approx(gain)


def test_there_is_no_gain_of_one_epoch_none_or_no_number() -> None:
    for errors in ([], [1.0], [1.0, math.nan], [math.nan, 1.0]):
        assert math.isnan(late_gain(log(errors)))


@pytest.mark.parametrize(
    ("errors", "stopped", "expected"),
    [
        ([], False, True),  # not trained in epochs
        ([*HALF, 9.0, 9.0, 2.6 * (1 - 0.9 * LEAST_GAIN), 9.0, 9.0], False, True),
        ([*HALF, 9.0, 9.0, 2.6 * (1 - 1.1 * LEAST_GAIN), 9.0, 9.0], False, False),
        ([*HALF, 2.0, 1.5, 1.1, 1.0, 1.0], False, False),  # still at the end, since the learning rate was small
        ([*HALF, 2.6, 2.6, 2.6, 2.6], False, False),  # too short to tell
        ([*HALF, 2.6, 2.6, 2.6, 2.6], True, True),
        ([*HALF, 2.6, 2.6, 2.6, 2.6, math.nan], True, False),  # diverged, which stops a training as well
        ([2.0], False, False),
    ],
)
def test_converged_is_stopped_early_or_long_and_still(errors: list[float], *, stopped: bool, expected: bool) -> None:
    assert converged(log(errors, stopped=stopped)) == expected


def test_the_rule_says_its_numbers() -> None:
    assert f"at least {FEWEST_EPOCHS} epochs" in RULE
    assert f"less than {LEAST_GAIN:.0%}" in RULE
