from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError, StgraphError, UnknownNameError
from stgraph.graph import from_corridor
from stgraph.graph.tables import read_table

ROWS = st.lists(
    st.tuples(st.sampled_from(["5", "405"]), st.sampled_from("NESW"), st.integers(0, 20)), min_size=1, max_size=12
)
FIVE = pd.DataFrame({
    "ID": [11, 12, 13, 21, 22, 31],
    "Fwy": [5, 5, 5, 5, 5, 405],
    "Dir": ["N", "N", "N", "S", "S", "N"],
    "Abs_PM": [0.5, 4.5, 2.5, 1.0, 3.0, 0.6],
    "Latitude": [32.5, 32.7, 32.6, 32.5, 32.6, 33.0],
    "Longitude": [-117.0, -117.2, -117.1, -117.0, -117.1, -118.0],
})  # fmt: skip


def tabled(rows: list[tuple[str, str, int]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["freeway", "direction", "postmile"])
    return table.assign(sensor=[f"s{n:02}" for n in range(len(rows))])


def edges(graph: Any) -> set[tuple[str, str]]:
    return {(graph.ids[i], graph.ids[j]) for i, j in zip(*graph.adjacency.nonzero(), strict=True)}


def test_traffic_runs_towards_larger_postmiles_to_the_north_and_smaller_ones_to_the_south() -> None:
    graph = from_corridor(FIVE)
    assert edges(graph) == {("11", "13"), ("13", "12"), ("22", "21")}
    assert graph.ids == ("31", "11", "13", "12", "22", "21")
    assert graph.positions is not None
    np.testing.assert_array_equal(graph.positions[1], [-117.0, 32.5])
    spelled = FIVE.replace({"Dir": {"N": "northbound", "S": " SB"}})
    assert from_corridor(spelled).digest() == graph.digest()
    bare = from_corridor(FIVE.drop(columns=["Fwy", "Dir", "Latitude"]))
    assert edges(bare) == {("11", "31"), ("31", "21"), ("21", "13"), ("13", "22"), ("22", "12")}
    assert bare.positions is None
    assert from_corridor(FIVE.assign(Latitude=[32.5, "", 32.6, 32.5, 32.6, 33.0])).positions is None
    assert from_corridor(FIVE.assign(Longitude=np.nan)).positions is None


@given(ROWS, st.sampled_from([None, 3.0]))
def test_equals_a_slow_loop(rows: list[tuple[str, str, int]], gap: float | None) -> None:
    names = [f"s{n:02}" for n in range(len(rows))]
    found = from_corridor(tabled(rows), names, weighted=True, sigma=2, largest_gap=gap).adjacency.toarray()
    expected = np.zeros_like(found)
    for i, (freeway, direction, postmile) in enumerate(rows):
        sign = 1 if direction in "NE" else -1
        ahead = [
            (sign * (other - postmile), n)
            for n, (way, towards, other) in enumerate(rows)
            if (way, towards) == (freeway, direction) and (sign * (other - postmile), n) > (0, i)
        ]
        if ahead and (gap is None or min(ahead)[0] <= gap):
            spacing, j = min(ahead)
            expected[i, j] = np.exp(-((spacing / 2) ** 2))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(ROWS, st.randoms(use_true_random=False))
def test_a_shuffled_table_is_the_same_graph(rows: list[tuple[str, str, int]], random: Any) -> None:
    table = tabled(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    graph = from_corridor(table)
    assert from_corridor(table.iloc[order]).digest() == graph.digest()
    names = [f"s{n:02}" for n in order]
    assert from_corridor(table, names).digest() == graph.align(names).digest()


def test_weights_are_the_kernel_of_the_spacing_or_one() -> None:
    north = FIVE[FIVE["Dir"].eq("N") & FIVE["Fwy"].eq(5)]
    np.testing.assert_allclose(from_corridor(north, weighted=True).adjacency.data, np.exp(-1))
    np.testing.assert_allclose(from_corridor(north, weighted=True, sigma=1).adjacency.data, np.exp(-4))
    assert from_corridor(north).adjacency.data.tolist() == [1, 1]
    together = from_corridor(north.assign(Abs_PM=7), weighted=True)
    assert edges(together) == {("11", "12"), ("12", "13")}
    assert together.adjacency.data.tolist() == [1, 1]


def test_ids_choose_the_rows_and_who_follows_whom() -> None:
    assert edges(from_corridor(FIVE, ["12", "21", "11"])) == {("11", "12")}
    assert edges(from_corridor(FIVE, ["12", "21", "11"], largest_gap=3)) == set()
    assert from_corridor(FIVE, ["31"]).adjacency.nnz == 0


@pytest.mark.parametrize(
    ("changes", "options", "error", "words"),
    [
        ({"Dir": "X"}, {}, DataError, "corridor: row 0: expected the direction N, E, S or W, found 'X'"),
        ({"Abs_PM": np.nan}, {}, DataError, "column 'Abs_PM': row 0: expected a finite number, found nan"),
        ({"Abs_PM": "R7"}, {}, DataError, "column 'Abs_PM': row 0: expected a number, found 'R7'"),
        ({"ID": 7}, {}, DataError, "corridor: row 1: expected every sensor once, found '7' as in row 0"),
        ({"Latitude": 95}, {}, DataError, "for sensor 11"),
        ({}, {"ids": ["11", "99"]}, UnknownNameError, r"none for 1 of them \['99'\]"),
        ({}, {"weighted": True, "sigma": 0}, DataError, "sigma: expected"),
        ({}, {"largest_gap": 0}, DataError, "largest_gap: expected a number above 0, found 0"),
        ({}, {"largest_gap": np.nan}, DataError, "largest_gap: expected a number above 0, found nan"),
    ],
)
def test_what_is_wrong_is_named(
    changes: dict[str, Any], options: dict[str, Any], error: type[StgraphError], words: str
) -> None:
    with pytest.raises(error, match=words):
        from_corridor(FIVE.assign(**changes), **options)


def test_a_missing_column_and_the_line_of_a_file_are_named(tmp_path: Any) -> None:
    with pytest.raises(DataError, match="corridor: expected a column named postmile or abs_pm"):
        from_corridor(FIVE.drop(columns="Abs_PM"))
    (tmp_path / "meta.csv").write_text("id,dir,postmile\na,N,1\nb,?,2\n")
    with pytest.raises(DataError, match="corridor: line 3: expected the direction"):
        from_corridor(read_table(tmp_path / "meta.csv"))
