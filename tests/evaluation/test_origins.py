"""Origins stand on the clock: those of a loop over it, whatever the gaps."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.evaluation.origins import place_origins, steps_of
from stgraph.series import TrafficSeries

HOUR = np.timedelta64(1, "h")
DAY = np.datetime64("2024-01-01", "ns")


def hours(steps: list[int], timezone: str | None = None) -> TrafficSeries:
    """A series of one sensor at the given hours of a clock."""
    values = np.zeros((len(steps), 1, 1), dtype=np.float32)
    times = DAY + np.array(steps) * HOUR
    return TrafficSeries(
        values, values == 0, times, ("a",), ("speed",), ("km/h",), HOUR.astype("m8[ns]"), timezone=timezone
    )


@given(
    st.lists(st.integers(0, 40), min_size=2, max_size=40, unique=True).map(sorted),
    st.integers(1, 39),
    st.integers(1, 7),
    st.integers(1, 5),
)
def test_origins_are_those_of_a_loop_over_the_clock(steps: list[int], start: int, stride: int, horizon: int) -> None:
    assume(start < len(steps))
    by_hand, hour = [], steps[start] - 1
    while hour + horizon <= steps[-1]:
        if all(h in steps for h in range(hour, hour + horizon + 1)):
            by_hand.append(steps.index(hour))
        hour += stride
    if by_hand:
        assert place_origins(hours(steps), start, stride, horizon).tolist() == by_hand
    else:
        with pytest.raises(DataError, match=f"start: expected {horizon} steps without a gap after an origin"):
            place_origins(hours(steps), start, stride, horizon)


@pytest.mark.parametrize("start", [0.25, 5, np.int64(5), "2024-01-01 05:00", DAY + 5 * HOUR, "2024-01-01 04:30"])
def test_a_start_is_a_share_a_step_or_a_time_and_the_first_time_forecast(start: Any) -> None:
    assert place_origins(hours(list(range(20))), start, 6, 3).tolist() == [4, 10, 16]


def test_a_start_with_a_zone_is_put_on_the_clock_of_the_series() -> None:
    series = hours(list(range(20)), timezone="Asia/Tokyo")
    for start in ("2024-01-01 14:00+09:00", "2024-01-01 14:00", datetime(2024, 1, 1, 5, tzinfo=UTC)):
        assert place_origins(series, start, 6, 3)[0] == 4


@pytest.mark.parametrize("start", [0.0, 1.0, -0.5, 0.01, 0, 20, "2023-12-31", "2024-01-01", "2025-01-01"])
def test_a_start_outside_the_series_is_refused(start: Any) -> None:
    with pytest.raises(DataError, match="start: expected a share between 0 and 1, or a step or time after 2024-01-01"):
        place_origins(hours(list(range(20))), start, 1, 1)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("soon", "found 'soon'"),
        ("2024-01-01 05:00Z", "without an offset"),
        (datetime(2024, 1, 1, 5, tzinfo=UTC), "without a zone"),
    ],
)
def test_a_start_that_is_no_time_of_the_series_is_refused(start: Any, words: str) -> None:
    with pytest.raises(DataError, match=f"^start: .*{words}"):
        place_origins(hours(list(range(20))), start, 1, 1)


@pytest.mark.parametrize("length", [4, np.int64(4), "20min", timedelta(minutes=20), np.timedelta64(20, "m")])
def test_a_length_is_steps_or_a_duration(length: Any) -> None:
    assert steps_of("stride", length, np.timedelta64(5, "m")) == 4


@pytest.mark.parametrize("length", [0, -1, False, "7min", "0min", "-5min", "5", "soon", 2.5, None])
def test_a_length_that_is_no_whole_number_of_steps_is_refused(length: Any) -> None:
    with pytest.raises(DataError, match=r"stride: expected a number of steps above 0, .* of 5 min, found"):
        steps_of("stride", length, np.timedelta64(5, "m"))
