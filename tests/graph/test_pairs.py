import numpy as np
import pandas as pd
import pytest

from stgraph.errors import UnknownNameError
from stgraph.graph.pairs import read_pairs

TABLE = pd.DataFrame({"from": [1, 9, 2], "to": [2, 1, 1], "cost": [5.0, 6.0, 7.0]})


def test_unknown_sensors_are_left_out_only_when_told() -> None:
    pairs = read_pairs(TABLE, ("1", "2"), name="distances", values=("distance", "cost"), ignore_unknown=True)
    assert pairs.source.tolist() == [0, 1]
    assert pairs.target.tolist() == [1, 0]
    assert pairs.places == ["row 0", "row 2"]
    np.testing.assert_array_equal(pairs.value, [5.0, 7.0])
    with pytest.raises(UnknownNameError, match="distances: row 1 names the sensor '9'"):
        read_pairs(TABLE, ("1", "2"), name="distances", values=("cost",))


def test_a_column_of_numbers_is_found_by_its_names_alone() -> None:
    assert read_pairs(TABLE, ("1", "2", "9"), name="edges", values=("weight",)).value is None


def test_the_sensors_of_the_table_are_the_ids_where_none_are_given() -> None:
    pairs = read_pairs(TABLE, None, name="distances", values=("cost",))
    assert pairs.ids == ("1", "2", "9")
    assert pairs.source.tolist() == [0, 2, 1]


def test_a_row_of_a_file_is_named_by_its_line() -> None:
    table = TABLE.set_axis(pd.Index([2, 3, 5], name="line"))
    with pytest.raises(UnknownNameError, match="distances: line 3 names the sensor '9'"):
        read_pairs(table, ("1", "2"), name="distances", values=("cost",))
