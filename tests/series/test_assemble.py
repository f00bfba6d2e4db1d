from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series.assemble import assemble, is_time_name, numbers, table_row
from stgraph.series.traffic_series import TrafficSeries

TIMES = np.datetime64("2012-03-01", "ns") + np.arange(3) * np.timedelta64(5, "m")


def put_together(**changes: Any) -> TrafficSeries:
    fields: dict[str, Any] = {"times": TIMES, "interval": None, "sensors": ("a", "b")}
    fields |= changes
    values = np.array([[1, np.nan], [0, 2], [3, 4]], dtype=np.float32)[:, :, None]
    return assemble(
        values,
        fields.pop("sensors"),
        ["speed"],
        ["mph"],
        timezone=None,
        missing=[0],
        where=table_row,
        **fields,
    )


def test_holes_are_empty_cells_and_missing_values() -> None:
    assert put_together().observed[..., 0].tolist() == [[True, False], [False, True], [True, True]]


def test_the_interval_is_given_or_found() -> None:
    assert put_together().interval == np.timedelta64(5, "m")
    finer = put_together(interval="1min")
    assert finer.interval == np.timedelta64(1, "m")
    assert len(finer.segments) == 3


def test_the_error_names_the_row_of_the_source() -> None:
    with pytest.raises(DataError, match=r"table, row 2: .* is earlier"):
        put_together(times=TIMES[[0, 2, 1]])
    with pytest.raises(DataError, match=r"unique, found \['a'\] more than once"):
        put_together(sensors=("a", "a"))


def test_columns_of_any_kind_become_numbers() -> None:
    frame = pd.DataFrame({"text": ["1.5", None], "whole": [1, 2], "empty": [None, None], "yes": [True, False]})
    expected = np.array([[1.5, 1, np.nan, 1], [np.nan, 2, np.nan, 0]], dtype=np.float32)
    assert np.array_equal(numbers(frame, table_row), expected, equal_nan=True)


def test_usual_names_of_time_are_known() -> None:
    assert all(is_time_name(name) for name in ("time", " Timestamp", "DATE", "Unnamed: 0", "", None))
    assert not any(is_time_name(name) for name in ("773869", 7, "times square"))


def test_of_several_rows_of_one_time_the_last_measured_value_counts_where_there_is_one_to_tell() -> None:
    told: list[str] = []
    settled = put_together(times=TIMES[[1, 0, 1]], interval="5min", tell=told.append)
    assert settled.times.tolist() == TIMES[:2].tolist()
    assert settled.values[settled.observed].tolist() == [2.0, 3.0, 4.0], "a 0 is not measured here"
    assert told == ["table, row 0: 1 time stands in several rows, here first; the last value measured counts"]
    with pytest.raises(DataError, match=r"table, row 1: .* is earlier"):
        put_together(times=TIMES[[1, 0, 1]], interval="5min")


@given(st.permutations(range(3)))
def test_rows_in_any_order_are_the_same_series_and_worth_no_word(order: list[int]) -> None:
    told: list[str] = []
    values = np.array([[1, np.nan], [0, 2], [3, 4]], dtype=np.float32)[order, :, None]
    how: dict[str, Any] = {"timezone": None, "interval": None, "missing": [0], "where": table_row}
    series = assemble(values, "ab", ["speed"], ["mph"], times=TIMES[order], tell=told.append, **how)
    assert series.digest() == put_together().digest()
    assert not told


def test_an_irregular_row_is_named_by_its_own_place_after_sorting() -> None:
    times = TIMES[[2, 1, 0]] + np.array([0, 1, 0], dtype="m8[s]")
    with pytest.raises(DataError, match=r"table, row 1: expected whole multiples"):
        put_together(times=times, interval="5min", tell=[].append)
