"""A from a matrix, in memory or in a file."""

import tokenize
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError, MismatchError, StgraphError
from stgraph.graph.columns import is_table
from stgraph.graph.csv_matrix import has_label, read_csv_matrix
from stgraph.graph.pickled import read_pickled
from stgraph.graph.sensor_graph import MatrixLike, SensorGraph, as_numbers

UNREADABLE = (
    *(OSError, EOFError, ValueError, LookupError, TypeError, RuntimeError, SyntaxError),
    *(tokenize.TokenError, zipfile.BadZipFile, zlib.error),
)
"""What NumPy and SciPy raise on a damaged or foreign file."""
ENDINGS = (".csv", ".npy", ".npz", ".pkl", ".pickle")
Matrix = NDArray[np.float64] | sp.coo_array[np.float64]


def from_adjacency(
    matrix: MatrixLike, ids: Iterable[str] | None = None, positions: ArrayLike | None = None
) -> SensorGraph:
    """Build a graph from a matrix; ``matrix[i, j] > 0`` is an edge from sensor i to sensor j.

    Args:
        matrix: (N, N) finite and non-negative, dense or any SciPy sparse; the diagonal is kept.
        ids: N sensor ids; the labels of a DataFrame, else "0" to "N-1", where None.
        positions: (N, 2) longitude and latitude in degrees, or None.

    Raises:
        ShapeError: the matrix is not (N, N).
        DataError: a repeated id, a negative or non-finite entry, or a DataFrame whose rows are not labelled as its
            columns are.

    >>> from_adjacency([[0, 1], [0, 0]]).ids
    ('0', '1')
    """
    if ids is None and is_table(matrix):
        ids = [str(label) for label in matrix.columns]
        if ids != [str(label) for label in matrix.index]:
            message = f"adjacency: expected rows labelled as the columns, {ids[:5]}, found {list(matrix.index[:5])}"
            raise DataError(message)
    square: Any = matrix if sp.issparse(matrix) else as_numbers(matrix, "adjacency")
    names = ids if ids is not None else (str(i) for i in range(square.shape[0] if square.ndim else 0))
    return SensorGraph(names, square, positions)


def read_adjacency(path: str | Path, ids: Iterable[str] | None = None) -> SensorGraph:
    """Read a graph from a file; ``matrix[i, j] > 0`` is an edge from sensor i to sensor j.

    - ``.csv``: a square matrix without labels; or with labels, where the first cell is empty or text, the first row
      holds the sensor ids and the first column repeats them.
    - ``.npy``: a square array.
    - ``.npz``: what `write_adjacency` or ``scipy.sparse.save_npz`` wrote; or the array ``adjacency`` and, where it is
      labelled, ``ids``.
    - ``.pkl`` or ``.pickle``: ``[ids, id_to_index, adjacency]``, as METR-LA and PEMS-BAY are published, of Python 2 or
      3; or a square array. A pickle is read as data: nothing that it names is imported or called, and whatever is
      neither a NumPy array, a list, a dict, text nor a number is an error.

    A file without labels matches `ids` by column order; one with labels keeps its own, and `SensorGraph.align` puts
    it in the order of a series. `is_labelled` tells which it is.

    Args:
        path: the file.
        ids: N sensor ids for a file without labels; "0" to "N-1" where None.

    Raises:
        DataError: the file is missing, empty or not of these forms, its labels disagree, or a row is longer than
            the first, not a number, negative or not finite; the message names row and column, counted from 1.
        MismatchError: a file without labels that has not one row and column for each of `ids`.
    """
    file = Path(path)
    labels, matrix, positions = _read(file)
    first = 2 if labels is not None and file.suffix == ".csv" else 1
    size = " x ".join(str(n) for n in matrix.shape)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        hint = "; ids in the first row must be repeated in the first column" * (matrix.shape[0] == matrix.shape[-1] + 1)
        message = f"{file}: expected a square matrix, found {size}{hint}"
        raise DataError(message)
    if labels is None and ids is not None:
        labels = tuple(ids)
        if len(labels) != matrix.shape[0]:
            wanted = f"{len(labels)} x {len(labels)}, a row and a column for each sensor in order"
            message = f"{file}: expected {wanted}, found {size} without labels"
            raise MismatchError(message)
    _check_entries(file, matrix, first)
    try:
        return from_adjacency(matrix, labels, positions)
    except StgraphError as error:
        raise type(error)(f"{file}: {error}") from error


def is_labelled(path: str | Path) -> bool:
    """Tell whether an adjacency file holds its own sensor ids; if not, it matches a series by column order.

    Raises:
        DataError: the file cannot be read.
    """
    file = Path(path)
    return has_label(file) if file.suffix == ".csv" else _read(file)[0] is not None


def _read(file: Path) -> tuple[tuple[str, ...] | None, Matrix, NDArray[np.float64] | None]:
    """Return the ids, the matrix and the positions of a file; None is what it does not have."""
    if file.suffix not in ENDINGS:
        message = f"{file}: expected a name ending in {', '.join(ENDINGS)}"
        raise DataError(message)
    labels: tuple[str, ...] | None
    matrix: Matrix
    positions: NDArray[np.float64] | None
    if file.suffix == ".csv":
        (labels, matrix), positions = read_csv_matrix(file), None
    elif file.suffix in {".pkl", ".pickle"}:
        (labels, matrix), positions = read_pickled(file), None
    else:
        labels, matrix, positions = _read_numpy(file)
    if matrix.dtype.kind not in "biuf":
        message = f"{file}: expected an array of numbers, found {matrix.dtype}"
        raise DataError(message)
    return labels, matrix, positions


def _read_numpy(file: Path) -> tuple[tuple[str, ...] | None, Matrix, NDArray[np.float64] | None]:
    try:
        with file.open("rb") as stream:
            archive = np.load(stream, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                return None, archive, None
            labels = tuple(str(i) for i in archive["ids"]) if "ids" in archive else None
            positions = archive.get("positions")
            if "adjacency" in archive:
                return labels, archive["adjacency"], positions
            if "format" in archive:
                return labels, sp.coo_array(sp.load_npz(file)), positions
            message = f"expected the array 'adjacency' or a SciPy sparse matrix, found {archive.files}"
            raise ValueError(message)
    except UNREADABLE as error:
        message = f"{file}: cannot be read as {file.suffix} ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error


def _check_entries(file: Path, matrix: Matrix, first: int) -> None:
    """Name the place of a negative or non-finite entry as the file has it; `first` is the row of the first entry."""
    entries = sp.coo_array(matrix)
    bad = ~(np.isfinite(entries.data) & (entries.data >= 0))
    if bad.any():
        k = int(np.flatnonzero(bad)[0])
        row, column = (int(axis[k]) + first for axis in entries.coords)
        message = f"{file}: row {row}, column {column}: expected a finite number of 0 or more, found {entries.data[k]}"
        raise DataError(message)
