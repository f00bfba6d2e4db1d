"""Motorways across a region: paired directions that bend from edge to edge, with few ways on and off."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from stgraph.datasets.ctm import Floats, Places
from stgraph.datasets.highway import MEDIAN_KM

SPACING_KM, UNEVEN = 0.75, 0.15  # between the sensors of a direction; by what share of it each is moved at most
RAMPS_EVERY = 4  # places: some 3 km
WIDEST_BEND_KM, BEND_EVERY_KM = 1.2, (12.0, 25.0)
COURSE_KM = 0.1  # between the points that a course is drawn through


@dataclass(frozen=True, eq=False)
class Motorways:
    """The sensors of all motorways: 0 to P - 1 along their courses, and P + k opposite sensor k, the other way.

    Args:
        position: (2P, 2) km east and north of the middle of the region.
        ahead: (2P,) the next sensor downstream; -1 where the motorway leaves the region.
        line: (P,) which motorway, rising; those of even number run from west to east, the others from south to north.
    """

    position: Floats
    ahead: Places
    line: Places

    @property
    def places(self) -> int:
        """P, the number of places with a sensor for either direction."""
        return len(self.line)

    def chains(self) -> Places:
        """Return the edges (2, E) between sensors that follow one another."""
        source = np.flatnonzero(self.ahead >= 0)
        return np.stack([source, self.ahead[source]])

    def interchanges(self) -> Places:
        """Return the edges (2, E) by which one turns off, left or right, where two motorways cross."""
        east, north = np.flatnonzero(self.line % 2 == 0), np.flatnonzero(self.line % 2 == 1)
        if not len(north):
            return np.empty((2, 0), dtype=np.int64)
        gap, facing = _nearest(self.position[east], self.position[north])
        _, back = _nearest(self.position[north], self.position[east])
        mutual = (back[facing] == np.arange(len(east))) & (gap < SPACING_KM)
        one, two, other = east[mutual], north[facing[mutual]], self.places
        ones = np.concatenate([one, one, one + other, one + other])
        twos = np.concatenate([two, two + other, two, two + other])
        target = self.ahead[np.concatenate([twos, ones])]
        return np.stack([np.concatenate([ones, twos]), target])[:, target >= 0]

    def ramps(self, junctions: Floats) -> Places:
        """Return the sensors at ramps and the junction of streets that each leads to, (2, E).

        Args:
            junctions: (J, 2) km.
        """
        first = np.searchsorted(self.line, self.line)
        at = np.flatnonzero((np.arange(self.places) - first) % RAMPS_EVERY == 0)
        _, nearest = _nearest(self.position[at], junctions)
        return np.stack([np.concatenate([at, at + self.places]), np.concatenate([nearest, nearest])])


def motorways(rng: np.random.Generator, places: int, side: float) -> Motorways:
    """Lay as many motorways over a square as need the given places, `SPACING_KM` apart or nearly so.

    Args:
        rng: source of randomness.
        places: P, at least one.
        side: of the square in km.
    """
    course = _courses(rng, max(1, round(places * SPACING_KM / side)), side)
    steps = np.zeros(course.shape[:2])
    steps[:, 1:] = np.linalg.norm(np.diff(course, axis=1), axis=2)
    along = steps.cumsum()  # one motorway after another
    at = (np.arange(places) + 0.5 + rng.uniform(-UNEVEN, UNEVEN, places)) * along[-1] / places
    line = np.searchsorted(along.reshape(steps.shape)[:, -1], at)
    place, way = (
        np.stack([np.interp(at, along, array[..., axis].ravel()) for axis in (0, 1)], axis=1)
        for array in (course, np.gradient(course, axis=1))
    )
    right = np.stack([way[:, 1], -way[:, 0]], axis=1) / np.linalg.norm(way, axis=1, keepdims=True)
    number = np.arange(places)
    same = np.diff(line, append=-1) == 0  # is the next place on the same motorway?
    return Motorways(
        position=np.concatenate([place + MEDIAN_KM / 2 * right, place - MEDIAN_KM / 2 * right]),
        ahead=np.concatenate([np.where(same, number + 1, -1), np.where(np.roll(same, 1), places + number - 1, -1)]),
        line=line.astype(np.int64),
    )


def _courses(rng: np.random.Generator, count: int, side: float) -> Floats:
    """Draw motorways as points (count, points, 2) in km: two families, within which none meets another."""
    rank, family = np.divmod(np.arange(count), 2)
    apart = side / np.array([(count + 1) // 2, max(count // 2, 1)])[family]
    middle = (rank + 0.5 + rng.uniform(-0.2, 0.2, count)) * apart - side / 2
    height = np.minimum(WIDEST_BEND_KM, 0.2 * apart)
    length, phase = rng.uniform(*BEND_EVERY_KM, count), rng.uniform(0, 2 * np.pi, count)
    straight = np.linspace(-side / 2, side / 2, int(side / COURSE_KM) + 2)
    aside = middle[:, None] + height[:, None] * np.sin(2 * np.pi * straight / length[:, None] + phase[:, None])
    course = np.stack([np.broadcast_to(straight, aside.shape), aside], axis=2)
    course[family == 1] = course[family == 1][..., ::-1]
    return course


def _nearest(places: Floats, others: Floats) -> tuple[Floats, Places]:
    """Return how far from each place the nearest of the others is, and which."""
    gap, which = KDTree(others).query(places)
    return np.asarray(gap), np.asarray(which, dtype=np.int64)
