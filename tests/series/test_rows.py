from pathlib import Path

import numpy as np
import pytest

from stgraph.errors import DataError
from stgraph.series import rows
from stgraph.series.rows import is_long_file, long_rows

LONG = "time,sensor,speed,flow\n2012-03-01 00:00,a,60,1\n2012-03-01 00:00,b,,2\n2012-03-01 00:05,a,0,3\n"
STACKED = "time,sensor,channel,value,unit\n2012-03-01 00:00,a,speed,60,mph\n2012-03-01 00:00,a,flow,2,veh/h\n"


@pytest.mark.parametrize("size", [1, 2, 100])
def test_rows_come_in_pieces_with_their_lines(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "AT_ONCE", size)
    (tmp_path / "a.csv").write_text(LONG)
    pieces = list(long_rows(tmp_path / "a.csv", missing=[0]))
    assert [len(piece.lines) for piece in pieces] == {1: [1, 1, 1], 2: [2, 1], 100: [3]}[size]
    assert [k for piece in pieces for k in piece.lines] == [2, 3, 4]
    assert [name for piece in pieces for name in piece.sensors] == ["a", "b", "a"]
    values = np.concatenate([piece.values for piece in pieces])
    np.testing.assert_array_equal(values, np.array([[60, 1], [np.nan, 2], [np.nan, 3]], dtype=np.float32))
    assert {piece.columns for piece in pieces} == {("speed", "flow")}


def test_rows_that_name_their_channels(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(STACKED)
    (piece,) = long_rows(tmp_path / "a.csv")
    assert (piece.columns, dict(piece.units)) == ((), {"speed": "mph", "flow": "veh/h"})
    assert piece.channels is not None
    assert piece.channels.tolist() == ["speed", "flow"]


def test_only_a_long_header_is_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LONG)
    (tmp_path / "b.csv").write_text("time,773869\n2012-03-01,60\n")
    assert is_long_file(tmp_path / "a.csv")
    assert not is_long_file(tmp_path / "b.csv")


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_decimal_comma_far_down_lets_the_file_begin_again(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "AT_ONCE", size)
    path = tmp_path / "a.csv"
    path.write_text("MZ;DET;q\n2012-03-01 00:00;a;1.234\n2012-03-01 00:05;a;2\n2012-03-01 00:10;a;0,5\n")
    pieces = list(long_rows(path, columns={"time": "MZ", "sensor": "DET", "flow": "q"}))
    begins = max(k for k, piece in enumerate(pieces) if piece.anew or k == 0)
    assert sum(piece.anew for piece in pieces) == (size < 100)
    assert np.concatenate([piece.values for piece in pieces[begins:]]).ravel().tolist() == [1234, 2, 0.5]
    assert [k for piece in pieces[begins:] for k in piece.lines] == [2, 3, 4]


def test_columns_are_known_by_their_names_and_say_their_units(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Zeit;Station;Geschwindigkeit [km/h];Spur\n2012-03-01;7;80;1\n")
    (piece,) = long_rows(path)
    assert (piece.columns, piece.units) == (("speed",), frozenset({("speed", "km/h")}))
    assert piece.notes == ("columns that are not read: 'Spur'; --column CHANNEL=NAME takes one",)


@pytest.mark.parametrize(
    ("text", "channels", "words"),
    [
        (LONG.replace(",b,", ",,"), (), r"line 3, column 'sensor': expected a value, found an empty cell"),
        (LONG.replace("60", "x"), (), r"line 2, column 'speed': expected a number .* found 'x'"),
        (LONG.replace("60", "1e99"), (), r"line 2, column 'speed': expected a finite number"),
        (LONG, ("speed", "occupancy"), r"line 1: expected one column 'occupancy'"),
        (LONG, ("sensor",), r"line 1: expected channels beside the columns \['time', 'sensor'\]"),
        ("time,sensor\n2012-03-01,a\n", (), r"expected a column of values beside \['time', 'sensor'\]"),
        (LONG.replace("flow", "station"), (), r"line 1: columns \['sensor', 'station'\] may all be the sensor"),
    ],
)
def test_a_mistake_is_named_by_its_line(text: str, channels: tuple[str, ...], words: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=rf"a\.csv, .*{words}"):
        list(long_rows(tmp_path / "a.csv", channels=channels))
