"""Sensors snapped to the streets nearest to them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.graph.sphere import EARTH_RADIUS_KM
from stgraph.graph.streets import Streets

SAME_KM = 1e-5
"""Streets are equally near where their distances differ by a centimetre at most: the two ways of one street."""
DEGREE_KM = EARTH_RADIUS_KM * np.pi / 180


@dataclass(frozen=True, eq=False)
class Places:
    """Where sensors stand on streets; on both ways of a two-way street, and on all streets that meet in a vertex.

    Args:
        sensor: (M,) index of the sensor, 0 to N - 1.
        street: (M,) the street on which it stands.
        share: (M,) how much of the street lies behind it, 0 to 1.
    """

    sensor: NDArray[np.int64]
    street: NDArray[np.int64]
    share: NDArray[np.float64]


def snap(streets: Streets, positions: NDArray[np.float64], ids: tuple[str, ...], *, farthest: float) -> Places:
    """Find the nearest street of each sensor, and all others as near, on a plane that touches the Earth there.

    Args:
        streets: of the road graph.
        positions: (N, 2) longitude and latitude in degrees.
        ids: N sensor ids, for the error.
        farthest: kilometres within which a street must be.

    Raises:
        DataError: names the sensors without a street so near.
    """
    south, north = streets.ends[:, :, 1].min(1), streets.ends[:, :, 1].max(1)
    found, lost = [], []
    for sensor, (lon, lat) in enumerate(positions):
        reach = farthest / DEGREE_KM
        near = np.flatnonzero((south <= lat + reach) & (north >= lat - reach))
        distance, along = _nearest(streets.ends[near], lon, lat)
        if distance.min(initial=np.inf) > farthest:
            lost.append(ids[sensor])
            continue
        for k in _first_of_each(streets.street[near], distance):
            before, after = streets.share[near[k]]
            found.append((sensor, streets.street[near[k]], before + along[k] * (after - before)))
    if lost:
        message = (
            f"road: expected a road within {farthest:g} km of every sensor, found none for {len(lost)} of {len(ids)}: "
            f"{', '.join(lost[:5])}{', ...' if len(lost) > 5 else ''}"
        )
        raise DataError(message)
    whose, street, share = zip(*found, strict=True)
    return Places(np.array(whose), np.array(street), np.array(share, dtype=np.float64))


def _nearest(ends: NDArray[np.float64], lon: float, lat: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the distance in kilometres to each piece, (P,), and how far along it the nearest point is, 0 to 1."""
    east = ((ends[:, :, 0] - lon + 180) % 360 - 180) * np.cos(np.radians(lat))
    start, end = np.moveaxis(np.stack([east, ends[:, :, 1] - lat], axis=-1) * DEGREE_KM, 1, 0)
    way = end - start
    along = np.clip(-(start * way).sum(1) / np.maximum((way**2).sum(1), 1e-24), 0.0, 1.0)
    return np.hypot(*(start + along[:, None] * way).T), along


def _first_of_each(street: NDArray[np.int64], distance: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the nearest piece of each street that is as near as the nearest of all."""
    near = np.flatnonzero(distance <= distance.min() + SAME_KM)
    near = near[np.argsort(distance[near], kind="stable")]
    _, first = np.unique(street[near], return_index=True)
    return near[first]
