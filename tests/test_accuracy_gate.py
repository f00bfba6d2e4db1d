"""Short trainings land where they landed before, and leave when what they need is spoilt: `benchmarks.gate`.

A figure outside its band is a defect, or a change that was meant to move it: then `python -m benchmarks.gate` records
the bands anew.
"""

import numpy as np
import pytest

from benchmarks import gate

NEW_SEED = len(gate.SEEDS["as it is"])  # the first one that was not recorded

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", gate.SETTINGS)
def test_a_short_training_lands_in_the_recorded_band(name: str) -> None:
    lowest, highest = gate.band(name)
    assert lowest <= gate.error(name, NEW_SEED) <= highest


@pytest.mark.parametrize("variant", ["shuffled adjacency", "late history"])
@pytest.mark.parametrize("name", gate.SETTINGS)
def test_wrong_neighbours_or_a_history_one_step_late_leave_it_upward(name: str, variant: str) -> None:
    assert gate.error(name, NEW_SEED, variant) > gate.band(name)[1]


@pytest.mark.parametrize("name", gate.SETTINGS)
def test_the_band_lies_above_the_best_there_is_and_is_narrow(name: str) -> None:
    """Who forecasts better than what made the data has seen the future."""
    lowest, highest = gate.band(name)
    assert gate.problem().best < lowest
    assert highest - lowest < 0.02 * lowest


def test_no_forecast_that_a_history_allows_is_better_than_the_best() -> None:
    """The best there is comes near what the noise alone leaves, and repeating the last speed does not."""
    known = gate.problem()
    speed = known.series.values[..., 0].astype(np.float64)
    one_step = gate.NOISE * np.sqrt(2 / np.pi)  # the mean of |e| of a normal e
    assert one_step < known.best < 1.08 * one_step
    both = known.series.observed[1:, :, 0] & known.series.observed[:-1, :, 0]
    assert np.abs(np.diff(speed, axis=0))[both].mean() > 1.2 * known.best
