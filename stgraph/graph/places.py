"""Where sensors are, from a table in a file, as metres on a plane."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError, MismatchError
from stgraph.graph.sensor_graph import checked_positions
from stgraph.graph.sphere import equirectangular

SENSOR = ("sensor", "sensor_id", "station", "station_id", "id", "detector", "segment", "name")
DEGREES = (("longitude", "lon", "lng"), ("latitude", "lat"))
METRES = (("x",), ("y",))
Rows = list[dict[str, str]]


def read_places(path: str | Path, sensors: Sequence[str]) -> NDArray[np.float64]:
    """Read where sensors are: the (N, 2) metres of each to the east and to the north.

    Args:
        path: CSV with a header: `sensor`, `sensor_id`, `station`, `id` or the like, and either `longitude` and
            `latitude` (or `lon` and `lat`) in degrees, projected by `equirectangular`, or `x` and `y` in metres. Other
            columns are left alone, and so are rows of other sensors.
        sensors: N ids, in the order wanted.

    Raises:
        DataError: names the file, and the line or sensor, of a missing column, a sensor that stands there twice, a cell
            that is not a number or a position that cannot be.
        MismatchError: `sensors` that the file does not have.
    """
    file = Path(path)
    header, rows = _rows(file)
    axes = next((found for pair in (DEGREES, METRES) if (found := _columns(header, pair))), None)
    name = _columns(header, (SENSOR,))
    if name is None or axes is None:
        message = f"{file}: expected a header with sensor, longitude and latitude, or sensor, x and y, found {header}"
        raise DataError(message)
    places = _place_of_each(file, rows, name[0], axes)
    missing = [sensor for sensor in sensors if sensor not in places]
    if missing:
        message = f"{file}: expected a row for each of {len(sensors)} sensors, found none for {missing[:5]}"
        raise MismatchError(message)
    table = np.array([places[sensor] for sensor in sensors], dtype=np.float64).reshape(-1, 2)
    if axes == _columns(header, METRES):
        return table
    try:
        return equirectangular(checked_positions(table, tuple(sensors)))
    except DataError as error:
        message = f"{file}: {error}"
        raise DataError(message) from error


def _rows(file: Path) -> tuple[list[str], Rows]:
    """Return the names of the columns, and the rows by these names, each with the number of its line as ""."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            header = [cell.strip().lower() for cell in next(reader, [])]
            rows = ({**dict.fromkeys(header, ""), **dict(zip(header, row, strict=False))} for row in reader if any(row))
            return header, [row | {"": str(reader.line_num)} for row in rows]
    except OSError as error:
        message = f"{file}: cannot be read ({error.strerror})"
        raise DataError(message) from error
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"{file}: expected CSV in UTF-8 ({error})"
        raise DataError(message) from error


def _columns(header: list[str], wanted: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """Return the first name of each column wanted, if the header has all of them."""
    found = [next((name for name in names if name in header), None) for names in wanted]
    return tuple(name for name in found if name is not None) if None not in found else None


def _place_of_each(file: Path, rows: Rows, name: str, axes: tuple[str, ...]) -> dict[str, list[float]]:
    places: dict[str, list[float]] = {}
    for row in rows:
        sensor = row[name].strip()
        if sensor in places:
            message = f"{file}, line {row['']}: expected every sensor once, found {sensor!r} again"
            raise DataError(message)
        places[sensor] = [_number(file, row, axis) for axis in axes]
    return places


def _number(file: Path, row: dict[str, str], column: str) -> float:
    try:
        number = float(row[column])
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        message = f"{file}, line {row['']}, column {column!r}: expected a number, found {row[column]!r}"
        raise DataError(message)
    return number
