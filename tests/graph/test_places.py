from pathlib import Path

import numpy as np
import pytest

from stgraph.errors import DataError, UnknownNameError
from stgraph.graph import equirectangular, read_places

METR_LA = "index,sensor_id,latitude,longitude\n0,773869,34.15497,-118.31829\n1,767541,34.11621,-118.23799\n"


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "sensors.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_degrees_are_projected_in_the_order_asked_for(tmp_path: Path) -> None:
    places = read_places(write(tmp_path, METR_LA), ("767541", "773869"))
    assert np.array_equal(places, equirectangular(np.array([[-118.23799, 34.11621], [-118.31829, 34.15497]])))
    (east, south), (west, north) = places
    assert east > west
    assert north > south


@pytest.mark.parametrize("header", ["sensor,x,y,lanes", "ID, X ,Y,lanes", "\ufeffstation,x,y,lanes"])
def test_metres_are_taken_as_they_are_and_other_rows_and_columns_left_alone(tmp_path: Path, header: str) -> None:
    text = f"{header}\nb,-3.5,1e3,4\nz,0,nowhere,2\n a ,121000,487000,2\n"
    assert read_places(write(tmp_path, text), ("a", "b")).tolist() == [[121000, 487000], [-3.5, 1000]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected a table, found an empty file"),
        ("sensor,longitude\na,4\nb,5\n", r"expected a column named latitude or lat, found \['sensor', 'longitude'\]"),
        ("sensor,x,longitude,y\na,1,4,2\nb,1,4,2\n", "expected a column named latitude or lat"),
        ("x,y\n1,2\n", "expected a column named sensor or"),
        ("sensor,lane\na,1\nb,1\n", "expected a column named longitude or lon"),
        ("sensor,x,y\na,1,2\na,3,4\n", "line 3: expected every sensor once, found 'a' as in line 2"),
        ("sensor,x,y\na,1,two\nb,1,1\n", "column 'y': line 2: expected .*number.*, found 'two'"),
        ("sensor,x,y\na,1,nan\nb,1,1\n", r"positions: expected finite numbers, found others for \['a'\]"),
        ("sensor,x,y\na,1\n", "line 2: expected 3 cells as in the first row, found 2"),
        ("sensor,lon,lat\na,4,52\nb,4,91\n", r"sensors.csv: positions: .*found \[4.0, 91.0\] for sensor b"),
        (b"sensor,x,y\n\xff,1,2\n", "sensors.csv: expected text in UTF-8, found the byte 0xff"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_places(write(tmp_path, text), ("a", "b"))


def test_missing_sensors_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"each of 2 sensors, found none for 1 of them \['9'\]"):
        read_places(write(tmp_path, METR_LA), ("767541", "9"))
    with pytest.raises(DataError, match=r"nowhere.csv: cannot be read"):
        read_places(tmp_path / "nowhere.csv", ("a",))
