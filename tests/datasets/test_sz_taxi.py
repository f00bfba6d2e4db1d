"""SZ-taxi: a table with ids, or the array without."""

from pathlib import Path

import numpy as np

from stgraph.datasets import load
from tests.datasets.tiny import numbers, write_sz_taxi


def test_where_no_taxi_passed_is_a_hole(tmp_path: Path) -> None:
    write_sz_taxi(tmp_path)
    series = load("sz-taxi", tmp_path).series
    assert np.argwhere(~series.observed).tolist() == [[0, 0, 0]]
    assert series.sensors == ("90217", "90218", "90219")
    assert str(series.times[1]) == "2015-01-01T00:15:00.000000000"


def test_the_array_stands_for_the_table(tmp_path: Path) -> None:
    write_sz_taxi(tmp_path)
    table = load("sz-taxi", tmp_path)
    (tmp_path / "sz-taxi" / "sz_speed.csv").unlink()
    speed = numbers(6, 3)
    speed[0, 0] = 0
    np.savez_compressed(tmp_path / "sz-taxi" / "SZ_taxi.npz", data=speed[:, :, None])
    array = load("sz-taxi", tmp_path)
    np.testing.assert_array_equal(array.series.values, table.series.values)
    np.testing.assert_array_equal(array.series.observed, table.series.observed)
    assert array.graph.ids == ("0", "1", "2")
