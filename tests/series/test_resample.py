from collections.abc import Callable
from dataclasses import replace
from statistics import fmean, median

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stgraph.errors import DataError
from stgraph.series.long import from_long
from stgraph.series.observed import ObservedRule
from stgraph.series.records import Records
from stgraph.series.resample import on_grid, resample
from stgraph.series.resampling import Resampling, Way
from stgraph.series.traffic_series import TrafficSeries
from stgraph.series.wide import from_wide

START = pd.Timestamp("2012-03-01")
MINUTE = np.timedelta64(1, "m")
ROWS = st.lists(
    st.tuples(
        st.integers(0, 3600), st.integers(0, 2), st.floats(0, 99, width=32) | st.none(), st.integers(0, 9) | st.none()
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[:2],
)
WAYS = st.sampled_from(["mean", "sum", "flow-weighted", "median", "min", "max", "first", "last"])
SLOW: dict[str, Callable[[list[float]], float]] = {"mean": fmean, "sum": sum, "median": median, "min": min, "max": max}


def slow(rows: list[tuple[float, float]], way: Way, least: float, whole: int) -> float:
    """What becomes of the pairs of a speed and a flow in one step, one after the other."""
    values = [v for v, q in rows if not np.isnan(v) and (way != "flow-weighted" or not np.isnan(q))]
    if not values or len(values) < (whole if way == "sum" else least):
        return np.nan
    if way == "flow-weighted":
        both = [(v, q) for v, q in rows if not np.isnan(v) and not np.isnan(q)]
        total = sum(q for _, q in both)
        return sum(v * q for v, q in both) / total if total else np.nan
    return values[0] if way == "first" else values[-1] if way == "last" else SLOW[way](values)


@settings(deadline=None)
@given(ROWS, WAYS, st.sampled_from([0.1, 0.5, 1.0]), st.sampled_from(["1min", "100s", "5min"]))
def test_each_step_of_each_sensor_holds_what_a_loop_finds(
    rows: list[tuple[int, int, float | None, int | None]], way: Way, share: float, interval: str
) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    seconds = np.array([row[0] for row in rows])
    cells = np.array([[np.nan if x is None else x for x in row[2:]] for row in rows], dtype=np.float32)
    source = Records(
        times=START.to_datetime64() + seconds * np.timedelta64(1, "s"),
        cells=cells[:, None],
        sensors=("a", "b", "c"),
        channels=("speed", "flow"),
        units=("km/h", "veh"),
        timezone=None,
        where=str,
        owners=np.array([row[1] for row in rows]),
    )
    done = on_grid(source, Resampling(interval, ways={"speed": way, "flow": "sum"}, share=share), "20s")
    length = int(pd.Timedelta(interval).total_seconds())
    whole = length // 20
    begins = ((done.times - START.to_datetime64()) // np.timedelta64(1, "s")).astype(int)
    late = seconds[0] % 20 if len(set(seconds % 20)) == 1 else 0
    assert set(begins) == set(range(begins[0], begins[-1] + 1, length))
    assert begins[0] % length == late % length
    assert begins[0] <= seconds[0] < begins[0] + length
    assert begins[-1] <= seconds[-1] < begins[-1] + length
    for t, begin in enumerate(begins):
        for n in range(3):
            here = [k for k, row in enumerate(rows) if row[1] == n and begin <= row[0] < begin + length]
            inside = [(float(cells[k, 0]), float(cells[k, 1])) for k in here]
            assert done.cells[t, n, 0] == pytest.approx(slow(inside, way, share * whole, whole), rel=1e-6, nan_ok=True)
            flows = [(q, q) for _, q in inside]
            assert done.cells[t, n, 1] == pytest.approx(slow(flows, "sum", 1, whole), rel=1e-6, nan_ok=True)


@st.composite
def regular(draw: st.DrawFn) -> TrafficSeries:
    shape = (draw(st.integers(2, 40)), draw(st.integers(1, 3)), 2)
    begin = draw(st.integers(0, 3000)) * np.timedelta64(1, "s")
    return TrafficSeries(
        values=draw(arrays(np.float32, shape, elements=st.integers(0, 999))),
        observed=draw(arrays(np.bool_, shape)),
        times=np.datetime64("2018-10-27T21:00", "ns") + begin + np.arange(shape[0]) * 5 * MINUTE,
        sensors=tuple("abc"[: shape[1]]),
        channels=("speed", "flow"),
        units=("mph", "veh/5min"),
        timezone=draw(st.sampled_from([None, "Europe/Amsterdam", "Asia/Kathmandu"])),
    )


@given(regular())
def test_the_same_interval_is_the_identity(series: TrafficSeries) -> None:
    same = resample(series, "5min")
    assert same.digest() == series.digest()
    assert same.notes == ()


@given(regular(), st.integers(2, 6))
def test_where_all_is_observed_no_vehicle_is_lost(series: TrafficSeries, times: int) -> None:
    whole = len(series) // times * times
    if not whole:
        return
    series = replace(series, observed=np.ones_like(series.observed)).slice(0, whole)
    coarse = resample(series, pd.Timedelta(minutes=5 * times))
    middle = np.array([row.all() for row in coarse.observed[..., 1]])
    assert middle[1:-1].all(), "only the first and the last step may be cut by the ends of the series"
    inside = np.isin(np.searchsorted(coarse.times, series.times, side="right") - 1, np.flatnonzero(middle))
    assert coarse.values[middle, :, 1].sum() == series.values[inside, :, 1].sum()


def test_a_sum_over_a_hole_is_no_sum_and_a_mean_needs_its_share() -> None:
    times = START.to_datetime64() + np.arange(8) * 5 * MINUTE
    values = np.arange(16.0, dtype=np.float32).reshape(8, 1, 2)
    observed = np.ones_like(values, dtype=bool)
    observed[0] = False  # three of four
    observed[4:7] = False  # one of four
    series = TrafficSeries(values, observed, times, ("a",), ("speed", "flow"), ("mph", "veh/5min"))
    coarse = resample(series, "20min")
    assert coarse.observed[:, 0].tolist() == [[True, False], [False, False]]
    assert coarse.values[0, 0, 0] == 4
    assert coarse.units == ("mph", "veh/20min")
    words = "resampled from 0 days 00:05:00 to 0 days 00:20:00: 3 of 4 values are of too few records and count as unobs"
    assert coarse.notes[0].startswith(words)
    assert resample(series, Resampling("20min", share=0.25)).observed[:, 0].tolist() == [[True, False], [True, False]]


def test_a_flow_an_hour_is_a_rate_and_averaged() -> None:
    times = START.to_datetime64() + np.arange(4) * 5 * MINUTE
    values = np.array([600, 1200, 0, 600], dtype=np.float32)[:, None, None]
    series = TrafficSeries(values, np.ones_like(values), times, ("a",), ("flow",), ("veh/h",))
    assert resample(series, "20min").values.ravel().tolist() == [600]
    assert resample(series, "20min").units == ("veh/h",)
    assert resample(series, Resampling("20min", {"flow": "max"})).values.ravel().tolist() == [1200]


def test_a_speed_weighted_by_flow_is_that_of_the_vehicles_and_none_where_none_passed() -> None:
    frame = pd.DataFrame({"time": START + pd.to_timedelta([0, 1, 2, 3], "min"), "sensor": "7"})
    frame = frame.assign(speed=[100.0, 50.0, 80.0, 60.0], flow=[30, 10, 0, 0])
    series = from_long(frame, resample=Resampling("2min", {"speed": "flow-weighted"}))
    assert series.observed[:, 0].tolist() == [[True, True], [False, True]]
    assert series.values[0, 0].tolist() == [87.5, 40]
    with pytest.raises(DataError, match=r"channel 'flow' to resample \(--resample-by\), found \('speed',\)"):
        from_long(frame.drop(columns="flow"), resample=Resampling("2min", {"speed": "flow-weighted"}))


def test_irregular_times_become_a_series() -> None:
    index = pd.DatetimeIndex(["2012-03-01 00:00:00", "2012-03-01 00:05:02", "2012-03-01 00:09:58", "2012-03-01 00:20"])
    frame = pd.DataFrame({"007": [60.0, 62.0, 64.0, 66.0]}, index=index)
    with pytest.raises(DataError, match=r"resample="):
        from_wide(frame)
    series = from_wide(frame, resample=Resampling("5min"))
    assert series.observed.ravel().tolist() == [True, True, False, False, True]
    assert series.values[series.observed].tolist() == [60, 63, 66]
    assert series.segments == ((0, 5),)


def test_a_gap_becomes_unobserved_steps_and_covariates_allow_none() -> None:
    times = START.to_datetime64() + np.array([0, 1, 2, 3, 8, 9]) * 5 * MINUTE
    ones = np.ones((6, 1, 1), np.float32)
    series = TrafficSeries(ones, ones > 0, times, ("a",), ("speed",), ("mph",))
    assert resample(series, "10min").observed.ravel().tolist() == [True, True, False, False, True]
    rainy = replace(series, covariates=np.arange(6, dtype=np.float32)[:, None, None], covariate_names=("rain",))
    with pytest.raises(DataError, match=r"covariates: .*gap"):
        resample(rainy, "10min")
    averaged = resample(rainy.slice(0, 4), "10min").covariates
    assert averaged is not None
    assert averaged[:, 0, 0].tolist() == [0.5, 2.5]


def test_what_stands_in_a_hole_has_no_influence() -> None:
    cells = np.array([10, 0, 30, 0], dtype=np.float32)[:, None, None]
    times = START.to_datetime64() + np.arange(4) * 5 * MINUTE
    source = Records(times, cells, ("a",), ("speed",), ("",), None, str, rule=ObservedRule((0,)))
    assert on_grid(source, Resampling("10min"), None).cells.ravel().tolist() == [10, 30]


def test_shorter_steps_than_those_of_the_source_are_refused() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=pd.DatetimeIndex(["2012-03-01 00:00", "2012-03-01 00:05"]))
    with pytest.raises(DataError, match=r"row 0: expected steps of at least 0 days 00:05:00, .* found 0 days 00:01:00"):
        from_wide(frame, resample=Resampling("1min"))
