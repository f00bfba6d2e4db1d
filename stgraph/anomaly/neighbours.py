"""Who stands beside a sensor: the one before, the one after, and the few nearest."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from stgraph.graph import SensorGraph

NONE = -1
Ints = NDArray[np.int64]


def beside(graph: SensorGraph) -> tuple[Ints, Ints]:
    """Return for each sensor the heaviest neighbour upstream and the heaviest other one downstream, (N,) each.

    Both are -1 where a sensor has not two neighbours; in a graph without directions they are its two heaviest.

    >>> beside(SensorGraph(("a", "b", "c"), np.eye(3, k=1)))
    (array([-1,  0, -1]), array([-1,  2, -1]))
    """
    adjacency = _bare(graph.adjacency)
    up, _ = _heaviest(sp.csr_array(adjacency.T), np.full(len(graph), NONE))
    down, _ = _heaviest(adjacency, up)
    both = (up != NONE) & (down != NONE)
    return np.where(both, up, NONE), np.where(both, down, NONE)


def nearest(graph: SensorGraph, most: int) -> Ints:
    """Return for each sensor up to `most` others, nearer ones first, (N, most); -1 = none.

    Neighbours come first, along or against the edge, then their neighbours; of either those first that heavier edges
    and more ways of two edges join.
    """
    bare = _bare(graph.adjacency)
    weights = sp.csr_array(bare + bare.T)
    linked = weights.astype(bool).astype(np.float64)
    heaviest = float(weights.data.max(initial=1.0))
    two = sp.csr_array(linked @ linked)
    rank = sp.csr_array(linked * 2 + weights / (heaviest * 2) + two / (float(two.data.max(initial=1.0)) * 2))
    rank.setdiag(0)
    rank.eliminate_zeros()
    chosen = np.full((len(graph), most), NONE, dtype=np.int64)
    for n, (first, last) in enumerate(zip(rank.indptr[:-1], rank.indptr[1:], strict=True)):
        order = np.argsort(-rank.data[first:last], kind="stable")[:most]
        chosen[n, : len(order)] = rank.indices[first:last][order]
    return chosen


def _bare(adjacency: sp.csr_array[np.float64]) -> sp.csr_array[np.float64]:
    """Return the adjacency without its diagonal."""
    bare = sp.csr_array(adjacency - sp.diags_array(adjacency.diagonal()))
    bare.eliminate_zeros()
    return bare


def _heaviest(adjacency: sp.csr_array[np.float64], other_than: Ints) -> tuple[Ints, NDArray[np.float64]]:
    """Return the heaviest entry of each row whose column is not the one of `other_than`, and its weight."""
    chosen, heaviest = np.full(len(other_than), NONE, dtype=np.int64), np.zeros(len(other_than))
    for n, (first, last) in enumerate(zip(adjacency.indptr[:-1], adjacency.indptr[1:], strict=True)):
        weights = np.where(adjacency.indices[first:last] == other_than[n], 0.0, adjacency.data[first:last])
        if weights.any():
            chosen[n], heaviest[n] = adjacency.indices[first:last][weights.argmax()], weights.max()
    return chosen, heaviest
