import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series.axes import name_axis, time_axis


@given(st.lists(st.text(min_size=1), unique=True) | st.lists(st.from_regex(r"[0-9]{1,4}", fullmatch=True), unique=True))
def test_every_name_is_found_at_its_place(names: list[str]) -> None:
    axis, places = name_axis(names)
    assert [axis[k] for k in places] == names
    assert len(axis) == len(names)
    if all(name.isascii() and name.isdecimal() for name in names):
        assert [int(name) for name in axis] == sorted(int(name) for name in names)
    else:
        assert list(axis) == sorted(names)


def test_two_texts_of_one_time_have_one_place() -> None:
    times, zone, places = time_axis(["2012-03-01 00:05", "2012-03-01T00:00", "2012-03-01T00:05:00"], None, str)
    assert zone is None
    assert times.tolist() == np.array(["2012-03-01T00:00", "2012-03-01T00:05"], dtype="M8[ns]").tolist()
    assert places.tolist() == [1, 0, 1]


def test_timestamps_are_times_too() -> None:
    stamps = [pd.Timestamp("2025-10-08 00:05"), pd.Timestamp("2025-10-08 00:00")]
    times, zone, places = time_axis(stamps, "America/Los_Angeles", str)
    assert (str(times[0]), zone) == ("2025-10-08T07:00:00.000000000", "America/Los_Angeles")
    assert places.tolist() == [1, 0]


def test_a_text_that_is_no_time_is_named_by_its_place() -> None:
    with pytest.raises(DataError, match=r"line 7: expected a time such as .*, found 'later'"):
        time_axis(["2012-03-01 00:05", "later"], None, lambda k: f"line {6 + k}")
