"""Where sensors are, from a table in a file, as metres on a plane."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.graph.columns import find_column, places_of, to_numbers
from stgraph.graph.sphere import equirectangular
from stgraph.graph.tables import LATITUDE, LONGITUDE, naming, read_positions, read_table, row_of_each

METRES = ("x", "y")


def read_places(path: str | Path, sensors: Iterable[str]) -> NDArray[np.float64]:
    """Read where sensors are: the (N, 2) metres of each to the east and to the north.

    Args:
        path: a table as `read_positions` takes it, whose degrees are projected by `equirectangular`; or with `x` and
            `y` in metres in their place.
        sensors: N ids, in the order wanted.

    Raises:
        DataError: see `read_positions`.
        UnknownNameError: `sensors` that the file does not have.
    """
    table = read_table(path)
    columns = {name.lower() for name in table.columns}
    if columns & {*LONGITUDE, *LATITUDE} or not set(METRES) <= columns:
        return equirectangular(read_positions(path, sensors)[1])
    with naming(path):
        rows = row_of_each(table, "positions", sensors)
        table = table.iloc[list(rows.values())]
        axes = [find_column(table, (axis,), "positions") for axis in METRES]
        metres = [to_numbers(table[axis].tolist(), f"column {axis!r}", places_of(table)) for axis in axes]
        places = np.stack(metres, axis=1)
        bad = [name for name, place in zip(rows, places, strict=True) if not np.isfinite(place).all()]
        if bad:
            message = f"positions: expected finite numbers, found others for {bad[:5]}"
            raise DataError(message)
        return places
