"""The facts that one checks first of an adjacency."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from stgraph.graph.sphere import haversine

Fact = int | float | bool


def without_loops(adjacency: sp.csr_array[np.float64]) -> sp.csr_array[np.float64]:
    """Return A without its diagonal: the edges between different sensors."""
    bare: sp.csr_array[np.float64] = sp.csr_array(adjacency - sp.diags_array(adjacency.diagonal()))
    bare.eliminate_zeros()
    return bare


def isolated(adjacency: sp.csr_array[np.float64]) -> NDArray[np.int64]:
    """Return the indices of the sensors without an edge from or to another.

    >>> isolated(sp.csr_array(np.array([[1.0, 0, 0], [0, 0, 2], [0, 0, 0]])))
    array([0])
    """
    bare = without_loops(adjacency)
    edges = np.diff(bare.indptr) + np.bincount(bare.indices, minlength=bare.shape[0])
    return np.flatnonzero(edges == 0).astype(np.int64)


def describe(adjacency: sp.csr_array[np.float64], positions: NDArray[np.float64] | None) -> dict[str, Fact]:
    """Return what `SensorGraph.describe` says."""
    bare = without_loops(adjacency)
    count = bare.shape[0]
    out_degree, in_degree = np.diff(bare.indptr), np.bincount(bare.indices, minlength=count)
    components, _ = sp.csgraph.connected_components(bare, directed=True, connection="weak")
    facts: dict[str, Fact] = {
        "sensors": count,
        "edges": int(bare.nnz),
        "loops": int(adjacency.nnz - bare.nnz),
        "density": float(bare.nnz / max(count * (count - 1), 1)),
        "symmetric": bool((abs(bare - bare.T) > 0).nnz == 0),
        "components": int(components),
        "isolated": len(isolated(adjacency)),
        "mean_degree": float(out_degree.mean()),
        "largest_degree": int(out_degree.max()),
        "largest_in_degree": int(in_degree.max()),
        "smallest_weight": float(bare.data.min()) if bare.nnz else 0.0,
        "largest_weight": float(bare.data.max(initial=0.0)),
    }
    if positions is not None and bare.nnz:
        source, target = bare.tocoo().coords
        kilometres = haversine(*positions[source].T, *positions[target].T)
        facts |= {
            "shortest_edge_km": float(kilometres.min()),
            "mean_edge_km": float(kilometres.mean()),
            "longest_edge_km": float(kilometres.max()),
        }
    return facts
