"""Which sensors lie within k hops: breadth-first search on the adjacency, in both directions."""

from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from stgraph.errors import DataError


def undirected(adjacency: sp.csr_array[np.float64]) -> sp.csr_array[np.float64]:
    """Return A + A^T: what `k_hop` walks on, so that it follows edges in both directions."""
    return sp.csr_array(adjacency + adjacency.T)


def k_hop(adjacency: sp.csr_array[np.float64], sensors: Iterable[int], hops: int | None) -> NDArray[np.int64]:
    """Return the sorted indices within `hops` rows of `sensors`.

    Args:
        adjacency: (N, N) CSR, made symmetric by `undirected` where both directions count.
        sensors: indices to start from.
        hops: number of hops; None = infinity = every sensor, reachable or not.

    Raises:
        DataError: negative `hops`.
        IndexError: there is no such sensor.

    >>> chain = sp.csr_array(np.eye(5, k=1))
    >>> k_hop(undirected(chain), [2], hops=1)
    array([1, 2, 3])
    """
    count = adjacency.shape[0]
    if hops is None:
        return np.arange(count, dtype=np.int64)
    if hops < 0:
        message = f"hops: expected 0 or more, or None for the whole graph, found {hops}"
        raise DataError(message)
    seen = np.zeros(count, dtype=bool)
    frontier = np.unique(np.arange(count, dtype=np.int64)[list(sensors)])
    seen[frontier] = True
    for _ in range(hops):
        if not len(frontier):
            break
        neighbours = _row_indices(adjacency, frontier)
        frontier = np.unique(neighbours[~seen[neighbours]])
        seen[frontier] = True
    return np.flatnonzero(seen).astype(np.int64)


def _row_indices(adjacency: sp.csr_array[np.float64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Concatenate the column indices of the given rows, without touching the rest of the matrix."""
    starts, stops = adjacency.indptr[rows], adjacency.indptr[rows + 1]
    lengths = stops - starts
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    picked: NDArray[np.int64] = adjacency.indices[offsets + np.arange(lengths.sum())].astype(np.int64)
    return picked
