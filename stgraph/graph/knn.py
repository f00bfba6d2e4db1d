"""A from positions: the k nearest sensors."""

from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError
from stgraph.graph.distance import gaussian_kernel
from stgraph.graph.sensor_graph import SensorGraph, as_numbers, checked_positions
from stgraph.graph.sphere import haversine, unit_sphere
from stgraph.shapes import check_shape


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
    names = tuple(str(i) for i in ids)
    lon, lat = as_numbers(longitude, "longitude"), as_numbers(latitude, "latitude")
    check_shape(lon, "N", name="longitude", N=len(names))
    check_shape(lat, "N", name="latitude", N=len(names))
    positions = checked_positions(np.stack([lon, lat], axis=1), names)
    if k < 1:
        message = f"k: expected 1 or more neighbours, found {k}"
        raise DataError(message)
    source, target = _nearest(positions, min(k, len(names) - 1))
    pairs = np.unique(np.concatenate([np.stack([source, target]), np.stack([target, source])], axis=1), axis=1)
    distance = haversine(*positions[pairs[0]].T, *positions[pairs[1]].T)
    if sigma is None:  # with all sensors at one place every weight is 1, whatever sigma
        sigma = float(distance.mean()) if distance.any() else 1.0
    weights = gaussian_kernel(distance, sigma=sigma, threshold=threshold)
    adjacency = sp.coo_array((weights, (pairs[0], pairs[1])), shape=(len(names), len(names)))
    return SensorGraph(names, adjacency, positions)


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
