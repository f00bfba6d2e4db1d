"""Amsterdam: mornings and evenings as segments of one series."""

from pathlib import Path

import numpy as np
import pytest

from stgraph.datasets import load
from stgraph.errors import DataError
from stgraph.patches import Window
from tests.datasets.tiny import numbers, write_amsterdam, write_text


def test_pieces_are_segments_in_the_order_of_time(tmp_path: Path) -> None:
    write_amsterdam(tmp_path)
    series = load("amsterdam-2018", tmp_path).series
    assert series.segments == ((0, 4), (4, 7), (7, 11), (11, 15), (15, 18))
    begins = [str(series.times[first])[:16] for first, _ in series.segments]
    mornings, evenings = [f"2018-01-0{d}T07:00" for d in (1, 2, 3)], [f"2018-01-0{d}T14:00" for d in (1, 3)]
    assert begins == sorted(mornings + evenings)
    speed = numbers(3, 2, 4).astype(np.uint8)
    assert series.values[7, 1, 0] == speed[1, 1, 0]
    assert series.values[15, 1, 0] == speed[1, 1, 0] + 1  # the second evening is that of the third day


def test_no_window_spans_a_gap(tmp_path: Path) -> None:
    write_amsterdam(tmp_path)
    series = load("amsterdam-2018", tmp_path).series
    steps, _ = Window(2, 1).place(series.segments).steps()
    spans = series.times[steps[:, -1]] - series.times[steps[:, 0]]
    assert set(spans) == {2 * series.interval}
    assert len(spans) == 3 * 2 + 2 * 1


def test_the_largest_number_of_a_type_is_a_hole_of_its_channel(tmp_path: Path) -> None:
    write_amsterdam(tmp_path)
    series = load("amsterdam-2018", tmp_path).series
    assert np.argwhere(~series.observed).tolist() == [[2, 1, 0], [7, 0, 1], [15, 0, 1]]


def test_dates_that_do_not_fit_are_named(tmp_path: Path) -> None:
    write_amsterdam(tmp_path)
    dates = tmp_path / "amsterdam-2018" / "evening_dates.csv"
    write_text(dates, "evening_index_global,inferred_date\n0,2018-01-01\n")
    with pytest.raises(DataError, match=r"evening_dates\.csv: evenings: expected a date for each of 2, found 1"):
        load("amsterdam-2018", tmp_path)
    write_text(dates, "evening_index_global,inferred_date\n0,2018-01-01\n1,soon\n")
    with pytest.raises(DataError, match=r"evening_dates\.csv: evenings: expected dates such as 2018-01-01"):
        load("amsterdam-2018", tmp_path)
