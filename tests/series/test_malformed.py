"""Tables as people send them, and as accidents leave them: read right, or refused by file and place."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series import TrafficSeries, read_series

FILES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
TIMES = pd.date_range("2012-03-13 10:00", periods=5, freq="5min")
SENSORS = ["773869", "007", "A north"]
VALUES = np.array([[61.5, 1.25, 0], [1234.5, 2.25, 1], [60, np.nan, 2], [59.5, 4.25, 1234567], [58.5, 5.25, np.nan]])
TRUE = {(time, name): VALUES[t, n] for t, time in enumerate(TIMES) for n, name in enumerate(SENSORS)}


@dataclass(frozen=True)
class Dialect:
    """How one and the same table may be written."""

    long: bool = False
    delimiter: str = ","
    comma: bool = False
    apart: bool = False
    quote: bool = False
    end: str = "\n"
    mark: bool = False
    hole: str = ""
    blank: int = 0
    clock: str = "%Y-%m-%d %H:%M:%S"
    order: tuple[int, ...] = (0, 1, 2, 3)

    def number(self, value: float) -> str:
        if np.isnan(value):
            return self.hole
        text = f"{value:,.2f}" if self.apart else f"{value:.2f}"
        return text.translate(str.maketrans(",.", ".,")) if self.comma else text

    def table(self) -> list[list[str]]:
        stamps = [time.strftime(self.clock) for time in TIMES]
        if self.long:
            rows = [[t, s, self.number(VALUES[k, n]), "x"] for k, t in enumerate(stamps) for n, s in enumerate(SENSORS)]
            rows = [["Zeitstempel", "Messstelle", "Geschwindigkeit", "Spur"], *rows]
        else:
            rows = [["time", *SENSORS]]
            rows += [[t, *(self.number(value) for value in VALUES[k])] for k, t in enumerate(stamps)]
        return [[row[k] for k in self.order] for row in rows]

    def bytes(self) -> bytes:
        file = io.StringIO()
        for row in self.table():
            quoted = [f'"{cell}"' if self.quote or self.delimiter in cell else cell for cell in row]
            file.write(self.delimiter.join(quoted) + self.end)
        return ("\ufeff" * self.mark + file.getvalue() + self.end * self.blank).encode()


DIALECTS = st.builds(
    Dialect,
    long=st.booleans(),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    comma=st.booleans(),
    apart=st.booleans(),
    quote=st.booleans(),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.booleans(),
    hole=st.sampled_from(["", "NA", "-", "null", "NaN", "n/a", "#N/A", "--", " "]),
    blank=st.integers(0, 2),
    clock=st.sampled_from(
        ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M", "%d-%m-%Y %H:%M"]
    ),
    order=st.permutations(range(4)).map(tuple),
)


def wrong(read: TrafficSeries) -> list[tuple[pd.Timestamp, str]]:
    """Where a series says anything else than the true one of a time and sensor that this has; a hole says nothing."""
    places = [(t, n) for t in range(len(read)) for n in range(len(read.sensors)) if read.observed[t, n, 0]]
    cells = {(pd.Timestamp(read.times[t]), read.sensors[n]): read.values[t, n, 0] for t, n in places}
    return [place for place, value in cells.items() if place in TRUE and np.float32(TRUE[place]) != value]


@FILES
@given(DIALECTS)
def test_one_table_in_any_dialect_is_one_series(tmp_path: Path, dialect: Dialect) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(dialect.bytes())
    read = read_series(path).select(sensors=tuple(SENSORS))
    assert (pd.DatetimeIndex(read.times) == TIMES).all()
    assert not wrong(read)
    assert int(read.observed.sum()) == np.isfinite(VALUES).sum()


def outcome(path: Path) -> TrafficSeries | None:
    """The series, or None where the file is refused by its name."""
    try:
        return read_series(path)
    except DataError as error:
        assert str(error).startswith(str(path))  # noqa: PT017 - either outcome is right
        return None


@FILES
@given(DIALECTS, st.integers(0, 600))
def test_a_file_that_was_cut_says_nothing_wrong_but_in_its_last_row(
    tmp_path: Path, dialect: Dialect, length: int
) -> None:
    content = dialect.bytes()
    assume(length < len(content))
    path = tmp_path / "a.csv"
    path.write_bytes(content[:length])
    read = outcome(path)
    if read is not None:
        last = pd.Timestamp(read.times[-1])  # its last number may have been cut
        assert len({name for time, name in wrong(read) if time == last}) <= 1
        assert all(time == last for time, _ in wrong(read))


@FILES
@given(DIALECTS, st.integers(0, 5), st.integers(0, 3), st.sampled_from(["drop", "insert", "repeat"]))
def test_a_row_that_lost_or_gained_a_cell_is_refused_by_its_line(
    tmp_path: Path, dialect: Dialect, row: int, cell: int, damage: str
) -> None:
    rows = dialect.table()
    cells = rows[row]
    put = {"drop": [], "insert": ["9.25", cells[cell]], "repeat": [cells[cell]] * 2}[damage]
    rows[row] = [*cells[:cell], *put, *cells[cell + 1 :]]
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=dialect.delimiter).writerows(rows)
    with pytest.raises(DataError) as caught:
        read_series(path)
    assert str(caught.value).startswith(f"{path}, line ")
    if row > 1:  # the first two rows tell the delimiter
        words = f"{path}, line {row + 1}: expected 4 cells as in the first row, found {len(rows[row])}"
        assert str(caught.value) == words


@FILES
@given(
    DIALECTS,
    st.integers(0, 600),
    st.sampled_from([b"\x00", b"\x07", b"\xff", b"\xef\xbb\xbf", b"x", b"\xc3", b"?", b'"']),
)
def test_a_stray_byte_is_refused_or_changes_no_other_cell(
    tmp_path: Path, dialect: Dialect, place: int, stray: bytes
) -> None:
    content = dialect.bytes()
    path = tmp_path / "a.csv"
    path.write_bytes(content[:place] + stray + content[place:])
    read = outcome(path)
    if read is not None:
        assert not wrong(read)
        assert len(set(read.sensors) - set(SENSORS)) <= 1


@FILES
@given(DIALECTS, st.integers(0, 3), st.integers(0, 3))
def test_cells_of_two_kinds_that_changed_places_are_refused(
    tmp_path: Path, dialect: Dialect, one: int, other: int
) -> None:
    """Below a header that did not change; of two columns of one kind nobody can tell."""
    kinds = ["time", "sensor", "number", "lane"] if dialect.long else ["time", "number", "number", "number"]
    kinds = [kinds[k] for k in dialect.order]
    assume(kinds[one] != kinds[other])
    head, *body = dialect.table()
    places = list(range(4))
    places[one], places[other] = other, one
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=dialect.delimiter).writerows([head, *([row[k] for k in places] for row in body)])
    assert outcome(path) is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("time,a,b,a\n2012-03-01,1,2,3\n", r", line 1: expected unique column names, found 'a' in columns \[2, 4\]"),
        ("time,a\n2012-03-01,1\n\n2012-03-02,1\n", ", line 3: expected a row, found a blank line"),
        (
            "time,a\n40969,1\n40970,2\n",
            ", line 2, column 'time': .* '40969' .a date that a spreadsheet wrote as a number",
        ),
        ("time;a\n40969,25;1\n40969,5;2\n", ", line 2, column 'time': .* '40969,25' .a date that a spreadsheet"),
        ("time;a\n2012-03-01;1,5\n2012-03-02;1.5\n", ", line 3, column 'a': found '1.5', but '1,5' above it"),
        ("time;a\n2012-03-01;1,500\n2012-03-02;2,500\n", ", line 2, column 'a': '1,500' may be a number with decimals"),
        ("time,a\u200b\n2012-03-01,1\n", r", line 1, column 2: expected text, found the character '\\u200b'"),
        ("time,sensor,v\n2012-03-01,7,1\n2012-03-02,7\ufeff,1\n", r", line 3, column 'sensor': .* '\\ufeff'"),
        ("61,5;62,5\n61,5;62,5\n", ", line 1: expected a header with sensor ids, but the first row looks like data"),
        ("Zählstellen 2012\ntime;a\n2012-03-01;1\n", ", line 2: expected 1 cells as in the first row, found 2"),
    ],
)
def test_known_accidents_are_named_by_their_place(text: str, error: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=rf"a\.csv{error}"):
        read_series(tmp_path / "a.csv")
