import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series.grid import grid_of, source_step

DAY = np.datetime64("2012-03-01", "ns")
SECOND = np.timedelta64(1, "s")


@given(st.lists(st.integers(0, 86_400), min_size=1, max_size=20), st.sampled_from([60, 300, 3600]))
def test_every_time_lies_in_one_step_and_no_step_at_either_end_is_empty(seconds: list[int], length: int) -> None:
    times = DAY + np.array(seconds) * SECOND
    grid = grid_of(times, length * SECOND, 7 * SECOND, None, str)
    places = grid.places(times)
    begins = grid.times[places]
    assert ((begins <= times) & (times < begins + grid.step)).all()
    assert {0, len(grid.times) - 1} <= set(places)
    assert (np.diff(grid.times) == grid.step).all()


def test_steps_begin_at_local_midnight_or_with_a_regular_source() -> None:
    irregular = DAY + np.array([400, 700, 1001]) * SECOND
    assert grid_of(irregular, 300 * SECOND, 300 * SECOND, None, str).times[0] == DAY + 300 * SECOND
    regular = DAY + np.array([400, 700, 1000]) * SECOND
    assert grid_of(regular, 300 * SECOND, 300 * SECOND, None, str).times[0] == regular[0]
    hours = grid_of(
        regular, 3600 * SECOND, 1 * SECOND, "Asia/Kathmandu", str
    )  # 5:45 ahead: full hours are at 15 past in UTC
    assert hours.times[0] == DAY - 2700 * SECOND


def test_the_step_of_a_source_is_between_rows_of_one_sensor() -> None:
    times = DAY + np.array([0, 1, 300, 301, 900, 901]) * SECOND
    assert source_step(times, np.array([0, 1, 0, 1, 0, 1])) == 300 * SECOND
    assert source_step(times, None) == 1 * SECOND
    assert source_step(times[:2], np.array([0, 1])) is None


def test_a_time_far_from_all_others_is_named() -> None:
    times = DAY + np.array([0, 300, 600, 90 * 365 * 86_400]) * SECOND
    with pytest.raises(
        DataError, match=r"^row 3: 2102-.* comes after 2012-03-01 00:10:00, and 4 of \d+ steps .*right\?"
    ):
        grid_of(times, 300 * SECOND, 300 * SECOND, None, lambda k: f"row {k}")
