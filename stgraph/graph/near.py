"""Sensors joined because they are near each other: what the k nearest and those within a radius share."""

from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from stgraph.graph.distance import gaussian_kernel
from stgraph.graph.sensor_graph import SensorGraph, as_numbers, checked_ids, checked_positions
from stgraph.graph.sphere import haversine
from stgraph.shapes import check_shape


def places(
    longitude: ArrayLike, latitude: ArrayLike, ids: Iterable[str]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return the ids and (N, 2) positions, checked.

    Raises:
        ShapeError: positions and ids differ in number.
        DataError: names the sensor with an impossible position.
    """
    names = checked_ids(ids)
    lon, lat = as_numbers(longitude, "longitude"), as_numbers(latitude, "latitude")
    check_shape(lon, "N", name="longitude", N=len(names))
    check_shape(lat, "N", name="latitude", N=len(names))
    return names, checked_positions(np.stack([lon, lat], axis=1), names)


def joined(
    ids: tuple[str, ...],
    positions: NDArray[np.float64],
    pairs: NDArray[np.int64],
    *,
    sigma: float | None,
    threshold: float,
) -> SensorGraph:
    """Join pairs of sensors in both directions, by the kernel of their great-circle distance.

    Args:
        ids: N sensor ids.
        positions: (N, 2) longitude and latitude in degrees.
        pairs: (2, E) indices of sensors; each pair once or more, in either direction.
        sigma: width of the kernel in kilometres; the mean distance of the pairs where None, since their deviation is
            next to nothing where sensors are evenly spaced.
        threshold: smallest weight that is an edge, 0 to 1.
    """
    source, target = np.unique(np.concatenate([pairs, pairs[::-1]], axis=1), axis=1)
    distance = haversine(*positions[source].T, *positions[target].T)
    if sigma is None:  # with all sensors at one place every weight is 1, whatever sigma
        sigma = float(distance.mean()) if distance.any() else 1.0
    weights = gaussian_kernel(distance, sigma=sigma, threshold=threshold)
    return SensorGraph(ids, sp.coo_array((weights, (source, target)), shape=(len(ids), len(ids))), positions)
