"""Clocks: late and early ones are found with their lag, travel time and other rush hours are not."""

import numpy as np
import pytest

from stgraph.anomaly import HealthSettings
from stgraph.anomaly.clock_shift import clock_shift
from stgraph.anomaly.subject import Subject
from stgraph.graph import SensorGraph
from stgraph.series import TrafficSeries
from tests.anomaly.faults import late, series_of

DAYS, COUNT = 8, 9
STEPS = DAYS * 288


def traffic() -> TrafficSeries:
    """Flow on a road: platoons that pass four sensors in a step, the daily wave, noise of one's own."""
    rng = np.random.default_rng(0)
    source = np.convolve(rng.normal(size=STEPS + COUNT + 5), np.ones(4), mode="same")[5:]
    flow = np.stack([source[COUNT - n // 4 : COUNT - n // 4 + STEPS] for n in range(COUNT)], axis=1)
    wave = 800 - 500 * np.cos(2 * np.pi * np.arange(STEPS) / 288)[:, None]
    return series_of(wave * (1 + 0.05 * flow) + rng.normal(0, 40, flow.shape), channels=("flow",), units=("veh/h",))


def shifted(series: TrafficSeries, *, graph: bool = True) -> tuple[np.ndarray, np.ndarray]:
    road = SensorGraph(series.sensors, np.eye(COUNT, k=1)) if graph else None
    return clock_shift(Subject.of(series, road, None, HealthSettings()), series.observed)


def test_travel_time_is_no_shifted_clock() -> None:
    found, minutes = shifted(traffic())
    assert not found.any()
    assert np.isnan(minutes).all()


@pytest.mark.parametrize("steps", [-36, -12, 9, 12, 144])
@pytest.mark.parametrize("sensor", [0, 4, COUNT - 1])
def test_a_clock_is_found_in_the_midst_and_at_the_ends(steps: int, sensor: int) -> None:
    found, minutes = shifted(late(traffic(), sensor, steps, slice(0, STEPS)))
    assert minutes[sensor] == pytest.approx(5 * steps, abs=10)
    assert found[:, sensor].all()
    assert not np.delete(found, sensor, axis=1).any()
    assert np.isnan(np.delete(minutes, sensor)).all()


def test_a_clock_that_was_not_put_forward_is_found_from_then_on() -> None:
    since = 4 * 288
    found, minutes = shifted(late(traffic(), 3, -12, slice(since, STEPS)))
    assert minutes[3] == pytest.approx(-60, abs=5)
    assert np.flatnonzero(found[:, 3]).tolist() == list(range(since, STEPS))


def test_without_a_graph_or_with_too_few_days_nothing_is_found() -> None:
    wrong = late(traffic(), 4, 12, slice(0, STEPS))
    assert not shifted(wrong, graph=False)[0].any()
    assert not shifted(wrong.slice(0, 3 * 288))[0].any()


def test_an_unobserved_day_is_no_evidence() -> None:
    wrong = late(traffic(), 4, 12, slice(0, STEPS))
    wrong.observed[: 4 * 288, 4] = False
    found, minutes = shifted(wrong)
    assert minutes[4] == pytest.approx(60, abs=5)
    assert not found[: 4 * 288, 4].any()


def test_windows_that_speak_for_other_lags_each_prove_nothing() -> None:
    wrong = traffic()
    for k, steps in enumerate((12, 36, -24, -60)):
        wrong = late(wrong, 4, steps, slice(k * 576, (k + 1) * 576))
    found, minutes = shifted(wrong)
    assert not found.any()
    assert np.isnan(minutes).all()
