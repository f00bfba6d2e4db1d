"""Tables, positions and ids from files; what is wrong in one is named by file, line and column."""

from pathlib import Path

import numpy as np
import pytest

from stgraph.errors import DataError, StgraphError, UnknownNameError
from stgraph.graph.tables import naming, read_ids, read_positions, read_table, row_of_each

METR_LA = "index,sensor_id,latitude,longitude\n0,773869,34.15497,-118.31829\n1,767541,34.11621,-118.23799\n"
PEMS = "ID\tFwy\tDir\tLatitude\tLongitude\tName\n715898\t5\tN\t33.88\t-118.02\tPHOEBE\n715900\t5\tS\t\t\tVALLEY VIEW\n"


def write(folder: Path, text: str, name: str = "a.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_cells_are_text_and_rows_know_their_lines(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "from; to;cost\n007;b;1.50\na;b; 2\n"))
    assert table.columns.tolist() == ["from", "to", "cost"]
    assert table.to_numpy().tolist() == [["007", "b", "1.50"], ["a", "b", "2"]]
    assert (table.index.name, table.index.tolist()) == ("line", [2, 3])


def test_a_file_without_a_header_has_the_names_it_is_given(tmp_path: Path) -> None:
    path = write(tmp_path, "400001,400001,0.0\n400001,400017,7.5\n")
    table = read_table(path, names=("from", "to", "cost"))
    assert (table.columns.tolist(), table.index.tolist()) == (["from", "to", "cost"], [1, 2])
    with pytest.raises(DataError, match=r"a.csv, line 1: expected a header .* found 400001, 400001, 0.0"):
        read_table(path)


def test_positions_of_every_publisher(tmp_path: Path) -> None:
    ids, positions = read_positions(write(tmp_path, METR_LA))
    assert ids == ("773869", "767541")
    np.testing.assert_array_equal(positions, [[-118.31829, 34.15497], [-118.23799, 34.11621]])
    assert read_positions(write(tmp_path, METR_LA), ["767541"])[0] == ("767541",)
    ids, positions = read_positions(write(tmp_path, PEMS, "meta.txt"), [715898])  # type: ignore[list-item]  # a number is an id too
    assert ids == ("715898",)
    np.testing.assert_array_equal(positions, [[-118.02, 33.88]])


@pytest.mark.parametrize(
    ("text", "ids", "error", "words"),
    [
        (PEMS, None, DataError, "column 'Longitude': line 3: expected a number, found ''"),
        (METR_LA, ["7"], UnknownNameError, r"none for 1 of them \['7'\]; the table has \['773869', '767541'\]"),
        (METR_LA.replace("767541", "773869"), None, DataError, "line 3: .* once, found .773869. as in line 2"),
        (METR_LA.replace("longitude", "x"), None, DataError, "expected a column named longitude or lon or lng, found"),
        (METR_LA.replace("sensor_id", "x"), None, DataError, "expected a column named sensor or sensor_id"),
        (METR_LA.replace("34.11621", "nan"), None, DataError, "for sensor 767541"),
        (METR_LA.replace("latitude,longitude", "longitude,latitude"), None, DataError, "773869; are the two exchanged"),
        (METR_LA.replace("latitude", "longitude"), None, DataError, "line 1: .* found 'longitude' twice"),
        (METR_LA + "2,7\n", None, DataError, "line 4: expected 4 cells"),
        ("", None, DataError, "found an empty file"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_positions_is_named(
    text: str, ids: list[str] | None, error: type[StgraphError], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=f"a.csv(, |: ).*{words}"):
        read_positions(write(tmp_path, text), ids)


def test_rows_are_numbered_from_the_first(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, METR_LA))
    assert row_of_each(table, "t") == {"773869": 0, "767541": 1}
    assert list(row_of_each(table, "t", ["767541", "773869"]).values()) == [1, 0]


def test_ids_stand_between_commas_or_one_a_line(tmp_path: Path) -> None:
    for text in ("773869,767541", "773869\n767541\n", "\ufeff 773869 ,\r\n767541,"):
        assert read_ids(write(tmp_path, text)) == ("773869", "767541")
    for text, found in (("", "none"), ("7,8,7", "'7' more than once")):
        with pytest.raises(DataError, match=f"a.csv: expected sensor ids .* found {found}"):
            read_ids(write(tmp_path, text))
    with pytest.raises(DataError, match=r"none.txt: cannot be read .No such file"):
        read_ids(tmp_path / "none.txt")


def test_the_kind_of_an_error_stays_when_its_file_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"^a.csv: who\?$"), naming("a.csv"):
        raise UnknownNameError("who?")
