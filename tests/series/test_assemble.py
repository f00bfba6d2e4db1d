from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series.assemble import assemble, numbers, table_row
from stgraph.series.records import Records
from stgraph.series.resampling import Resampling
from stgraph.series.traffic_series import TrafficSeries

TIMES = np.datetime64("2012-03-01", "ns") + np.arange(3) * np.timedelta64(5, "m")


def put_together(**changes: Any) -> TrafficSeries:
    values = np.array([[1, np.nan], [0, 2], [3, 4]], dtype=np.float32)[:, :, None]
    fields: dict[str, Any] = {"times": TIMES, "cells": values, "sensors": ("a", "b"), "channels": ("speed",)}
    fields |= {"units": ("mph",), "timezone": None, "where": table_row, "columns": ("a", "b")}
    options = {name: changes.pop(name, None) for name in ("interval", "duplicates", "resample")}
    return assemble(Records(**(fields | changes)), **options)


def test_holes_are_what_was_not_measured() -> None:
    assert put_together().observed[..., 0].tolist() == [[True, False], [True, True], [True, True]]


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


@given(st.permutations(range(3)))
def test_rows_in_any_order_are_the_same_series_where_it_is_said_which_count(order: list[int]) -> None:
    cells = np.array([[1, np.nan], [0, 2], [3, 4]], dtype=np.float32)[order, :, None]
    series = put_together(times=TIMES[order], cells=cells, duplicates="last")
    assert series.digest() == put_together().digest()
    assert len(series.notes) == (order != [0, 1, 2])


def test_an_irregular_row_is_named_by_its_own_place() -> None:
    times = TIMES[[2, 1, 0]] + np.array([0, 1, 0], dtype="m8[s]")
    with pytest.raises(DataError, match=r"table, row 1: expected whole multiples"):
        put_together(times=times, interval="5min", duplicates="last")


def test_columns_of_any_kind_become_numbers() -> None:
    frame = pd.DataFrame({"text": ["1.5", None], "whole": [1, 2], "empty": [None, None], "yes": [True, False]})
    expected = np.array([[1.5, 1, np.nan, 1], [np.nan, 2, np.nan, 0]], dtype=np.float32)
    assert np.array_equal(numbers(frame, table_row), expected, equal_nan=True)


def test_duplicates_go_before_steps_are_made() -> None:
    times = TIMES[[0, 0, 1]]
    with pytest.raises(
        DataError, match=r"table, row 1: .* repeats row 0 with another value in column 'a', 1 .* 0 here"
    ):
        put_together(times=times)
    series = put_together(times=times, duplicates="last", resample=Resampling("10min"), interval="5min")
    assert series.values[..., 0].tolist() == [[1.5, 3.0]]
    assert (series.interval, len(series.notes)) == (np.timedelta64(10, "m"), 1)
