import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.graph import equirectangular, haversine
from stgraph.graph.sphere import EARTH_RADIUS_KM, unit_sphere

LON, LAT = st.floats(-180, 180), st.floats(-90, 90)
QUARTER = np.pi / 2 * EARTH_RADIUS_KM


@pytest.mark.parametrize(
    ("place", "other", "km"),
    [
        ((0, 0), (90, 0), QUARTER),
        ((17, 0), (17, 90), QUARTER),
        ((-180, 45), (180, 45), 0),
        ((0, 90), (123, 90), 0),
        ((0, 0), (180, 0), 2 * QUARTER),
        ((30, 60), (-150, -60), 2 * QUARTER),
        ((-69.23, -20.94), (110.77, 20.94), 2 * QUARTER),  # the haversine rounds to more than 1
        ((5, 52), (5, 52 + 1e-6), np.radians(1e-6) * EARTH_RADIUS_KM),
    ],
)
def test_exact_distances(place: tuple[float, float], other: tuple[float, float], km: float) -> None:
    assert haversine(*place, *other) == pytest.approx(km, rel=1e-8, abs=1e-9)


@given(LON, LAT, LON, LAT)
def test_symmetric_and_as_the_chord_says(lon1: float, lat1: float, lon2: float, lat2: float) -> None:
    there, back = haversine(lon1, lat1, lon2, lat2), haversine(lon2, lat2, lon1, lat1)
    assert there == back
    chord = np.linalg.norm(np.subtract(*unit_sphere(np.array([[lon1, lat1], [lon2, lat2]]))))
    assert 2 * EARTH_RADIUS_KM * np.sin(there / (2 * EARTH_RADIUS_KM)) == pytest.approx(
        chord * EARTH_RADIUS_KM, abs=1e-6
    )


def test_the_four_broadcast() -> None:
    assert haversine(np.zeros((3, 1)), 0, np.arange(4), 0).shape == (3, 4)


@given(st.floats(-180, 180), st.floats(-60, 60), st.floats(0.01, 0.2), st.floats(0, 360))
def test_the_plane_has_true_distances_near_by_also_across_the_180th_meridian(
    lon: float, lat: float, degrees: float, course: float
) -> None:
    north, east = degrees * np.cos(np.radians(course)), degrees * np.sin(np.radians(course))
    other = (lon + east + 180) % 360 - 180
    here, there = equirectangular(np.array([[lon, lat], [other, lat + north]]))
    assert np.hypot(*(there - here)) == pytest.approx(1000 * haversine(lon, lat, other, lat + north), rel=1e-3)
    assert np.sign(np.round(there - here)).tolist() == [
        np.sign(round(1000 * QUARTER / 90 * east * np.cos(np.radians(lat)))),
        np.sign(round(1000 * QUARTER / 90 * north)),
    ]
