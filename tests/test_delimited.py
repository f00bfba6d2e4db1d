import gzip
from pathlib import Path

import pytest

from stgraph.delimited import rows
from stgraph.errors import DataError


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_delimiter_is_found(delimiter: str, end: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [delimiter.join(cells) for cells in (["time", "a", "b"], ["2012-03-01 00:00", "1", ""])]
    path.write_bytes((end.join(lines) + end).encode())
    assert list(rows(path)) == [(1, ["time", "a", "b"]), (2, ["2012-03-01 00:00", "1", ""])]


def test_names_may_hold_other_delimiters(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('time;"a, north";"b;c"\n2012-03-01;1,5;2,5\n')
    assert list(rows(path)) == [(1, ["time", "a, north", "b;c"]), (2, ["2012-03-01", "1,5", "2,5"])]


def test_gzip_and_a_byte_order_mark_make_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress("\ufefftime,a\n2012-03-01,1\n".encode()))
    assert list(rows(path)) == [(1, ["time", "a"]), (2, ["2012-03-01", "1"])]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "found an empty file"),
        (b"\n\n", "found an empty file"),
        (b"t,a,b\n1,2,3\n1,2\n", "line 3: expected 3 cells as in the first row, found 2"),
        (b"t,a,b\n1,2,3,4\n", "line 2: expected 3 cells as in the first row, found 4"),
        (b"t,a\n1,2\n\n1,2\n", "line 3: expected a row, found a blank line"),
        (b"t,a\n1,\xff\n", "expected text in UTF-8, found the byte 0xff"),
        (b't,a\n1,"2"3\n', "line 2: .*expected after"),
        (b't,a\n1,"2\n', "line 2: unexpected end of data"),
        (b"t,a\n1,\0\n", "expected text in UTF-8, found a zero byte"),
        ("t,a\n1,2\n".encode("utf-16-be"), "found a zero byte: a binary file, or text in UTF-16"),
        (b"t," + b"9" * 200_000, "expected delimited text .field larger than field limit"),
        (b"t,a\n1,2\n1," + b"9" * 200_000, "line 3: field larger than field limit"),
    ],
    ids=lambda value: repr(value)[-40:],
)
def test_the_error_names_the_file_and_line(content: bytes, error: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"a\.csv.*{error}"):
        list(rows(path))


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "a.csv.gz"
    for content in (b"time,a\n", gzip.compress(b"time,a\n" * 99)[:-20]):
        damaged.write_bytes(content)
        with pytest.raises(DataError, match="cannot be read"):
            list(rows(damaged))
    for absent in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            list(rows(absent))


def test_a_blank_end_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,a\n1,2\n\n\n")
    assert len(list(rows(path))) == 2
