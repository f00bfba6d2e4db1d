"""Rain: seldom, in spells, and never good for traffic."""

import numpy as np

from stgraph.datasets.rain import rain, rain_factors


def test_rain_is_seldom_and_comes_in_spells() -> None:
    fall = rain(np.random.default_rng(0), 5000, steps_per_hour=12)
    assert fall.shape == (60_000,)
    assert (fall >= 0).all()
    wet = fall > 0
    assert 0.05 < wet.mean() < 0.15
    spells = np.count_nonzero(np.diff(wet.astype(int)) == 1)
    assert 1 < wet.sum() / 12 / spells < 6  # hours
    assert 5 < fall.max() < 60


def test_more_rain_leaves_less_speed_and_less_capacity() -> None:
    speed, capacity = rain_factors(np.linspace(0, 30, 301))
    assert speed[0] == capacity[0] == 1
    for factor in (speed, capacity):
        assert (np.diff(factor) <= 0).all()
    assert (capacity[1:] < speed[1:]).all()
    assert capacity.min() > 0.8
