from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series.times import checked_interval, is_time, known_zone, parse_times, to_step

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


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(DataError, match="timezone"):
        known_zone(zone)


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
