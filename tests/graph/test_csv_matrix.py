from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from stgraph.errors import DataError
from stgraph.graph.csv_matrix import has_label, read_csv_matrix

SQUARES = st.integers(1, 5).flatmap(
    lambda n: npst.arrays(np.float64, (n, n), elements=st.floats(0, allow_infinity=False))
)


@given(SQUARES, st.booleans())
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, matrix: np.ndarray, labelled: bool) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    names = [f"{i}" for i in range(773, 773 + len(matrix))]
    rows = [",".join(map(repr, row)) for row in matrix.tolist()]
    if labelled:
        rows = [",".join(["", *names]), *(f"{name},{row}" for name, row in zip(names, rows, strict=True))]
    path.write_text("\r\n".join(rows))
    labels, found = read_csv_matrix(path)
    assert labels == (tuple(names) if labelled else None)
    assert has_label(path) == labelled
    np.testing.assert_array_equal(found, matrix)


@pytest.mark.parametrize("text", ["\ufeff0,1\n2,3", "0 , 1\n2, 3\n\n", '"0","1"\n\n"2","3"\n', "0,1\r2,3"])
def test_bom_spaces_quotes_and_blank_lines_do_not_matter(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    labels, found = read_csv_matrix(path)
    assert labels is None
    np.testing.assert_array_equal(found, [[0, 1], [2, 3]])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found no row of numbers"),
        ("\n\n", "found no row of numbers"),
        (",a,b\n", "found no row of numbers"),
        ("0,1\n0\n", "row 2: expected 2 columns as in the first row, found 1"),
        ("0,1\n0,x\n", "row 2, column 2: expected a number, found 'x'"),
        ("0,1\n0,\n", "row 2, column 2: expected a number, found ''"),
        ("0,1\n0,1_0\n", "row 2, column 2: expected a number, found '1_0'"),
        ("0,1\n½,1\n".encode().decode("latin-1"), "row 2, column 1: expected a number, found '½'"),
        ("0,1\n٣,1\n".encode().decode("latin-1"), "row 2, column 1: expected a number, found '٣'"),
        ("0;1\n0;1\n", "row 1: expected cells cut at commas, found '0;1' alone"),
        (",a,b\na,0,x\nb,0,0", "row 2, column 3: expected a number, found 'x'"),
        (",a,b\nb,0,0\na,0,0", "row 2: expected the label 'a', as its column has, found 'b'"),
        (",a\na,0\nb,0", "row 3: expected no more rows than columns, found 'b'"),
        ("from,to,cost\n1,2,3", "row 2: expected the label 'to', .* read with from_edges or from_distances"),
        ("\xff0,1", "expected CSV in UTF-8"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=rf"a\.csv: .*{words}"):
        read_csv_matrix(path)


PIECES = [*"\0,;\t\r\n\"' _-.09a\ufeff\x85é١", ",a,b\n", "\na,", "nan", "1e400", "1_0", "9" * 5000]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(
    st.one_of(st.binary(max_size=99), st.lists(st.sampled_from(PIECES), max_size=20).map(lambda x: "".join(x).encode()))
)
def test_any_bytes_are_a_matrix_or_an_error_of_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    try:
        labels, matrix = read_csv_matrix(path)
    except DataError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017 - either outcome is right
    else:
        assert matrix.ndim == 2
        assert labels is None or len(labels) == matrix.shape[1]


@given(SQUARES, st.data())
def test_a_corrupted_cell_is_named_by_row_and_column(
    tmp_path_factory: pytest.TempPathFactory, matrix: np.ndarray, data: st.DataObject
) -> None:
    row, column = (data.draw(st.integers(0, len(matrix) - 1)) for _ in range(2))
    cells = [list(map(repr, line)) for line in matrix.tolist()]
    cells[row][column] = data.draw(st.sampled_from(["", "x", "1_0", "0x1", "1 2", "٣", "1.5 km"]))
    names = [f"s{k}" for k in range(len(matrix))]
    lines = [",".join(["", *names]), *(",".join([name, *line]) for name, line in zip(names, cells, strict=True))]
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(DataError, match=f"row {row + 2}, column {column + 2}: expected a number, found"):
        read_csv_matrix(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for read in (read_csv_matrix, has_label):
        with pytest.raises(DataError, match=r"none\.csv: cannot be read \(No such file"):
            read(tmp_path / "none.csv")
