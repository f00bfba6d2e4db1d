"""Positions on the sphere: great-circle distance, points whose straight distance has the same order, and a plane."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (Moritz 2000, Geodetic Reference System 1980, https://doi.org/10.1007/s001900050278)."""


def haversine(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> NDArray[np.float64]:
    """Return the great-circle distance between two places, in kilometres.

    ``d = 2 R asin sqrt(sin^2(dlat / 2) + cos(lat1) cos(lat2) sin^2(dlon / 2))`` (Sinnott 1984, "Virtues of the
    haversine", Sky and Telescope 68): unlike the law of cosines it keeps its digits for places metres apart.

    Args:
        lon1: longitude of the first place in degrees; the four broadcast against each other.
        lat1: latitude of the first place in degrees.
        lon2: longitude of the second place in degrees.
        lat2: latitude of the second place in degrees.

    >>> float(haversine(0, 0, 180, 0).round(1))  # half the equator
    20015.1
    """
    lon1, lat1, lon2, lat2 = (np.radians(np.asarray(x, dtype=np.float64)) for x in (lon1, lat1, lon2, lat2))
    chord = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    distance: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return distance


def unit_sphere(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (N, 3) points of (N, 2) longitudes and latitudes on the unit sphere.

    The chord between two points rises with the arc, so the nearest by chord is the nearest along the surface: no seam
    at the 180th meridian, no squeeze towards the poles.
    """
    lon, lat = np.radians(positions).T
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def equirectangular(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (N, 2) metres east and north of the middle of (N, 2) longitudes and latitudes.

    ``x = R cos(mean latitude) dlon, y = R dlat`` (Snyder 1987, "Map projections: a working manual",
    https://doi.org/10.3133/pp1395, equations 12-1 and 12-2): true along the mean latitude, near it for a network of the
    size of a region. Longitudes count from their mean on the circle: no seam at the 180th meridian.

    >>> equirectangular(np.array([[4.0, 52.0], [4.0, 52.1]])).round()
    array([[    0., -5560.],
           [    0.,  5560.]])
    """
    lon, lat = np.radians(positions).T
    middle = np.angle(np.exp(1j * lon).mean())
    east = np.mod(lon - middle + np.pi, 2 * np.pi) - np.pi
    plane = np.stack([np.cos(lat.mean()) * east, lat - lat.mean()], axis=1)
    return 1000 * EARTH_RADIUS_KM * plane
