"""Demand: tidal on weekdays, lower at weekends, and never the same twice."""

import numpy as np
import pandas as pd

from stgraph.datasets.demand import demand, profile

WEEK = pd.date_range("2024-03-04", periods=7 * 288, freq="5min")
TIDE = np.array([1.0, 0.0, -1.0])


def at(moment: str) -> int:
    return int(np.flatnonzero(pd.Timestamp(moment) == WEEK)[0])


def test_weekday_traffic_comes_in_the_morning_and_leaves_in_the_evening() -> None:
    share = profile(WEEK, TIDE)
    for day in ("2024-03-04", "2024-03-08"):
        morning, noon, evening = (share[at(f"{day} {hour}")] for hour in ("07:45", "12:30", "17:15"))
        assert morning[0] > morning[1] > morning[2] > noon[2]
        assert evening[2] > evening[1] > evening[0] > noon[0]


def test_the_weekend_has_one_low_midday_peak_whatever_the_tide() -> None:
    share = profile(WEEK, TIDE)
    weekend = share[5 * 288 + 48 :]  # Saturday and Sunday from four in the morning
    np.testing.assert_array_equal(weekend[:, 0], weekend[:, 2])
    assert weekend.max() < share[: 5 * 288].max(axis=0).min()
    assert 12 <= WEEK[5 * 288 + 48 + int(weekend[:240, 0].argmax())].hour <= 16


def test_the_profile_has_no_jump_anywhere_in_the_week() -> None:
    assert np.abs(np.diff(profile(WEEK, TIDE), axis=0)).max() < 0.07


def test_demand_varies_about_its_profile() -> None:
    times = pd.date_range("2024-03-04", periods=200 * 288, freq="5min")
    inflow = np.array([4000.0, 800.0, 1000.0])
    factor = demand(np.random.default_rng(0), times, inflow, TIDE) / (inflow * profile(times, TIDE))
    noise = np.log(factor)
    np.testing.assert_allclose(noise.std(axis=0), np.sqrt(2 * 0.025**2 + 0.04**2 + 0.06**2), rtol=0.1)
    assert np.abs(noise.mean(axis=0)).max() < 0.01
    assert np.corrcoef(noise[:-2, 0], noise[2:, 0])[0, 1] > 0.8
    assert np.corrcoef(noise[:-288, 0], noise[288:, 0])[0, 1] < 0.2
