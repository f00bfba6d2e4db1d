from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series.observed import ObservedRule
from stgraph.series.records import Records

TIMES = np.datetime64("2018-10-28T00:30", "ns") + np.array([1, 0, 1, 0]) * np.timedelta64(30, "m")


def records(cells: Sequence[float], **fields: object) -> Records:
    facts: dict[str, object] = {
        "times": TIMES,
        "cells": np.array(cells, np.float32).reshape(4, -1, 1),
        "sensors": ("a", "b"),
    }
    facts |= {"channels": ("speed",), "units": ("",), "timezone": None, "where": lambda k: f"a.csv, line {k}"}
    facts |= {"owners": np.array([0, 0, 1, 1]), "columns": ("speed",)}
    return Records(**(facts | fields))  # type: ignore[arg-type]


def test_rows_of_sensors_become_a_row_a_time() -> None:
    dense = records([1, 2, 3, 4]).dense()
    assert (dense.times == np.sort(TIMES)[[0, 2]]).all()
    assert dense.cells[..., 0].tolist() == [[2, 4], [1, 3]]
    assert [dense.where(k) for k in (0, 1)] == ["a.csv, line 1", "a.csv, line 0"]
    assert dense.dense() is dense


@given(st.permutations(range(4)))
def test_the_order_of_rows_about_one_sensor_means_nothing(order: list[int]) -> None:
    mixed = records([1, 2, 3, 4])
    mixed = records([mixed.cells[k, 0, 0] for k in order], times=TIMES[order], owners=np.array([0, 0, 1, 1])[order])
    assert (mixed.dense().cells == records([1, 2, 3, 4]).dense().cells).all()


def test_a_hole_contradicts_nothing_and_keeps_what_stands_in_it() -> None:
    rows = records([1, 0, 0, 0], times=TIMES[[0, 0, 1, 1]], owners=np.array([0, 0, 0, 1]), rule=ObservedRule((0,)))
    one = rows.without_duplicates(None)
    assert (one.cells.ravel().tolist(), one.notes) == ([1, 0, 0], ())
    assert [one.where(k) for k in range(3)] == ["a.csv, line 0", "a.csv, line 2", "a.csv, line 3"]


def test_a_contradiction_is_spelled_on_the_clock_of_the_source() -> None:
    rows = records([1, 2, 3, 4], owners=np.zeros(4, int), timezone="Europe/Amsterdam")
    with pytest.raises(DataError, match=r"line 2: 2018-10-28 02:00:00\+01:00 of sensor a repeats line 0 .*dupl[^z]*$"):
        rows.without_duplicates(None)
    wide = records([1, 1, 2, 2, 3, 3, 4, 4], owners=None, columns=("a", "b"))
    words = r"\(--duplicates\), or the timezone \(--timezone\) where its clock was set back"
    with pytest.raises(DataError, match=words):
        wide.without_duplicates(None)


def test_rows_about_all_sensors_are_sorted_by_time_and_the_first_that_falls_is_said() -> None:
    times = TIMES[0] + np.array([1, 3, 2, 0]) * np.timedelta64(5, "m")
    rising = records([1, 3, 2, 0], times=times, owners=None).in_order()
    assert rising.cells.ravel().tolist() == [0, 1, 2, 3]
    assert [rising.where(k) for k in range(4)] == [f"a.csv, line {k}" for k in (3, 0, 2, 1)]
    assert rising.notes == ("line 2: 2018-10-28 01:10:00 is earlier than the row before: rows were sorted by time",)
    assert rising.in_order() is rising
    assert records([1, 2, 3, 4]).in_order().times is TIMES, "rows about one sensor"
