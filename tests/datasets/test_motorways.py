"""Motorways: two directions side by side, sensors evenly along them, ramps and interchanges where they belong."""

import numpy as np
import pytest

from stgraph.datasets.ctm import Floats
from stgraph.datasets.highway import MEDIAN_KM
from stgraph.datasets.motorways import RAMPS_EVERY, SPACING_KM, Motorways, _courses, motorways


@pytest.fixture(scope="module")
def roads() -> Motorways:
    return motorways(np.random.default_rng(0), 200, 25.0)


def gaps(roads: Motorways) -> Floats:
    source, target = roads.chains()
    length: Floats = np.linalg.norm(roads.position[source] - roads.position[target], axis=1)
    return length


def test_sensors_of_one_direction_are_some_750_metres_apart(roads: Motorways) -> None:
    assert roads.position.shape == (400, 2)
    assert (gaps(roads) > 0.6 * SPACING_KM).all()
    assert (gaps(roads) < 1.4 * SPACING_KM).all()
    assert gaps(roads).mean() == pytest.approx(SPACING_KM, rel=0.1)


@pytest.mark.parametrize("places", [1, 2, 3, 7, 20, 1000])
def test_there_are_as_many_places_as_asked_for_in_any_region(places: int) -> None:
    roads = motorways(np.random.default_rng(1), places, side=2.0 + 0.15 * places**0.5)
    assert roads.places == places
    assert len(roads.position) == len(roads.ahead) == 2 * places
    assert len(np.unique(roads.position, axis=0)) == 2 * places
    assert (np.diff(roads.line) >= 0).all()


def test_the_two_directions_lie_side_by_side_and_run_against_each_other(roads: Motorways) -> None:
    places = roads.places
    along, against = roads.position[:places], roads.position[places:]
    np.testing.assert_allclose(np.linalg.norm(along - against, axis=1), MEDIAN_KM)
    for k in range(places):
        if roads.ahead[k] >= 0:
            assert roads.ahead[places + roads.ahead[k]] == places + k
            way = along[roads.ahead[k]] - along[k]
            aside = against[k] - along[k]
            assert way[0] * aside[1] - way[1] * aside[0] > 0  # one drives on the right


def test_every_motorway_is_a_chain_from_edge_to_edge(roads: Motorways) -> None:
    for line in range(roads.line[-1] + 1):
        members = np.flatnonzero(roads.line == line)
        assert roads.ahead[members].tolist() == [*members[1:].tolist(), -1]
        ends = roads.position[members[[0, -1]], line % 2]
        assert ends[0] < -25 / 2 + 2 * SPACING_KM
        assert ends[1] > 25 / 2 - 2 * SPACING_KM


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_motorways_of_one_family_never_meet_and_stay_inside(count: int) -> None:
    for seed in range(20):
        course = _courses(np.random.default_rng(seed), count, 40.0)
        assert np.abs(course).max() <= 20
        for family, axis in ((0, 1), (1, 0)):
            aside = course[family::2, :, axis]
            assert (np.diff(aside, axis=0) > 0.1 * 40 / count).all()


def test_interchanges_lead_from_one_family_to_the_other_where_they_cross(roads: Motorways) -> None:
    source, target = roads.interchanges()
    line = np.tile(roads.line, 2)
    lines = roads.line[-1] + 1
    crossings = (lines + 1) // 2 * (lines // 2)
    assert (line[source] % 2 != line[target] % 2).all()
    assert (np.linalg.norm(roads.position[source] - roads.position[target], axis=1) < 3 * SPACING_KM).all()
    joined = {tuple(sorted(pair)) for pair in zip(line[source].tolist(), line[target].tolist(), strict=True)}
    assert len(joined) == crossings
    assert len(source) <= 2 * 8 * crossings


def test_a_single_motorway_crosses_none() -> None:
    roads = motorways(np.random.default_rng(0), 6, 5.0)
    assert roads.line.max() == 0
    assert roads.interchanges().shape == (2, 0)


def test_ramps_lead_to_the_nearest_junction_every_three_kilometres(roads: Motorways) -> None:
    junctions = np.random.default_rng(1).uniform(-12, 12, (300, 2))
    leaving, street = roads.ramps(junctions)
    half = len(leaving) // 2
    assert (leaving[half:] == leaving[:half] + roads.places).all()
    assert (street[half:] == street[:half]).all()
    assert set(roads.line[leaving[:half]].tolist()) == set(roads.line.tolist())
    assert np.median(np.diff(leaving[:half])) == RAMPS_EVERY
    for sensor, junction in zip(leaving[:half], street[:half], strict=True):
        assert junction == np.linalg.norm(junctions - roads.position[sensor], axis=1).argmin()
