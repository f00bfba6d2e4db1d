"""A from positions: all sensors within a radius."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError
from stgraph.graph.near import joined, places
from stgraph.graph.sensor_graph import SensorGraph
from stgraph.graph.sphere import EARTH_RADIUS_KM, haversine, unit_sphere


def from_radius(
    longitude: ArrayLike,
    latitude: ArrayLike,
    ids: Iterable[str],
    *,
    radius: float,
    sigma: float | None = None,
    threshold: float = 0.0,
) -> SensorGraph:
    """Join each sensor with all others within a radius, in both directions; one that has none stays isolated.

    ``A[i, j] = A[j, i] = exp(-d[i, j]^2 / sigma^2)`` of the great-circle distance d <= radius, the kernel of
    `from_distances`. Unlike the k nearest of `from_coordinates`, who is joined does not depend on third sensors.

    Args:
        longitude: (N,) degrees.
        latitude: (N,) degrees.
        ids: N sensor ids, in the order of every N axis.
        radius: largest distance of an edge in kilometres.
        sigma: width of the kernel in kilometres; the mean distance of the pairs where None.
        threshold: smallest weight that is an edge, 0 to 1; 0 keeps every pair within the radius.

    Raises:
        ShapeError: positions and ids differ in number.
        DataError: an impossible position, or `radius`, `sigma` or `threshold` out of range.

    >>> graph = from_radius([4.88, 4.89, 4.95], [52.37, 52.37, 52.37], ["west", "centre", "east"], radius=2, sigma=1)
    >>> graph.adjacency.toarray().round(3)
    array([[0.   , 0.631, 0.   ],
           [0.631, 0.   , 0.   ],
           [0.   , 0.   , 0.   ]])
    """
    names, positions = places(longitude, latitude, ids)
    if not 0 < radius < np.inf:
        message = f"radius: expected a finite number of kilometres above 0, found {radius}"
        raise DataError(message)
    return joined(names, positions, _within(positions, radius), sigma=sigma, threshold=threshold)


def _within(positions: NDArray[np.float64], radius: float) -> NDArray[np.int64]:
    """Return the (2, E) pairs of sensors at most `radius` kilometres apart, each once."""
    from scipy.spatial import KDTree  # noqa: PLC0415 - a quarter of the import time of this package

    chord = 2 * np.sin(min(radius / EARTH_RADIUS_KM, np.pi) / 2)  # across the unit sphere, for an arc along it
    near = KDTree(unit_sphere(positions)).query_pairs(chord * (1 + 1e-6) + 1e-9, output_type="ndarray")
    pairs = near.astype(np.int64).reshape(-1, 2).T
    kept: NDArray[np.int64] = pairs[:, haversine(*positions[pairs[0]].T, *positions[pairs[1]].T) <= radius]
    return kept
