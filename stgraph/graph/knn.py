"""A from positions: the k nearest sensors."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError
from stgraph.graph.near import joined, places
from stgraph.graph.sensor_graph import SensorGraph
from stgraph.graph.sphere import unit_sphere


def from_coordinates(
    longitude: ArrayLike,
    latitude: ArrayLike,
    ids: Iterable[str],
    *,
    k: int = 5,
    sigma: float | None = None,
    threshold: float = 0.0,
) -> SensorGraph:
    """Join each sensor with its k nearest, in both directions: an edge where either is among the nearest of the other.

    ``A[i, j] = A[j, i] = exp(-d[i, j]^2 / sigma^2)`` of the great-circle distance d, the kernel of `from_distances`.
    Positions alone don't show which way traffic runs, hence the symmetry; where the road is known,
    `from_edges` and `from_distances` say more.

    Args:
        longitude: (N,) degrees.
        latitude: (N,) degrees.
        ids: N sensor ids, in the order of every N axis.
        k: how many neighbours each sensor chooses, all others where there are fewer; a popular sensor has more.
        sigma: width of the kernel in kilometres; the mean distance of the neighbours where None, since their
            deviation is next to nothing where sensors are evenly spaced.
        threshold: smallest weight that is an edge, 0 to 1; 0 keeps every neighbour.

    Raises:
        ShapeError: positions and ids differ in number.
        DataError: an impossible position, or `k`, `sigma` or `threshold` out of range.

    >>> graph = from_coordinates([4.88, 4.89, 4.95], [52.37, 52.37, 52.37], ["west", "centre", "east"], k=1, sigma=5)
    >>> graph.adjacency.toarray().round(3)
    array([[0.   , 0.982, 0.   ],
           [0.982, 0.   , 0.515],
           [0.   , 0.515, 0.   ]])
    """
    names, positions = places(longitude, latitude, ids)
    if k < 1:
        message = f"k: expected 1 or more neighbours, found {k}"
        raise DataError(message)
    pairs = np.stack(_nearest(positions, min(k, len(names) - 1)))
    return joined(names, positions, pairs, sigma=sigma, threshold=threshold)


def _nearest(positions: NDArray[np.float64], k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each sensor k times, and beside it its k nearest others."""
    from scipy.spatial import KDTree  # noqa: PLC0415 - a quarter of the import time of this package

    count = len(positions)
    sensors = np.arange(count, dtype=np.int64)
    points = unit_sphere(positions)
    found = np.asarray(KDTree(points).query(points, k=k + 1)[1], dtype=np.int64).reshape(count, k + 1)
    own = found == sensors[:, None]
    # among more than k sensors at one place a sensor may not find itself: then its last find goes
    own[~own.any(1), -1] = True
    return np.repeat(sensors, k), found[~own]
