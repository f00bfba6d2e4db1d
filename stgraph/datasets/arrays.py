"""Named arrays of an NPZ archive, checked for what a reader expects."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.graph.adjacency import UNREADABLE


def read_arrays(path: Path, axes: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """Return the numeric arrays of an archive that are asked for.

    Args:
        path: NPZ; Python objects in it are never loaded.
        axes: how many axes each array must have.

    Raises:
        DataError: the file cannot be read, an array is not there, or has other axes or no numbers.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            there = sorted(archive.files)
            found = {name: archive[name] for name in axes if name in there}
    except (*UNREADABLE, AttributeError) as error:
        message = f"{path}: cannot be read as an archive of arrays ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error
    for name, count in axes.items():
        if name not in found:
            message = f"{path}: expected the array {name!r}, found {there}"
            raise DataError(message)
        array = found[name]
        if array.ndim != count or array.dtype.kind not in "iuf":
            message = f"{path}, array {name!r}: expected numbers on {count} axes, found {array.dtype} {array.shape}"
            raise DataError(message)
    return found
