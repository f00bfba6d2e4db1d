import numpy as np
import pandas as pd
import pytest

from stgraph.errors import DataError
from stgraph.graph.columns import find_column, is_table, optional_column, places_of, spell, to_numbers

TABLE = pd.DataFrame({"ID": [7], " Latitude ": ["52.3"], "lat": ["1"]})


def test_only_a_dataframe_is_a_table() -> None:
    assert is_table(TABLE)
    assert not is_table(TABLE.to_numpy())
    assert not is_table([("a", "b")])


def test_a_column_is_found_by_the_first_of_its_names_whatever_the_case() -> None:
    assert find_column(TABLE, ("sensor", "id"), "positions") == "ID"
    assert find_column(TABLE, ("latitude", "lat"), "positions") == " Latitude "
    assert optional_column(TABLE, ("longitude", "lon")) is None
    with pytest.raises(DataError, match=r"positions: expected a column named longitude or lon, found \['ID'"):
        find_column(TABLE, ("longitude", "lon"), "positions")


def test_a_cell_that_is_no_number_is_named_by_its_place() -> None:
    table = TABLE.set_axis(pd.Index([4], name="line"))
    assert places_of(TABLE) == ["row 0"]
    np.testing.assert_array_equal(to_numbers(["1", 2, 0.5], "lengths", ["", "", ""]), [1, 2, 0.5])
    with pytest.raises(DataError, match="lengths: line 4: expected a number, found 'far'"):
        to_numbers(["far"], "lengths", places_of(table))


def test_an_id_is_spelled_as_it_was() -> None:
    assert [spell(name) for name in (7, 7.0, 7.5, "7.0", "a")] == ["7", "7", "7.5", "7.0", "a"]
