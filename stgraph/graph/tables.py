"""Tables in files: rows under named columns, the positions of sensors, and lists of ids."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stgraph.delimited import rows
from stgraph.errors import DataError, StgraphError, UnknownNameError
from stgraph.files import is_number
from stgraph.graph.columns import find_column, places_of, spell, to_numbers
from stgraph.graph.sensor_graph import checked_positions

if TYPE_CHECKING:
    import pandas as pd

SENSOR = ("sensor", "sensor_id", "station", "station_id", "id", "detector", "segment", "name")
LONGITUDE, LATITUDE = ("longitude", "lon", "lng"), ("latitude", "lat")


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Begin the message of every error inside with the file that it is about.

    >>> with naming("edges.csv"):
    ...     raise DataError("line 7: expected a number")
    Traceback (most recent call last):
    stgraph.errors.DataError: edges.csv: line 7: expected a number
    """
    try:
        yield
    except StgraphError as error:
        message = f"{path}: {error}"
        raise type(error)(message) from error


def read_table(path: str | Path, *, names: Sequence[str] = ()) -> "pd.DataFrame":
    """Read delimited text, plain or gzip: cells as text, columns by their names, rows by their lines in the file.

    Args:
        path: cut at commas, semicolons, tabs or bars, whichever fits.
        names: what to call the columns of a file without a header, whose first row ends in a number.

    Raises:
        DataError: the file cannot be read, a row has more or fewer cells than the first, a column has no header or
            that of another.
    """
    import pandas as pd  # noqa: PLC0415 - a third of a second that a graph of arrays does not need

    (line, first), *body = ((line, [cell.strip() for cell in cells]) for line, cells in rows(Path(path)))
    if is_number(first[-1]):
        if len(first) > len(names):
            message = f"{path}, line {line}: expected a header that names the columns, found {', '.join(first[:5])}"
            raise DataError(message)
        body = [(line, first), *body]
        first = list(names[: len(first)])
    repeated = [name for name, count in Counter(first).items() if count > 1]
    if repeated:
        message = f"{path}, line {line}: expected each column under a name of its own, found {repeated[0]!r} twice"
        raise DataError(message)
    index = pd.Index([line for line, _ in body], name="line")
    return pd.DataFrame([cells for _, cells in body], index=index, columns=first, dtype=str)


def read_positions(path: str | Path, ids: Iterable[str] | None = None) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Read where sensors are, such as METR-LA's ``graph_sensor_locations.csv`` or PeMS's station metadata.

    Args:
        path: delimited text with a header: `sensor`, `sensor_id`, `station`, `id` or the like, `longitude` or `lon`,
            `latitude` or `lat`; other columns are left alone.
        ids: the sensors wanted, in this order; all, as they stand in the file, where None.

    Returns:
        N sensor ids, and (N, 2) their longitudes and latitudes in degrees.

    Raises:
        DataError: names the file and the line or sensor of a missing column, a sensor that stands there twice, a cell
            that is not a number or a position that cannot be.
        UnknownNameError: `ids` that the file does not have.
    """
    table = read_table(path)
    with naming(path):
        names = row_of_each(table, "positions", ids)
        table = table.iloc[list(names.values())]
        axes = [find_column(table, choices, "positions") for choices in (LONGITUDE, LATITUDE)]
        columns = [to_numbers(table[axis].tolist(), f"column {axis!r}", places_of(table)) for axis in axes]
        return tuple(names), checked_positions(np.stack(columns, axis=1), tuple(names))


def row_of_each(table: "pd.DataFrame", name: str, ids: Iterable[str] | None = None) -> dict[str, int]:
    """Return the number of the one row of each sensor, from 0: of those wanted, in that order, or of all.

    Args:
        table: with a column of ids, `sensor` or the like.
        name: what to call the table in an error.
        ids: the sensors wanted; all, as they stand in the table, where None.

    Raises:
        DataError: there is no such column, or a sensor stands in two rows.
        UnknownNameError: names the ids that the table does not have.
    """
    places = places_of(table)
    found: dict[str, int] = {}
    for row, sensor in enumerate(map(spell, table[find_column(table, SENSOR, name)])):
        if sensor in found:
            message = (
                f"{name}: {places[row]}: expected every sensor once, found {sensor!r} as in {places[found[sensor]]}"
            )
            raise DataError(message)
        found[sensor] = row
    wanted = list(found) if ids is None else [str(sensor) for sensor in ids]
    missing = [sensor for sensor in wanted if sensor not in found]
    if missing:
        message = (
            f"{name}: expected a row for each of {len(wanted)} sensors, found none for {len(missing)} of them "
            f"{missing[:5]}; the table has {list(found)[:5]}{', ...' if len(found) > 5 else ''}"
        )
        raise UnknownNameError(message)
    return {sensor: found[sensor] for sensor in wanted}


def read_ids(path: str | Path) -> tuple[str, ...]:
    """Read sensor ids from a text file, between commas or one a line, such as METR-LA's ``graph_sensor_ids.txt``.

    Raises:
        DataError: the file cannot be read, has no id, or has one twice.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error
    ids = tuple(name.strip() for name in re.split(r"[,;\t\n]", text) if name.strip())
    repeated = [name for name, count in Counter(ids).items() if count > 1]
    if repeated or not ids:
        found = f"{repeated[0]!r} more than once" if repeated else "none"
        message = f"{path}: expected sensor ids between commas or one a line, each once, found {found}"
        raise DataError(message)
    return ids
