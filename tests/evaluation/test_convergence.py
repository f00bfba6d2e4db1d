"""Converged: stopped early, or long enough and still; never what diverged."""

import math

import pytest

from stgraph.evaluation.convergence import FEWEST_EPOCHS, LEAST_GAIN, RULE, converged, last_gain
from stgraph.training import Epoch, TrainingLog

LONG = [3.0 - 0.1 * k for k in range(FEWEST_EPOCHS - 1)]  # ends at 2.2


def log(errors: list[float], *, stopped: bool = False) -> TrainingLog:
    return TrainingLog(tuple(Epoch(1.0, error, 1.0) for error in errors), 0, stopped, 1.0)


@pytest.mark.parametrize(
    ("errors", "gain"),
    [([2.0, 1.0, 0.9], 0.1), ([2.0, 1.0, 1.5], 0.0), ([2.0, math.nan, 1.0], 0.5), ([0.0, 0.0], 0.0)],
)
def test_the_last_gain_is_against_the_best_epoch_before(errors: list[float], gain: float) -> None:
    assert last_gain(log(errors)) == pytest.approx(gain)


def test_there_is_no_gain_of_one_epoch_none_or_no_number() -> None:
    for errors in ([], [1.0], [1.0, math.nan], [math.nan, 1.0]):
        assert math.isnan(last_gain(log(errors)))


@pytest.mark.parametrize(
    ("errors", "stopped", "expected"),
    [
        ([], False, True),  # not trained in epochs
        ([*LONG, 2.2 * (1 - 0.9 * LEAST_GAIN)], False, True),
        ([*LONG, 2.2 * (1 - 1.1 * LEAST_GAIN)], False, False),
        ([*LONG, 9.0], False, True),
        (LONG, False, False),  # too short to tell
        (LONG, True, True),
        ([*LONG, math.nan], True, False),  # diverged, which stops a training as well
        ([2.0], False, False),
    ],
)
def test_converged_is_stopped_early_or_long_and_still(errors: list[float], *, stopped: bool, expected: bool) -> None:
    assert converged(log(errors, stopped=stopped)) == expected


def test_the_rule_says_its_numbers() -> None:
    assert f"at least {FEWEST_EPOCHS} epochs" in RULE
    assert f"less than {LEAST_GAIN:.1%}" in RULE
