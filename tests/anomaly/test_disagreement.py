import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stgraph.anomaly import HealthSettings
from stgraph.anomaly.disagreement import disagreement
from stgraph.anomaly.timeline import Timeline
from tests.anomaly.faults import series_of

SETTINGS = HealthSettings()


def found_in(speed: np.ndarray, flow: np.ndarray, believed: np.ndarray | None = None) -> list[bool]:
    series = series_of(np.stack([speed, flow], axis=-1)[:, None])
    both = np.ones(len(speed), bool) if believed is None else believed
    timeline = Timeline.of(series)
    found: list[bool] = disagreement(timeline, series.values[:, 0, 0], series.values[:, 0, 1], both, SETTINGS).tolist()
    return found


def test_vehicles_without_speed_disagree_at_once() -> None:
    assert found_in(np.array([50.0, 0, 0, 60]), np.array([100.0, 100, 0, 0])) == [False, True, False, False]


@pytest.mark.parametrize(("steps", "wrong"), [(5, False), (6, True), (40, True)])
def test_speeds_that_change_for_half_an_hour_without_flow_disagree(steps: int, wrong: bool) -> None:
    speed, flow = np.arange(60.0, 160), np.full(100, 120.0)
    flow[20 : 20 + steps] = 0
    assert found_in(speed, flow) == [wrong and 20 <= t < 20 + steps for t in range(100)]


def test_a_speed_that_is_kept_while_nobody_passes_does_not() -> None:
    speed, flow = np.arange(60.0, 160), np.full(100, 120.0)
    flow[20:60], speed[20:60] = 0, 80
    assert not any(found_in(speed, flow))


@given(arrays(np.float64, (12, 2), elements=st.sampled_from([0.0, 0.0, 60.0, 61.0])), arrays(np.bool_, 12))
def test_it_is_what_a_loop_over_runs_finds(values: np.ndarray, believed: np.ndarray) -> None:
    speed, flow = values[:, 0], values[:, 1]
    expected = (believed & (flow > 0) & (speed == 0)).tolist()
    first = 0
    while first < 12:
        last = first
        while last < 12 and believed[last] and flow[last] == 0 and speed[last] > 0:
            last += 1
        changes = int((np.diff(speed[first:last]) != 0).sum()) if last > first else 0
        if last - first >= 6 and 2 * changes >= last - first:
            expected[first:last] = [True] * (last - first)
        first = max(last, first + 1)
    assert found_in(speed, flow, believed) == expected
