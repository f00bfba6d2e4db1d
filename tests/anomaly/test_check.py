"""Planted faults are found where and when they are, and nothing else is; sound traffic raises no alarm."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stgraph.anomaly import RULES, Health, alone, check
from stgraph.anomaly.findings import found_by
from stgraph.anomaly.neighbours import beside
from stgraph.datasets import SyntheticTraffic, synthetic
from stgraph.errors import MismatchError
from stgraph.series import TrafficSeries
from tests.anomaly.faults import late, planted, series_of

FALSE_ALARMS = dict.fromkeys(RULES, 0.0) | {"jump": 3e-5}
"""Share of sound values that each rule may distrust: only traffic that breaks down for five minutes looks like one."""
some_examples = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
sensors = st.integers(0, 95)


@pytest.fixture(scope="session")
def baseline(sound: SyntheticTraffic) -> Health:
    return check(sound.series, sound.graph)


def alarms(health: Health) -> dict[str, float]:
    return {rule: float(found_by(rule, health.findings).sum() / health.series.observed.sum()) for rule in RULES}


def assert_elsewhere_as_before(health: Health, baseline: Health, sensor: int) -> None:
    others = np.arange(len(health.series.sensors)) != sensor
    assert np.array_equal(health.findings[:, others], baseline.findings[:, others])
    assert np.isnan(health.lag_minutes[others]).all()


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("channels", [("speed", "flow", "occupancy"), ("speed",), ("flow",)])
@pytest.mark.parametrize("with_graph", [True, False])
def test_sound_traffic_raises_hardly_an_alarm(
    sound: SyntheticTraffic, seed: int, channels: tuple[str, ...], *, with_graph: bool
) -> None:
    traffic = sound if seed == 3 else synthetic(days=7, seed=seed)
    found = alarms(check(traffic.series.select(channels=channels), traffic.graph if with_graph else None))
    assert {rule: rate for rule, rate in found.items() if rate > FALSE_ALARMS[rule]} == {}


@some_examples
@given(sensor=sensors, channel=st.integers(0, 2), when=st.tuples(st.integers(0, 1900), st.integers(14, 500)))
def test_a_stuck_value_is_found_to_the_step(
    sound: SyntheticTraffic, baseline: Health, sensor: int, channel: int, when: tuple[int, int]
) -> None:
    series, rows = sound.series, slice(when[0], min(sum(when), 2016))
    observed, values = series.observed[rows, sensor, channel], series.values[:, sensor, channel]
    assume(observed[0] and observed.sum() >= 14)
    assume(np.diff(np.flatnonzero(observed)).max() <= 12)
    assume(values[rows.start - 1] != values[rows.start] != values[rows.stop % 2016])
    health = check(planted(series, sensor, channel, rows, lambda old: old[0]), sound.graph)
    wrong = np.zeros(2016, bool)
    wrong[rows] = observed
    assert np.array_equal(found_by("stuck", health.findings)[:, sensor, channel], wrong)
    assert_elsewhere_as_before(health, baseline, sensor)


@some_examples
@given(sensor=sensors, row=st.integers(0, 2015), fault=st.sampled_from([(0, -1.0), (0, 250.0), (1, 25e3), (2, 1.5)]))
def test_an_impossible_value_is_found(
    sound: SyntheticTraffic, baseline: Health, sensor: int, row: int, fault: tuple[int, float]
) -> None:
    channel, value = fault
    assume(sound.series.observed[row, sensor, channel])
    health = check(planted(sound.series, sensor, channel, row, lambda _: value), sound.graph)
    wrong = np.zeros((2016, 3), bool)
    wrong[row, channel] = True
    assert np.array_equal(found_by("impossible", health.findings)[:, sensor], wrong)
    assert_elsewhere_as_before(health, baseline, sensor)


@some_examples
@given(sensor=sensors, day=st.integers(0, 6), hour=st.floats(10, 14))
def test_a_jump_is_found(sound: SyntheticTraffic, baseline: Health, sensor: int, day: int, hour: float) -> None:
    row, calm = day * 288 + round(hour * 12), slice(day * 288 + round(hour * 12) - 4, day * 288 + round(hour * 12) + 5)
    assume(sound.series.observed[calm, sensor, 0].all())
    assume(np.ptp(sound.series.values[calm, sensor, 0]) < 8 and sound.series.values[row, sensor, 0] > 70)
    health = check(planted(sound.series, sensor, 0, row, lambda old: old - 60), sound.graph)
    assert found_by("jump", health.findings)[row, sensor, 0]
    assert_elsewhere_as_before(health, baseline, sensor)


@some_examples
@given(sensor=sensors, first=st.integers(0, 1900), length=st.integers(1, 100))
def test_vehicles_without_speed_are_found(
    sound: SyntheticTraffic, baseline: Health, sensor: int, first: int, length: int
) -> None:
    rows = slice(first, first + length)
    series = planted(sound.series, sensor, 0, rows, lambda old: old * 0)
    health = check(series, sound.graph)
    wrong = np.zeros(2016, bool)
    wrong[rows] = series.observed[rows, sensor, 0] & (series.values[rows, sensor, 1] > 0)
    for channel in (0, 1):
        assert np.array_equal(found_by("disagreement", health.findings)[:, sensor, channel], wrong)
    assert_elsewhere_as_before(health, baseline, sensor)


def test_late_clocks_are_found_with_their_lag_nearly_all(sound: SyntheticTraffic, baseline: Health) -> None:
    """A sensor whose traffic says little of its time may keep its lag for itself; none is given a wrong one."""
    rng, ends = np.random.default_rng(0), (0, 576, 1152, 2016)
    heard = np.flatnonzero(sound.series.observed.mean((0, 2)) > 0.9)
    tries, found = 30, 0
    for _ in range(tries):
        sensor, steps = int(rng.choice(heard)), int(rng.choice([-24, -12, 12, 36]))
        first, last = [(0, 3), (0, 2), (1, 3)][int(rng.integers(3))]
        rows = slice(ends[first], ends[last])
        health = check(late(sound.series, sensor, steps, rows), sound.graph)
        assert_elsewhere_as_before(health, baseline, sensor)
        wrong = np.asarray(found_by("clock", health.findings)[:, sensor].any(1))
        assert not np.delete(wrong, np.arange(2016)[rows]).any()
        if not np.isnan(health.lag_minutes[sensor]):
            assert health.lag_minutes[sensor] == pytest.approx(5 * steps, abs=10)
            found += bool(wrong[rows].mean() > 0.6)  # a day that says little may be left out
    assert found >= 27


@some_examples
@given(sensor=sensors, days=st.tuples(st.integers(0, 5), st.integers(1, 2)), factor=st.sampled_from([0.6, 1.5]))
def test_a_sensor_that_reads_low_or_high_contradicts_its_neighbours(
    sound: SyntheticTraffic, baseline: Health, sensor: int, days: tuple[int, int], factor: float
) -> None:
    series, rows = sound.series, slice(288 * days[0], min(288 * sum(days), 2016))
    assume(int(beside(sound.graph)[0][sensor]) >= 0)
    assume(series.observed[rows, sensor, 0].mean() > 0.8)
    health = check(planted(series, sensor, 0, rows, lambda old: old * factor), sound.graph)
    wrong = np.zeros(2016, bool)
    wrong[rows] = series.observed[rows, sensor, 0]
    assert np.array_equal(found_by("contradiction", health.findings)[:, sensor, 0], wrong)
    assert_elsewhere_as_before(health, baseline, sensor)


@pytest.fixture(scope="session")
def faulty(sound: SyntheticTraffic) -> tuple[TrafficSeries, Health]:
    """One fault of each kind."""
    series = planted(sound.series, 5, 0, slice(700, 760), lambda old: old[0])
    series = planted(series, 20, 1, slice(100, 103), lambda old: old - 1e4)
    series = planted(series, 33, 0, 440, lambda _: 15.0)
    series = planted(series, 40, 0, slice(1000, 1010), lambda old: old * 0)
    series = planted(series, 62, 0, slice(576, 864), lambda old: old * 0.6)
    series = late(series, 80, 12, slice(0, 2016))
    return series, check(series, sound.graph)


def test_all_kinds_are_found_together(faulty: tuple[TrafficSeries, Health]) -> None:
    _, health = faulty
    hit = {rule: np.flatnonzero(found_by(rule, health.findings).any((0, 2))).tolist() for rule in RULES}
    assert hit.pop("jump")
    assert hit == {"impossible": [20], "stuck": [5], "disagreement": [40], "clock": [80], "contradiction": [62]}


def test_relabelling_sensors_relabels_what_is_found(
    sound: SyntheticTraffic, faulty: tuple[TrafficSeries, Health]
) -> None:
    series, health = faulty
    order = np.random.default_rng(0).permutation(96)
    again = check(series.select(sensors=tuple(series.sensors[n] for n in order)), sound.graph)
    assert np.array_equal(again.findings, health.findings[:, order])
    assert np.array_equal(again.lag_minutes, health.lag_minutes[order], equal_nan=True)


def test_what_is_unobserved_has_no_influence(sound: SyntheticTraffic, faulty: tuple[TrafficSeries, Health]) -> None:
    series, health = faulty
    for nonsense in (1e9, np.nan):
        hidden = replace(series, values=np.where(series.observed, series.values, np.float32(nonsense)))
        assert np.array_equal(check(hidden, sound.graph).findings, health.findings)
    assert not health.mask[~series.observed].any()


def test_miles_and_kilometres_are_judged_alike(sound: SyntheticTraffic, faulty: tuple[TrafficSeries, Health]) -> None:
    series, health = faulty
    scale = np.array([1 / 1.609344, 1 / 12, 100], dtype=np.float32)
    other = replace(series, values=series.values * scale, units=("mph", "veh/5 min", "%"))
    assert np.array_equal(check(other, sound.graph).findings, health.findings)


def test_how_much_is_read_together_changes_nothing(
    sound: SyntheticTraffic, faulty: tuple[TrafficSeries, Health], monkeypatch: pytest.MonkeyPatch
) -> None:
    series, health = faulty
    monkeypatch.setattr(alone, "SENSORS", 5)
    monkeypatch.setattr(alone, "STEPS", 77)
    assert np.array_equal(check(series, sound.graph).findings, health.findings)


def test_a_gap_in_time_is_no_fault(sound: SyntheticTraffic) -> None:
    series = sound.series
    kept = np.r_[0:500, 900:2016]
    covariates = None if series.covariates is None else series.covariates[kept]
    gap = replace(
        series,
        values=series.values[kept],
        observed=series.observed[kept],
        times=series.times[kept],
        covariates=covariates,
    )
    found = alarms(check(gap, sound.graph))
    assert {rule: rate for rule, rate in found.items() if rate > FALSE_ALARMS[rule]} == {}


def test_nothing_observed_and_a_single_step_are_no_error() -> None:
    empty = series_of(np.zeros((10, 3, 2)), observed=np.zeros((10, 3, 2), bool))
    assert repr(check(empty)) == "Health(nothing to distrust on 3 sensors; 3 never observed)"
    assert not check(series_of(np.full((1, 2), 60.0))).mask.any()


def test_a_graph_of_other_sensors_is_refused(sound: SyntheticTraffic) -> None:
    with pytest.raises(MismatchError, match="different sensors"):
        check(series_of(np.zeros((10, 3))), sound.graph)
