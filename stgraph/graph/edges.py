"""A from an edge list."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError, ShapeError
from stgraph.graph.columns import to_numbers
from stgraph.graph.pairs import Pairs, read_pairs
from stgraph.graph.sensor_graph import SensorGraph

if TYPE_CHECKING:
    import pandas as pd


def from_edges(
    edges: "pd.DataFrame | Iterable[Any]",
    ids: Iterable[str] | None = None,
    *,
    weights: Iterable[float] | None = None,
    positions: ArrayLike | None = None,
) -> SensorGraph:
    """Build a graph from directed edges; an edge that runs both ways is given both ways.

    An edge may be repeated with the same weight; a weight of 0 is no edge.

    Args:
        edges: rows of (source id, target id) or (source id, target id, weight), a list or an array; or a DataFrame
            with the columns `from` or `source`, `to` or `target`, and `weight` where it has one.
        ids: N sensor ids, in the order of every N axis; those of the edges, as they appear, where None.
        weights: (E,) one for each row, where `edges` has none; 1 where neither has.
        positions: (N, 2) longitude and latitude in degrees, or None.

    Raises:
        UnknownNameError: an edge names a sensor that is not in `ids`.
        DataError: a weight that is not a finite number of 0 or more, or two weights for one edge.
        ShapeError: as many `weights` as rows are expected.

    >>> from_edges([("a", "b"), ("b", "c")], ["a", "b", "c"]).adjacency.toarray()
    array([[0., 1., 0.],
           [0., 0., 1.],
           [0., 0., 0.]])
    """
    pairs = read_pairs(edges, ids, name="edges", values=("weight",))
    names = pairs.ids
    values = _weights(pairs, weights)
    _, first, inverse = np.unique(pairs.source * len(names) + pairs.target, return_index=True, return_inverse=True)
    second = values != values[first][inverse]
    if second.any():
        k = int(np.flatnonzero(second)[0])
        edge = f"{names[pairs.source[k]]} -> {names[pairs.target[k]]}"
        message = (
            f"edges: expected one weight for {edge}, found {values[first[inverse[k]]]} in "
            f"{pairs.places[first[inverse[k]]]} and {values[k]} in {pairs.places[k]}"
        )
        raise DataError(message)
    entries = (values[first], (pairs.source[first], pairs.target[first]))
    return SensorGraph(names, sp.coo_array(entries, shape=(len(names), len(names))), positions)


def _weights(pairs: Pairs, weights: Iterable[float] | None) -> NDArray[np.float64]:
    values = pairs.value
    if weights is not None:
        if values is not None:
            message = "weights: given both beside the edges and apart from them; expected one of the two"
            raise DataError(message)
        cells = list(weights)
        if len(cells) != len(pairs.places):
            message = f"weights: expected one for each of the {len(pairs.places)} edges, found {len(cells)}"
            raise ShapeError(message)
        values = to_numbers(cells, "weights", pairs.places)
    if values is None:
        return np.ones(len(pairs.places))
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        k = int(np.flatnonzero(bad)[0])
        message = f"edges: {pairs.places[k]}: expected a finite weight of 0 or more, found {values[k]}"
        raise DataError(message)
    return values
