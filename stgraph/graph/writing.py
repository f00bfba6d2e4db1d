"""A graph as a file that `read_adjacency` reads."""

import csv
import zipfile
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from stgraph.errors import DataError
from stgraph.files import written_whole
from stgraph.graph.sensor_graph import SensorGraph

ENDINGS = (".csv", ".npz")


def write_adjacency(graph: SensorGraph, path: str | Path) -> Path:
    """Write a graph so that `read_adjacency` gives it back, number for number.

    - ``.csv``: a square matrix, the sensor ids in its first row and first column; without positions.
    - ``.npz``: what ``scipy.sparse.save_npz`` writes, and beside it ``ids`` and, where known, ``positions``.

    Raises:
        DataError: another ending, or a folder that cannot be written to.
    """
    target = Path(path)
    if target.suffix not in ENDINGS:
        message = f"{target}: expected a name ending in {' or '.join(ENDINGS)}"
        raise DataError(message)
    with written_whole(target) as temporary:
        if target.suffix == ".csv":
            _write_csv(graph, temporary)
        else:
            _write_npz(graph, temporary)
    return target


def _write_csv(graph: SensorGraph, path: Path) -> None:
    matrix = graph.adjacency
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["", *graph.ids])
        for name, first, last in zip(graph.ids, matrix.indptr[:-1], matrix.indptr[1:], strict=True):
            cells = ["0"] * len(graph)
            for k in range(first, last):
                cells[matrix.indices[k]] = repr(float(matrix.data[k])).removesuffix(".0")
            writer.writerow([name, *cells])


def _write_npz(graph: SensorGraph, path: Path) -> None:
    sp.save_npz(path, graph.adjacency)
    beside = {"ids": np.array(graph.ids)} | ({} if graph.positions is None else {"positions": graph.positions})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, array in beside.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
