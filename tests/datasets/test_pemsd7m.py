"""PeMSD7(M): bare matrices, working days only, weights of its authors' formula."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stgraph.datasets import load
from stgraph.errors import DataError
from tests.datasets.tiny import TIMES_PER_DAY, numbers, write_pemsd7m, write_text


def test_a_weekend_is_a_gap_that_no_segment_spans(tmp_path: Path) -> None:
    write_pemsd7m(tmp_path, days=5)
    series = load("pemsd7-m", tmp_path).series
    days = pd.DatetimeIndex(series.times).normalize().unique()
    assert [str(day.date()) for day in days] == [f"2012-05-{d:02d}" for d in (1, 2, 3, 4, 7)]
    assert series.segments == ((0, 4 * TIMES_PER_DAY), (4 * TIMES_PER_DAY, 5 * TIMES_PER_DAY))
    np.testing.assert_allclose(series.values[:, :, 0], numbers(5 * TIMES_PER_DAY, 3), rtol=1e-6)


def test_weights_are_those_of_its_authors(tmp_path: Path) -> None:
    write_pemsd7m(tmp_path)
    graph = load("pemsd7-m", tmp_path).graph
    scaled = np.array([[0, 1000, 9000], [1000, 0, 2500], [9000, 2500, 0]]) / 10000
    expected = np.exp(-scaled * scaled / 0.1)
    expected = expected * (expected >= 0.5) * (np.ones((3, 3)) - np.identity(3))
    np.testing.assert_allclose(graph.adjacency.toarray(), expected)
    assert graph.ids == ("716939", "716940", "716941")


def test_tables_with_numbers_of_columns_and_rows_are_the_same(tmp_path: Path) -> None:
    write_pemsd7m(tmp_path)
    bare = load("pemsd7-m", tmp_path)
    speeds = pd.DataFrame(numbers(5 * TIMES_PER_DAY, 3))
    speeds.to_csv(tmp_path / "pemsd7-m" / "V_228.csv")
    metres = pd.read_csv(tmp_path / "pemsd7-m" / "PeMSD7_W_228.csv", header=None)
    metres.to_csv(tmp_path / "pemsd7-m" / "W_228.csv", index=False)
    for path in (tmp_path / "pemsd7-m").glob("PeMSD7_?_228.csv"):
        path.unlink()
    again = load("pemsd7-m", tmp_path)
    assert again.series.digest() == bare.series.digest()
    assert again.graph.digest() == bare.graph.digest()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("V", "1,2,3\n" * 10, r"V_228\.csv: expected whole days of 288 rows, found 10 rows"),
        ("V", "1,2\n" * 288, r"V_228\.csv: expected 3 columns, one a sensor, found 288 rows of 2"),
        ("V", "1,2,3\n1,x,3\n", r"V_228\.csv, line 2: expected numbers, found 'x'"),
        ("W", "0,5\n5,0\n1,1\n", r"W_228\.csv: expected as many columns as rows, found 3 rows of 2"),
    ],
)
def test_what_cannot_be_it_is_refused_by_file(name: str, text: str, message: str, tmp_path: Path) -> None:
    write_pemsd7m(tmp_path)
    write_text(tmp_path / "pemsd7-m" / f"PeMSD7_{name}_228.csv", text)
    with pytest.raises(DataError, match=message):
        load("pemsd7-m", tmp_path)
