from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series.times import checked_interval, clock, is_time, known_zone, parse_times, to_step

FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S")
MOMENTS = st.datetimes(datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2160-01-01")).map(
    lambda t: t.replace(microsecond=0)
)


def place(k: int) -> str:
    return f"row {k}"


@given(MOMENTS, st.sampled_from(FORMATS))
def test_text_of_a_time_is_read_back(moment: datetime, form: str) -> None:
    settles = moment.replace(day=13)
    found = parse_times([t.strftime(form) for t in (moment, settles)], place)
    assert found.tolist() == [pd.Timestamp(moment), pd.Timestamp(settles)]


def test_day_and_month_that_nothing_settles_are_refused() -> None:
    with pytest.raises(DataError, match="month/day or day/month"):
        parse_times(["01/02/2012 00:00", "01/02/2012 00:05"], place)
    assert parse_times(["02/02/2012"], place)[0] == pd.Timestamp("2012-02-02")


@pytest.mark.parametrize(
    ("texts", "row"),
    [
        (["now"], 0),
        (["20120301"], 0),
        (["2012-03-01 00:00", "2012-03-01 25:00"], 1),
        (["2012-03-01", "2012-13-01"], 1),
        (["13/13/2012"], 0),
        (["2012-03-01 00:00", "62.5"], 1),
        (["2012-03-01 00:00", "01/03/2012 00:05"], 1),
        (["2012-03-01 00:00", "2012-03-01 00:05Z"], 1),
        (["2012-03-01 00:00", ""], 1),
    ],
)
def test_the_error_names_the_text_that_is_no_time(texts: list[str], row: int) -> None:
    with pytest.raises(DataError, match=rf"^row {row}: expected a time such as .*, found '{texts[row]}'"):
        parse_times(texts, place)


def test_is_time_is_not_fooled_by_numbers() -> None:
    assert is_time(" 2012-03-01 00:05 ")
    assert is_time("3/1/2012")
    assert not any(is_time(text) for text in ("773869", "2012", "64.375", "", "1.2.3", "12:05"))


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
        known_zone(zone)
    with pytest.raises(DataError, match="timezone"):
        clock(pd.DatetimeIndex(["2012-03-11 02:30"]), 1, timezone=zone, where=place)


@pytest.mark.parametrize("interval", ["five", "-5min", "0min", "NaT", "", "5", "1e3", "99999999d"])
def test_a_step_is_a_duration_above_zero(interval: str) -> None:
    with pytest.raises(DataError, match="interval: expected"):
        to_step(interval)


@given(st.lists(st.integers(1, 3), min_size=3, max_size=20), st.sampled_from(["5min", "20s", "1h"]))
def test_gaps_of_whole_steps_are_regular(gaps: list[int], step: str) -> None:
    length = to_step(step)
    counts = np.cumsum([0, *gaps, 1, *[1] * len(gaps)])
    times = np.datetime64("2012-03-01", "ns") + counts * length
    assert checked_interval(times, np.timedelta64("NaT"), place) == length


def test_the_most_common_step_counts_not_the_shortest() -> None:
    minutes = np.array([0, 5, 10, 11, 16])
    times = np.datetime64("2012-03-01", "ns") + minutes * np.timedelta64(1, "m")
    with pytest.raises(DataError, match=r"^row 3: expected whole multiples of 0 days 00:05:00.*resample"):
        checked_interval(times, np.timedelta64("NaT"), place)


@pytest.mark.parametrize(
    ("minutes", "error"),
    [([0, 5, 5], "row 2: .* repeats"), ([0, 5, 4], "row 2: .* is earlier"), ([0], "^row 0: a single time")],
)
def test_times_must_rise(minutes: list[int], error: str) -> None:
    times = np.datetime64("2012-03-01", "ns") + np.array(minutes) * np.timedelta64(1, "m")
    with pytest.raises(DataError, match=error):
        checked_interval(times, np.timedelta64("NaT"), place)
