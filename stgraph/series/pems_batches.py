"""Station files of the Caltrans Performance Measurement System (PeMS), some rows at a time, as columns.

The Data Clearinghouse of PeMS (https://pems.dot.ca.gov/?dnode=Clearinghouse, "Station 5-Minute") gives one file a
district and day, ``d07_text_station_5min_2025_10_08.txt.gz``: comma-separated text without a header. A row is a station
in the 5 minutes that begin at its timestamp, ``MM/DD/YYYY HH24:MI:SS``, local time: timestamp, station, district,
freeway, direction of travel (N, S, E, W), lane type, station length [miles], samples, % observed, total flow
[veh/5 min], average occupancy (0 to 1), average speed [mph]; then samples, flow, occupancy, speed and observed of each
lane, which are not read. As Parquet it has the first 12 columns, by the names in `COLUMNS`.
"""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stgraph.delimited import rows
from stgraph.errors import DataError
from stgraph.files import is_number

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = (
    *("Timestamp", "Station", "District", "Freeway", "Direction", "LaneType", "StationLength", "Samples"),
    *("PctObserved", "TotalFlow", "AvgOccupancy", "AvgSpeed"),
)
TEXTS, WHOLE = ("Station", "Direction", "LaneType"), ("Freeway",)
DECIMAL = ("PctObserved", "TotalFlow", "AvgOccupancy", "AvgSpeed")
LANE_TYPES = {
    "ML": "mainline",
    "HV": "high occupancy vehicle lane",
    "OR": "on ramp",
    "FR": "off ramp",
    "FF": "connector of freeways",
    "CD": "collector, distributor",
    "CH": "conventional highway",
}
AT_ONCE = 2**20
"""Bytes of text in a batch; one of Parquet has 2^16 rows, one whole row group is in memory."""
_ROW = re.compile(rf"\d\d/\d\d/\d{{4}} \d\d:\d\d:\d\d,\d+,\d+,\d+,[NSEW],(?:{'|'.join(LANE_TYPES)}),")


def is_pems(path: Path) -> bool:
    """Return whether a file is a 5-minute station file of PeMS, by its content."""
    if path.suffix == ".parquet":
        return set(COLUMNS) <= set(_names(path))
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            return _ROW.match(file.readline(200)) is not None
    except (OSError, EOFError, ValueError):  # whoever reads it will say what is wrong
        return False


def batches(path: Path) -> Iterator["pa.RecordBatch"]:
    """Yield the rows of a station file with the columns that are read, of the types that they have.

    Raises:
        DataError: a file that is damaged, or a cell that is not what its column holds; of a text names the line.
    """
    import pyarrow as pa  # noqa: PLC0415 - only what reads PeMS needs it

    try:
        yield from _parquet(path) if path.suffix == ".parquet" else _text(path)
    except (pa.ArrowException, OSError, EOFError) as error:
        if path.suffix != ".parquet":
            _name_the_fault(path)
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        message = f"{path}: cannot be read as a station file of PeMS ({reason})"
        raise DataError(message) from error


def _types() -> "dict[str, pa.DataType]":
    import pyarrow as pa  # noqa: PLC0415 - see `batches`

    texts, decimal = dict.fromkeys(TEXTS, pa.string()), dict.fromkeys(DECIMAL, pa.float64())
    return {"Timestamp": pa.string(), **texts, **dict.fromkeys(WHOLE, pa.int64()), **decimal}


def _text(path: Path) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa  # noqa: PLC0415 - see `batches`
    from pyarrow import csv  # noqa: PLC0415 - likewise

    width = len(next(rows(path))[1])
    if width < len(COLUMNS):
        message = f"{path}, line 1: expected at least {len(COLUMNS)} cells, {', '.join(COLUMNS)}, found {width}"
        raise DataError(message)
    names = [*COLUMNS, *(f"lane_{k}" for k in range(width - len(COLUMNS)))]
    types = _types()
    with pa.input_stream(str(path), compression="gzip" if path.suffix == ".gz" else None) as stream:
        yield from csv.open_csv(
            stream,
            read_options=csv.ReadOptions(column_names=names, block_size=AT_ONCE, use_threads=False),
            convert_options=csv.ConvertOptions(column_types=types, include_columns=list(types)),
            memory_pool=pa.system_memory_pool(),  # the default keeps more of what is freed with every file
        )


def _parquet(path: Path) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa  # noqa: PLC0415 - see `batches`
    from pyarrow import parquet  # noqa: PLC0415 - likewise

    types = _types()
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=list(types)):
            columns = {name: batch.column(name) for name in types}
            if not pa.types.is_timestamp(columns["Timestamp"].type):
                message = f"{path}, column 'Timestamp': expected timestamps, found {columns['Timestamp'].type}"
                raise DataError(message)
            casts = {name: column.cast(types[name]) for name, column in columns.items() if name != "Timestamp"}
            yield pa.RecordBatch.from_pydict({"Timestamp": columns["Timestamp"], **casts})


def _names(path: Path) -> list[str]:
    """Return the names of the columns of a Parquet file, none where it is not readable as one."""
    import pyarrow as pa  # noqa: PLC0415 - see `batches`
    from pyarrow import parquet  # noqa: PLC0415 - likewise

    try:
        return list(parquet.read_schema(path).names)
    except (pa.ArrowException, OSError):  # whoever reads it will say what is wrong
        return []


def _name_the_fault(path: Path) -> None:
    """Go through a text that was refused, cell by cell, and say where it is wrong."""
    places = {name: COLUMNS.index(name) for name in (*WHOLE, *DECIMAL)}
    for line, cells in rows(path):
        for name, k in places.items():
            if cells[k] and not (cells[k].isdecimal() if name in WHOLE else is_number(cells[k])):
                kind = "whole number" if name in WHOLE else "number or an empty cell"
                message = f"{path}, line {line}, column {name!r}: expected a {kind}, found {cells[k]!r}"
                raise DataError(message)
