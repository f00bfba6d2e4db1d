"""Hard parts: equal to loops, blind under the mask, and the incidents of simulated traffic are its own mask."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from stgraph.datasets import synthetic
from stgraph.errors import DataError, MismatchError
from stgraph.evaluation.hard_parts import abrupt_changes, describe_abrupt, incident_steps, peak_hours
from stgraph.series import TrafficSeries
from tests.conftest import World


def series_of(values: NDArray[np.float64], observed: NDArray[np.bool_], *, minutes: int, gap: int) -> TrafficSeries:
    """Two channels, the second upside down; an hour is missing after step `gap`."""
    steps = np.arange(len(values)) * minutes + 60 * (np.arange(len(values)) > gap)
    return TrafficSeries(
        values=np.stack([values, -2 * values], axis=-1),
        observed=np.stack([observed, observed], axis=-1),
        times=np.datetime64("2024-03-08T06:00", "ns") + steps * np.timedelta64(1, "m"),
        sensors=tuple(f"s{n}" for n in range(values.shape[1])),
        channels=("speed", "other"),
        units=("km/h", ""),
        interval=np.timedelta64(minutes, "m"),
    )


@given(st.integers(0, 99), st.sampled_from([4, 5, 15, 20]), st.integers(2, 18), st.sampled_from([0.1, 0.25, 0.6]))
@settings(deadline=None, max_examples=40)
def test_abrupt_changes_equal_the_loop_up_and_down_in_each_channel(
    seed: int, minutes: int, gap: int, share: float
) -> None:
    rng = np.random.default_rng(seed)
    values, observed = rng.normal(60, 10, (20, 3)), rng.random((20, 3)) < 0.7
    series = series_of(values, observed, minutes=minutes, gap=gap)
    low, high = np.percentile(series.values[..., 0][observed].astype(float), [5, 95])
    expected = np.zeros((20, 3), dtype=bool)
    for n in range(3):
        for t in range(20):
            for s in range(t):
                near = series.times[t] - series.times[s] <= np.timedelta64(max(15, minutes), "m")
                far = abs(series.values[t, n, 0] - series.values[s, n, 0]) > share * (high - low)
                expected[t, n] |= near and far and observed[t, n] and observed[s, n]
    for channel in (0, 1):
        np.testing.assert_array_equal(abrupt_changes(series, channel, share=share), expected)


@pytest.mark.parametrize("junk", [1e9, np.nan, np.inf])
def test_junk_under_the_mask_is_no_change(world: World, junk: float) -> None:
    spoiled = replace(world.series, values=np.where(world.series.observed, world.series.values, np.float32(junk)))
    found = abrupt_changes(spoiled)
    np.testing.assert_array_equal(found, abrupt_changes(world.series))
    assert describe_abrupt(spoiled) == describe_abrupt(world.series)
    assert 0 < found.mean() < 0.5
    assert not (found & ~world.series.observed[..., 0]).any()


def test_words_hold_the_unit_the_limit_and_the_reach(world: World) -> None:
    values = np.linspace(0, 100, 101)[:, None]
    series = series_of(values, np.ones_like(values, dtype=bool), minutes=5, gap=50)
    assert describe_abrupt(series, share=0.1) == (
        "targets whose speed differs by more than 9 km/h, 10 % of P95 - P5 of all observed values, from an observed "
        "one of the 15 minutes before, be it up or down"
    )
    assert "18, 10 % of P95 - P5" in describe_abrupt(series, 1, share=0.1)
    assert "one of the 30 minutes before" in describe_abrupt(world.series)


def test_a_series_that_never_changes_or_never_spoke_has_no_abrupt_change(world: World) -> None:
    still = replace(world.series, values=np.full_like(world.series.values, 50.0))
    silent = replace(world.series, observed=np.zeros_like(world.series.observed))
    for series in (still, silent, world.series.slice(0, 1)):
        assert not abrupt_changes(series).any()
    with pytest.raises(DataError, match="share: expected a positive number, found 0"):
        abrupt_changes(world.series, share=0.0)


def test_peak_hours_are_those_of_the_wall_clock_on_weekdays(world: World) -> None:
    found = peak_hours(world.series)
    for t, now in enumerate(pd.DatetimeIndex(world.series.times)):
        rush = "07:00" <= f"{now:%H:%M}" < "09:00" or "16:00" <= f"{now:%H:%M}" < "19:00"
        assert found[t].all() == found[t].any() == (rush and now.day_name() not in {"Saturday", "Sunday"})
    there = peak_hours(replace(world.series, timezone="Asia/Tokyo"))  # nine hours ahead of UTC: 18 steps
    np.testing.assert_array_equal(there[:100], found[18:118])


def test_the_incidents_of_simulated_traffic_are_its_own_mask() -> None:
    traffic = synthetic(days=2, seed=1)
    labels = [((i.sensor,), i.start, i.end) for i in traffic.incidents]
    assert labels
    np.testing.assert_array_equal(incident_steps(traffic.series, labels), traffic.incident_mask())


def test_an_incident_is_on_the_local_clock_on_some_sensors_or_on_all(world: World) -> None:
    records = [(("s01", "s05"), "2024-01-02 10:00", "2024-01-02 11:00"), (None, "2024-01-03", "2024-01-03 00:10")]
    found = incident_steps(world.series, records)
    assert [tuple(place) for place in np.argwhere(found[:96])] == [(68, 1), (68, 5), (69, 1), (69, 5)]
    assert found[96].all()
    assert found.sum() == 4 + 17
    there = incident_steps(replace(world.series, timezone="Asia/Tokyo"), records)
    np.testing.assert_array_equal(there[:400], found[18:418])


@pytest.mark.parametrize(
    ("record", "error", "words"),
    [
        ((("s01", "x9"), "2024-01-02", "2024-01-03"), MismatchError, r"record 1: the series has no sensor \['x9'\]"),
        ((None, "yesterday evening", "2024-01-03"), DataError, "record 1: expected times such as"),
        ((None, "2024-01-03", "2024-01-03"), DataError, "record 1: expected an end after the start"),
        ((None, "2024-01-02T00:00Z", "2024-01-03T00:00Z"), DataError, "record 1: expected local times"),
    ],
)
def test_a_bad_record_is_one_error(
    world: World, record: tuple[tuple[str, ...] | None, str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        incident_steps(world.series, [(None, "2024-01-02", "2024-01-03"), record])
