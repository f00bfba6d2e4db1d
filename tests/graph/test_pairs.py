import numpy as np
import pandas as pd
import pytest

from stgraph.errors import UnknownNameError
from stgraph.graph.pairs import is_table, read_pairs

TABLE = pd.DataFrame({"from": [1, 9, 2], "to": [2, 1, 1], "cost": [5.0, 6.0, 7.0]})


def test_unknown_sensors_are_left_out_only_when_told() -> None:
    pairs = read_pairs(TABLE, ("1", "2"), name="distances", values=("distance", "cost"), ignore_unknown=True)
    assert pairs.source.tolist() == [0, 1]
    assert pairs.target.tolist() == [1, 0]
    assert pairs.row.tolist() == [0, 2]
    np.testing.assert_array_equal(pairs.value, [5.0, 7.0])
    with pytest.raises(UnknownNameError, match="distances: row 1 names the sensor '9'"):
        read_pairs(TABLE, ("1", "2"), name="distances", values=("cost",))


def test_a_column_of_numbers_is_found_by_its_names_alone() -> None:
    assert read_pairs(TABLE, ("1", "2", "9"), name="edges", values=("weight",)).value is None


def test_only_a_dataframe_is_a_table() -> None:
    assert is_table(TABLE)
    assert not is_table(TABLE.to_numpy())
    assert not is_table([("a", "b")])
