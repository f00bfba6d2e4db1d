from pathlib import Path

import numpy as np
import pytest

from stgraph.errors import DataError
from stgraph.series.csv_table import read_table


def read(tmp_path: Path, text: str, *, header: bool = True, channels: tuple[str, ...] = ()) -> list[list[float]]:
    path = tmp_path / "a.csv"
    path.write_text(text)
    table, _, _ = read_table(path, header=header, channels=channels, columns={})
    cells: list[list[float]] = table.to_numpy().tolist()
    return cells


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("773869,767541\n", "a.csv: expected rows below the header, found none"),
        ("time\n2012-03-01\n", "at least one column of values beside 'time'"),
        ("time,a,\n2012-03-01,1,2\n", "line 1: expected a name for every column, found none for column 3"),
        ("time,a,b,a\n2012-03-01,1,2,3\n", r"line 1: expected unique column names, found 'a' in columns \[2, 4\]"),
        ("time,a,b\n2012-03-01,1,x\n", "line 2, column 'b': expected a number or an empty cell, found 'x'"),
        ("time,a\n2012-03-01,1\nlater,2\n", "line 3, column 'time': expected a time such as 2012-03-01, found 'later'"),
        (",a\n0,1\n1,2\n", "line 2, column '': expected a time such as .*, found '0'"),
        ("time,sensor,speed\n2012-03-01,,2\n", "line 2, column 'sensor': expected a value, found an empty cell"),
        ("time,sensor,speed\n2012-03-01,7,fast\n", "line 2, column 'speed': expected a number .* found 'fast'"),
    ],
)
def test_the_error_names_line_and_column(text: str, error: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=error):
        read(tmp_path, text)


@pytest.mark.parametrize(
    "first",
    ["64.375,67.625,-1.5", "64.375,67.125.1,59.625", "65,64,65", "2012-03-01 00:00,64,65", "64.5,,61.0", ".5,1,2"],
)
def test_a_first_row_of_data_is_not_taken_for_ids(first: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 1: .*first row looks like data, .*header=False"):
        read(tmp_path, f"{first}\n{first}\n")


@pytest.mark.parametrize("first", ["773869,767541", "007,7", "A1,A2", "0,1", "time,1.5,2.5", "km 1.5,km 2.5", "1.5a,2"])
def test_ids_are_not_taken_for_data(first: str, tmp_path: Path) -> None:
    body = "2012-03-01,1,2" if first.count(",") == 2 else "1,2"
    assert read(tmp_path, f"{first}\n{body}\n") == [[1, 2]]


def test_a_file_without_header_is_read_whole(tmp_path: Path) -> None:
    assert read(tmp_path, "64.375,67.5\n62.5,68\n", header=False) == [[64.375, 67.5], [62.5, 68]]
    assert read(tmp_path, "2012-03-01 00:00,64\n2012-03-01 00:05,65\n", header=False) == [[64], [65]]
    assert read(tmp_path, "29.02.2012,64\n01.03.2012,65\n", header=False) == [[64], [65]]


def test_a_number_that_was_renamed_as_a_repeated_column_is_itself_again(tmp_path: Path) -> None:
    assert read(tmp_path, "67.125,67.125.1,65.0.12\n1,2,3\n", header=False)[0] == [67.125, 67.125, 65]


@pytest.mark.parametrize("cell", ["1_0", "1_000.5", "١٢", "６０", "0x1F", "1,5.5", "1e", "1.5 mph", "½"])
def test_what_python_alone_takes_for_a_number_is_none(cell: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 2, column 'b': expected a number or an empty cell, found"):
        read(tmp_path, f'a,b\n1,"{cell}"\n')


def test_spaces_around_a_number_mean_nothing_also_beside_other_scripts(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b,c\n 1.5,2\u00a0,+3e1 \n") == [[1.5, 2, 30]]


def test_words_for_nothing_are_empty_cells(tmp_path: Path) -> None:
    cells = read(tmp_path, "a,b,c,d,e,f\n,NaN,NA,null, ,None\n")
    assert np.isnan(cells).all()


def test_only_the_wanted_columns_of_a_long_table_need_be_numbers(tmp_path: Path) -> None:
    text = "time,sensor,lane,speed\n2012-03-01,007,ML,60\n"
    assert read(tmp_path, text, channels=("speed",)) == [["2012-03-01", "007", 60]]
