"""Silent and stuck sensors are found among all others, and said in one sentence for each kind."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stgraph.series import TrafficSeries, suspects
from stgraph.series.suspects import Tally, constant, never_observed, zeros


def series(values: np.ndarray, observed: np.ndarray) -> TrafficSeries:
    steps, sensors, channels = values.shape
    return TrafficSeries(
        values=values,
        observed=observed,
        times=np.datetime64("2012-03-01", "ns") + np.arange(steps) * np.timedelta64(5, "m"),
        sensors=tuple(f"s{n}" for n in range(sensors)),
        channels=("speed", "flow")[:channels],
        units=("",) * channels,
        interval=np.timedelta64(5, "m"),
    )


@st.composite
def any_series(draw: st.DrawFn) -> TrafficSeries:
    shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 2)))
    values = draw(arrays(np.float32, shape, elements=st.sampled_from([0.0, 1.0, -2.5])))
    observed = draw(arrays(np.bool_, shape))
    return series(np.where(observed, values, np.float32("nan")), observed)


@given(any_series())
def test_they_are_those_that_a_loop_over_all_sensors_finds(found_in: TrafficSeries) -> None:
    silent: dict[str, tuple[str, ...]] = {}
    stuck: dict[str, tuple[str, ...]] = {}
    for c, channel in enumerate(found_in.channels):
        for n, sensor in enumerate(found_in.sensors):
            seen = found_in.values[found_in.observed[:, n, c], n, c].tolist()
            if not seen:
                silent[channel] = (*silent.get(channel, ()), sensor)
            elif len(seen) > 1 and len(set(seen)) == 1:
                stuck[channel] = (*stuck.get(channel, ()), sensor)
    tally = Tally.of(found_in)
    assert never_observed(tally) == silent
    assert constant(tally) == stuck
    moving = [n for n, sensor in enumerate(found_in.sensors) if sensor not in stuck.get("speed", ())]
    speeds = found_in.values[:, moving, 0][found_in.observed[:, moving, 0]].tolist()
    nought = {"speed": speeds.count(0) / len(speeds)} if 0 in speeds else {}
    assert zeros(tally) == nought
    assert len(suspects(found_in)) == bool(silent) + bool(stuck) + bool(nought)


def test_a_sound_network_has_none() -> None:
    values = 1 + np.arange(12.0).reshape(4, 3, 1)
    assert suspects(series(values, np.ones_like(values, bool))) == []


@pytest.mark.parametrize(
    ("silent", "words"),
    [
        ([0], "1 sensor was never observed: 's0'; it is forecast from its neighbours and the mean alone"),
        (
            [0, 2],
            "2 sensors were never observed: 's0', 's2'; they are forecast from their neighbours and the mean alone",
        ),
        (range(7), "7 sensors were never observed: 's0', 's1', 's2', 's3', 's4', ...; they"),
    ],
)
def test_the_first_five_are_named_and_all_are_counted(silent: list[int], words: str) -> None:
    values = np.arange(40.0).reshape(4, 10, 1)
    observed = np.ones_like(values, bool)
    observed[:, silent] = False
    (sentence,) = suspects(series(values, observed))
    assert sentence.startswith(words)


def test_the_channel_is_named_where_not_all_have_them() -> None:
    values = 1 + np.arange(24.0).reshape(4, 3, 2)
    values[:, 1] = 7
    observed = np.ones_like(values, bool)
    observed[:, 2, 1] = False
    assert suspects(series(values, observed)) == [
        "1 sensor was never observed in flow: 's2'; it is forecast from its neighbours and the mean alone",
        "1 sensor never changes: 's1'; its value counts as measured; --missing makes it a hole",
    ]


def test_what_a_reader_settled_is_said_first_and_times_that_are_mostly_gaps() -> None:
    whole = series(1 + np.arange(12, dtype=np.float32).reshape(6, 2, 1), np.ones((6, 2, 1), bool))
    assert suspects(replace(whole, notes=("line 3 repeats line 2",))) == ["line 3 repeats line 2"]
    minutes = np.array([0, 1, 3, 6, 10, 15])
    sparse = replace(whole, times=whole.times[0] + minutes * np.timedelta64(5, "m"))
    words = "4 gaps among 6 times that are 00:05:00 apart at least; --resample brings them to longer steps"
    assert suspects(sparse) == [words]


@pytest.mark.parametrize(("count", "said"), [(0, False), (1, False), (2, True)])
def test_more_zeros_among_speeds_than_traffic_that_stands_explains_are_said(count: int, *, said: bool) -> None:
    values = 60 + np.arange(100.0)[:, None, None].repeat(2, 2)
    values[:count, :, 0] = 0
    values[:, :, 1] = np.arange(100)[:, None] % 2  # a flow of nothing is nothing strange
    sentence = f"{count} % of the values of speed are 0; where that means 'not measured', --missing 0 makes them holes"
    assert suspects(series(values, np.ones_like(values, bool))) == [sentence] * said


def test_blocks_of_steps_add_up_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    values, observed = random.integers(0, 3, (50, 4, 2)).astype(np.float32), random.random((50, 4, 2)) > 0.2
    values[:, 1, 0], observed[:, 2, 1] = 2.0, False
    of = series(values, observed)
    whole = Tally.of(of)
    monkeypatch.setattr("stgraph.series.blocks.CELLS", 8)
    pieces = Tally.of(of)
    for name in ("count", "nought", "stuck"):
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))
    assert whole.stuck.sum() == 1
