"""A from distances: the thresholded Gaussian kernel."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError
from stgraph.graph.columns import is_table
from stgraph.graph.pairs import Pairs, read_pairs
from stgraph.graph.sensor_graph import SensorGraph, as_numbers
from stgraph.shapes import check_shape

if TYPE_CHECKING:
    import pandas as pd


def from_distances(
    table: "pd.DataFrame | ArrayLike",
    ids: Iterable[str] | None = None,
    *,
    sigma: float | None = None,
    threshold: float = 0.1,
    ignore_unknown: bool = False,
    positions: ArrayLike | None = None,
) -> SensorGraph:
    """Build a graph from distances between sensors, in any one unit; near sensors get heavy edges.

    ``A[i, j] = exp(-d[i, j]^2 / sigma^2)``, and 0 where that is below `threshold`: Li et al. 2018, "DCRNN",
    https://arxiv.org/abs/1707.01926, section 4, cut by weight as their code does; Shuman et al. 2013, "The emerging
    field of signal processing on graphs", https://arxiv.org/abs/1211.0053, equation 1, with sigma^2 = 2 theta^2.
    A sensor's distance of 0 to itself, where it is given, becomes a diagonal entry of 1.

    Args:
        table: a DataFrame with the columns `from` or `source`, `to` or `target`, `distance` or `cost` (as in METR-LA's
            ``distances_la_2012.csv``), directed, the shortest where a pair is repeated; or an (N, N) array. NaN and
            infinity mean no road.
        ids: N sensor ids, in the order of every N axis; where None, those of the table, as they appear in it, or "0" to
            "N-1" for an array.
        sigma: width of the kernel in the unit of the distances; their standard deviation where None.
        threshold: smallest weight that is an edge, 0 to 1.
        ignore_unknown: leave out rows of the table that name a sensor which is not in `ids`.
        positions: (N, 2) longitude and latitude in degrees, or None.

    Raises:
        UnknownNameError: a row names a sensor that is not in `ids`.
        ShapeError: an array that is not (N, N).
        DataError: a missing column, a negative distance, a `sigma` or `threshold` out of range, or distances that are
            all equal or missing, which leave `sigma` unknown.

    >>> distances = np.array([[0, 1, 3], [np.inf, 0, 2], [np.inf, np.inf, 0]])
    >>> from_distances(distances, ["a", "b", "c"], sigma=2).adjacency.toarray().round(2)
    array([[1.  , 0.78, 0.11],
           [0.  , 1.  , 0.37],
           [0.  , 0.  , 1.  ]])
    """
    pairs = _from_table(table, ids, ignore_unknown=ignore_unknown) if is_table(table) else _from_matrix(table, ids)
    names, distances = pairs.ids, np.asarray(pairs.value)
    negative = distances < 0
    if negative.any():
        k = int(np.flatnonzero(negative)[0])
        pair = f"from {names[pairs.source[k]]} to {names[pairs.target[k]]}"
        place = f"{pairs.places[k]}: " if pairs.places else ""
        message = f"distances: {place}expected 0 or more, found {distances[k]} {pair}"
        raise DataError(message)
    weights = gaussian_kernel(distances, sigma=sigma, threshold=threshold)
    adjacency = sp.coo_array((weights, (pairs.source, pairs.target)), shape=(len(names), len(names)))
    return SensorGraph(names, adjacency, positions)


def gaussian_kernel(
    distances: NDArray[np.float64], *, sigma: float | None = None, threshold: float = 0.1
) -> NDArray[np.float64]:
    """Return ``exp(-d^2 / sigma^2)``, 0 where that is below `threshold` or the distance is not finite.

    Args:
        distances: of any shape, in any unit.
        sigma: width in the same unit; the standard deviation of the finite distances where None.
        threshold: smallest weight that is kept, 0 to 1.

    Raises:
        DataError: `sigma` or `threshold` out of range, or a `sigma` that the distances do not show.
    """
    if not 0 <= threshold <= 1:
        message = f"threshold: expected 0 to 1, found {threshold}"
        raise DataError(message)
    finite = np.isfinite(distances)
    width = _deviation(distances[finite]) if sigma is None else float(sigma)
    if not 0 < width < np.inf:
        message = f"sigma: expected a finite number above 0, found {width}"
        raise DataError(message)
    weights = np.zeros(distances.shape)
    with np.errstate(over="ignore"):  # far beyond sigma the square is infinite and the weight 0, as it must be
        weights[finite] = np.exp(-((distances[finite] / width) ** 2))
    weights[weights < threshold] = 0.0
    return weights


def _deviation(distances: NDArray[np.float64]) -> float:
    if not len(distances) or distances.min() == distances.max():
        found = f"all {len(distances)} are {distances[0]}" if len(distances) else "there is none"
        message = f"sigma: expected finite distances that differ, to take their deviation, but {found}; pass sigma"
        raise DataError(message)
    return float(distances.std())


def _from_table(table: "pd.DataFrame", ids: Iterable[str] | None, *, ignore_unknown: bool) -> Pairs:
    pairs = read_pairs(table, ids, name="distances", values=("distance", "cost"), ignore_unknown=ignore_unknown)
    if pairs.value is None:
        message = f"distances: expected a column named distance or cost, found {[str(c) for c in table.columns]}"
        raise DataError(message)
    rising = np.argsort(pairs.value, kind="stable")
    _, first = np.unique((pairs.source * len(pairs.ids) + pairs.target)[rising], return_index=True)
    shortest = rising[first]
    places = [pairs.places[row] for row in shortest]
    return Pairs(pairs.ids, pairs.source[shortest], pairs.target[shortest], pairs.value[shortest], places)


def _from_matrix(matrix: ArrayLike, ids: Iterable[str] | None) -> Pairs:
    array = as_numbers(matrix, "distances")
    names = tuple(str(i) for i in (range(len(array) if array.ndim else 0) if ids is None else ids))
    check_shape(array, "N N", name="distances", N=len(names))
    source, target = np.indices(array.shape, dtype=np.int64).reshape(2, -1)
    return Pairs(names, source, target, array.reshape(-1), places=())
