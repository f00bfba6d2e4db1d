from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series.clock import clock
from stgraph.series.times import Times, parse_times

AMSTERDAM = "Europe/Amsterdam"  # 2018-10-28 03:00 +02:00 is 02:00 +01:00; 2018-03-25 02:00 +01:00 is 03:00 +02:00
CHANGES = {  # one minute after the clock was set back, in UTC
    "Europe/Amsterdam": "2018-10-28 01:01",
    "Europe/Dublin": "2018-10-28 01:01",  # whose winter is the exception to the rule
    "America/Los_Angeles": "2018-11-04 09:01",
    "Australia/Lord_Howe": "2018-03-31 15:01",  # half an hour
}


def place(k: int) -> str:
    return f"row {k}"


def utc(times: Times) -> list[str]:
    return [str(time)[:16] for time in times]


def test_counted_times_are_start_plus_steps() -> None:
    times, zone = clock(None, 3, start="2012-03-01 23:55", interval="5min", where=place)
    assert zone is None
    assert [str(t)[:16] for t in times] == ["2012-03-01T23:55", "2012-03-02T00:00", "2012-03-02T00:05"]


@pytest.mark.parametrize("start", ["2012-03-01", np.datetime64("2012-03-01"), pd.Timestamp("2012-03-01")])
@pytest.mark.parametrize("interval", ["1h", timedelta(hours=1), np.timedelta64(1, "h"), pd.Timedelta(hours=1)])
def test_start_and_interval_may_be_written_in_any_way(
    start: str | np.datetime64 | pd.Timestamp, interval: str | timedelta | np.timedelta64
) -> None:
    times, _ = clock(None, 2, start=start, interval=interval, where=place)
    assert times[1] == np.datetime64("2012-03-01T01:00")


@pytest.mark.parametrize(("steps", "interval"), [(2, "68900d"), (60, "100000d"), (10**6, "100d"), (1, "100000d")])
def test_counted_times_end_before_the_last_year(steps: int, interval: str) -> None:
    with pytest.raises(DataError, match=f"interval: {steps} rows .* apart do not end before 2200"):
        clock(None, steps, start="2012-03-01", interval=interval, where=place)


@pytest.mark.parametrize("year", [1899, 2200, 9999])
def test_a_time_of_another_age_is_refused(year: int) -> None:
    stamps = pd.DatetimeIndex(["2012-03-01", f"{year}-03-01"]).as_unit("us")
    with pytest.raises(DataError, match=f"row 1: expected a time from 1900 to 2199, found {year}"):
        clock(stamps, 2, where=place)


def test_without_times_start_and_interval_are_asked_for() -> None:
    with pytest.raises(DataError, match=r"--start and --interval"):
        clock(None, 3, start="2012-03-01", where=place)


def test_a_start_beside_times_is_refused() -> None:
    with pytest.raises(DataError, match="leave out start"):
        clock(pd.DatetimeIndex(["2012-03-01"]), 1, start="2012-03-01", where=place)


def test_wall_clock_of_a_zone_is_kept_as_utc() -> None:
    stamps = pd.date_range("2018-10-28 01:00", periods=5, freq="1h", tz="Europe/Amsterdam")
    naive, _ = clock(stamps.tz_localize(None), 5, timezone="Europe/Amsterdam", where=place)
    aware, zone = clock(stamps, 5, where=place)
    assert zone == "Europe/Amsterdam"
    assert (naive == aware).all(), "the hour that comes twice in autumn is told apart by its order"
    assert (np.diff(naive) == np.timedelta64(1, "h")).all()


def test_an_offset_alone_does_not_name_a_zone() -> None:
    stamps = parse_times(["2012-03-01 00:00-08:00", "2012-03-01 00:05-08:00"], place)
    with pytest.raises(DataError, match="give timezone"):
        clock(stamps, 2, where=place)
    times, zone = clock(stamps, 2, timezone="America/Los_Angeles", where=place)
    assert (str(times[0])[:16], zone) == ("2012-03-01T08:00", "America/Los_Angeles")
    assert clock(parse_times(["2012-03-01 00:00Z"], place), 1, where=place)[1] == "UTC"
    assert clock(pd.DatetimeIndex([datetime(2012, 3, 1, tzinfo=UTC)]), 1, where=place)[1] == "UTC"


def test_a_time_that_the_zone_does_not_have_is_refused() -> None:
    with pytest.raises(DataError, match=r"2012-03-11 02:30:00 is a nonexistent time.*leave timezone out"):
        clock(pd.DatetimeIndex(["2012-03-11 02:30"]), 1, timezone="America/Los_Angeles", where=place)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(DataError, match="timezone"):
        clock(pd.DatetimeIndex(["2012-03-11 02:30"]), 1, timezone=zone, where=place)


def test_the_hour_that_comes_twice_is_told_by_a_step_back() -> None:
    stamps = pd.DatetimeIndex([f"2018-10-28 {t}" for t in ("01:30", "02:00", "02:30", "02:00", "02:30", "03:00")])
    times, zone = clock(stamps, 6, timezone=AMSTERDAM, where=place)
    assert zone == AMSTERDAM
    hours = ("27T23:30", "28T00:00", "28T00:30", "28T01:00", "28T01:30", "28T02:00")
    assert utc(times) == [f"2018-10-{hour}" for hour in hours]


def test_a_measurement_an_hour_repeats_its_time() -> None:
    stamps = pd.DatetimeIndex([f"2018-10-28 {t}" for t in ("01:00", "02:00", "02:00", "03:00")])
    times, _ = clock(stamps, 4, timezone=AMSTERDAM, where=place)
    assert utc(times) == ["2018-10-27T23:00", "2018-10-28T00:00", "2018-10-28T01:00", "2018-10-28T02:00"]


def test_an_offset_tells_without_any_order() -> None:
    stamps = parse_times([f"2018-10-28 {t}" for t in ("02:30+01:00", "03:00+01:00", "02:30+02:00")], place)
    times, _ = clock(stamps, 3, timezone=AMSTERDAM, where=place)
    assert utc(times) == ["2018-10-28T01:30", "2018-10-28T02:00", "2018-10-28T00:30"]


def test_the_hour_that_spring_skips_leaves_no_gap() -> None:
    stamps = pd.DatetimeIndex(["2018-03-25 01:30", "2018-03-25 03:00"])
    times, _ = clock(stamps, 2, timezone=AMSTERDAM, where=place)
    assert utc(times) == ["2018-03-25T00:30", "2018-03-25T01:00"]


def test_rows_in_the_hour_that_spring_skips_are_named() -> None:
    stamps = pd.DatetimeIndex(["2018-03-25 01:30", "2018-03-25 02:00"])
    with pytest.raises(DataError, match=rf"^row 2: 2018-03-25 02:00:00 is a nonexistent time in {AMSTERDAM}.*leave"):
        clock(stamps, 3, timezone=AMSTERDAM, where=place, rows=np.array([0, 0, 1]))


@pytest.mark.parametrize(
    "clocks",
    [
        ("01:30", "02:00", "02:30", "03:00"),  # the hour is there once
        ("02:30",),
        ("01:30", "02:00", "02:30", "02:00", "02:30", "02:00", "03:00"),  # three times
        ("03:00", "02:30", "02:00", "02:30", "02:00", "01:30"),  # rows fall
        ("01:30", "02:00", "02:30", "02:30", "03:00"),  # one row twice, the hour once
    ],
)
def test_where_the_order_does_not_tell_the_first_of_the_rows_is_named(clocks: tuple[str, ...]) -> None:
    stamps = pd.DatetimeIndex([f"2018-10-28 {t}" for t in clocks])
    k = next(k for k, t in enumerate(clocks) if t.startswith("02"))
    words = rf"^row {k}: 2018-10-28 {clocks[k]}:00 comes twice in {AMSTERDAM}.*UTC offset.*leave timezone out"
    with pytest.raises(DataError, match=words):
        clock(stamps, len(stamps), timezone=AMSTERDAM, where=place)


@pytest.mark.parametrize("zone", CHANGES)
@settings(deadline=None)
@given(
    st.sampled_from([5, 15, 30, 60]),
    st.lists(st.sets(st.integers(0, 60), max_size=20), min_size=1, max_size=3),
    st.sampled_from(["by time", "by sensor"]),
)
def test_wall_clocks_of_rows_in_order_are_the_utc_they_were_written_from(
    zone: str, minutes: int, holes: list[set[int]], order: str
) -> None:
    """Sensors with rows missing at random, through a night in which the clock is set back; or it says it can't tell."""
    change = pd.Timestamp(CHANGES[zone]).floor("h" if zone != "Australia/Lord_Howe" else "30min")
    begin = change - pd.Timedelta(hours=4)
    rows = [
        (begin + pd.Timedelta(minutes=minutes * k), n)
        for n, missing in enumerate(holes)
        for k in range(8 * 60 // minutes)
        if k not in missing
    ]
    rows.sort(key=lambda row: row if order == "by time" else row[::-1])
    true = np.array([time.to_datetime64() for time, _ in rows], dtype="M8[ns]")
    sensors = np.array([n for _, n in rows])
    local = pd.DatetimeIndex(true).tz_localize("UTC").tz_convert(ZoneInfo(zone)).tz_localize(None)
    codes, stamps = pd.factorize(local)
    try:
        times, _ = clock(pd.DatetimeIndex(stamps), len(rows), timezone=zone, where=place, rows=codes, sensors=sensors)
    except DataError as error:
        assert "does not tell" in str(error)  # noqa: PT017 - either outcome is right
        assert any(holes) or (minutes, zone) == (60, "Australia/Lord_Howe")  # half an hour holds one row of them
    else:
        assert (times == true).all()
