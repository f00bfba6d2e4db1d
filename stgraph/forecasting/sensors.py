"""The sensors that a file names: a list of ids, or a series, whatever its form."""

from itertools import islice
from pathlib import Path

from stgraph.delimited import rows
from stgraph.errors import DataError
from stgraph.graph import read_ids
from stgraph.series import read_series
from stgraph.series.hdf import HDF_ENDINGS
from stgraph.series.times import is_time


def read_sensors(path: Path) -> tuple[str, ...]:
    """Return the ids in a list, or the sensors of a series, in their order.

    Text is a list of ids, unless its second row holds a time: then it is a table of measured values.

    Raises:
        DataError: the file cannot be read, or is neither; names the place in it.
    """
    a_series = path.is_dir() or path.suffix in {".npz", ".parquet", *HDF_ENDINGS} or _has_times(path)
    return read_series(path).sensors if a_series else read_ids(path)


def _has_times(path: Path) -> bool:
    try:
        _, cells = next(islice(rows(path), 1, None), (0, []))
    except DataError:  # a list may have rows of any length; whoever reads it will say what else is wrong
        return False
    return any(is_time(cell) for cell in cells)
