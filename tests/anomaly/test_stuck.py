"""Long runs of one value: a fault by day, no fault where the sensor has that habit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.anomaly import HealthSettings, check
from stgraph.anomaly.findings import found_by
from stgraph.anomaly.stuck import habit, stuck
from stgraph.anomaly.timeline import HOURS, Timeline
from stgraph.graph import SensorGraph
from tests.anomaly.faults import series_of

DAYS, PER_DAY = 14, 288
HOUR = np.arange(DAYS * PER_DAY) % PER_DAY / 12
RNG = np.random.default_rng(0)
SETTINGS = HealthSettings()
UNKNOWN = np.full(HOURS, np.nan)


def runs_of(values: np.ndarray, **kwargs: object) -> np.ndarray:
    """Where the values of one sensor alone are stuck."""
    series = series_of(np.asarray(values)[:, None])
    record = Timeline.of(series).record(series.values[:, 0, 0], series.observed[:, 0, 0])
    idle = np.zeros(len(record), bool)
    return stuck(record, habit(record, SETTINGS), np.full(HOURS, 0.0), idle, **{"settings": SETTINGS, **kwargs})  # type: ignore[arg-type]


def quiet_road(per_hour: float) -> np.ndarray:
    """Vehicles counted in 5 minutes on a road that is empty at night, as veh/h."""
    rate = per_hour * np.clip(np.sin((HOUR - 6) / 16 * np.pi), 0, None) * ((HOUR > 6) & (HOUR < 22))
    return RNG.poisson(rate / 12) * 12.0


@pytest.mark.parametrize("per_hour", [4, 12, 60, 600])
def test_an_empty_road_at_night_is_not_stuck(per_hour: float) -> None:
    assert not runs_of(quiet_road(per_hour)).any()


def test_the_same_zeros_at_noon_are() -> None:
    values = quiet_road(600)
    dead = slice(5 * PER_DAY + 10 * 12, 5 * PER_DAY + 14 * 12)
    values[dead] = 0
    found = runs_of(values)
    assert found[dead].all()
    assert found.sum() <= 4 * 12 + 2


def test_a_sensor_of_whole_numbers_or_with_a_ceiling_keeps_its_habit() -> None:
    speed = 100 + RNG.normal(0, 0.6, DAYS * PER_DAY)
    assert not runs_of(speed.round()).any()
    assert not runs_of(np.minimum(speed, 99.0) + 8 * (speed < 99)).any()


def test_a_sensor_that_is_always_stuck_is_found_by_the_habit_of_the_others() -> None:
    values = RNG.normal(90, 3, (3 * PER_DAY, 4))
    values[:, 2] = 88
    found = found_by("stuck", check(series_of(values)).findings)[..., 0]
    assert found[:, 2].all()
    assert not found[:, [0, 1, 3]].any()


def test_a_closed_road_that_a_neighbour_sees_too_is_no_fault() -> None:
    flow = np.stack([quiet_road(900) for _ in range(4)], axis=1)
    speed = RNG.normal(90, 3, flow.shape)
    closed = slice(3 * PER_DAY + 100, 3 * PER_DAY + 150)
    flow[closed, 1:3] = 0
    speed[closed, 1:3] = speed[closed.start, 1:3]
    series = series_of(np.stack([speed, flow], axis=-1))
    graph = SensorGraph(series.sensors, np.eye(4, k=1))
    assert not found_by("stuck", check(series, graph).findings).any()
    flow[closed, 2] = 300 + RNG.normal(0, 20, 50)
    alone = check(series_of(np.stack([speed, flow], axis=-1)), graph)
    assert found_by("stuck", alone.findings)[closed, 1, 1].all()


@settings(max_examples=30, deadline=None)
@given(first=st.integers(PER_DAY, 12 * PER_DAY), length=st.integers(2, 400), hole=st.integers(0, 400))
def test_a_run_is_found_from_its_first_to_its_last_value_if_it_is_long_enough(
    first: int, length: int, hole: int
) -> None:
    values = np.random.default_rng(1).normal(60, 5, DAYS * PER_DAY)
    values[first : first + length] = values[first]
    observed = np.ones(values.shape, bool)
    observed[first + hole] = hole < length - 1 and hole > 0
    observed[first + hole] = not observed[first + hole]
    series = series_of(values[:, None], observed=observed[:, None])
    record = Timeline.of(series).record(series.values[:, 0, 0], observed)
    found = np.zeros(len(values), bool)
    found[record.rows] = stuck(record, habit(record, SETTINGS), UNKNOWN, np.zeros(len(record), bool), SETTINGS)
    run = np.zeros(len(values), bool)
    run[first : first + length] = True
    if length > 13:
        assert np.array_equal(found, run & observed)
    if length <= 12:
        assert not found.any()


def test_a_habit_is_the_share_of_values_that_stay_and_forgets_single_days() -> None:
    values = np.tile(np.repeat(np.arange(6.0), 2), 24 * 10)  # every value twice
    series = series_of(values[:, None])
    record = Timeline.of(series).record(series.values[:, 0, 0], series.observed[:, 0, 0])
    share, days = habit(record, SETTINGS)
    assert share == pytest.approx(np.full(HOURS, 0.5))
    assert days.tolist() == [10] * HOURS
    values[3 * PER_DAY : 4 * PER_DAY] = 7
    again = series_of(values[:, None])
    assert habit(Timeline.of(again).record(again.values[:, 0, 0], again.observed[:, 0, 0]), SETTINGS)[
        0
    ] == pytest.approx(share)
