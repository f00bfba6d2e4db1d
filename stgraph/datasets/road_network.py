"""Road networks of any size for tests of scale: made-up streets and motorways that look like a region's."""

import math
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from stgraph.datasets.ctm import Floats, Places
from stgraph.datasets.highway import CENTRE, KM_PER_DEGREE
from stgraph.datasets.motorways import motorways
from stgraph.errors import DataError
from stgraph.graph import SensorGraph
from stgraph.graph.distance import gaussian_kernel
from stgraph.shapes import check_shape

SMALLEST = 10
MOTORWAY_SHARE = 0.12  # of the sensors
BLOCK_KM, BUILT_UP = 0.4, 0.75  # between junctions in town; share of the region that is town
TOWNS, OPEN = 14, 0.7  # blocks from one town to the next, about; how thinly the land between them is built up
EVEN, UNEVEN = 0.15, 0.45  # how far a junction is moved, in blocks: where streets form a grid, and where they don't
ONE_WAY = 0.2  # share of the streets
KERNEL_KM = 1.5
WAVES = 8


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Sensors on roads of two classes: what `network_traffic` drives on; checked on construction.

    Args:
        graph: the sensors, with positions; edges run downstream.
        motorway: (N,) True on motorways, False on streets.
        free_speed: (N,) km/h without other traffic.

    Raises:
        ShapeError: an array does not fit the sensors.
        DataError: a graph without positions, or a free speed that is not finite and above 0.
    """

    graph: SensorGraph
    motorway: NDArray[np.bool_]
    free_speed: Floats

    def __post_init__(self) -> None:
        """Check every field; errors name the field and the first sensor that is wrong."""
        for name in ("motorway", "free_speed"):
            check_shape(getattr(self, name), "N", name=name, N=len(self.graph))
        if self.graph.positions is None:
            message = "graph: expected one with positions, by which traffic is heading for the centre or away from it"
            raise DataError(message)
        bad = ~(np.isfinite(self.free_speed) & (self.free_speed > 0))
        if bad.any():
            k = int(bad.argmax())
            message = f"free_speed: expected finite and above 0, found {self.free_speed[k]} at {self.graph.ids[k]}"
            raise DataError(message)


def road_network(sensors: int, *, seed: int = 0) -> RoadNetwork:
    r"""Make up the roads of a region with exactly so many sensors, of which 12 % stand on motorways.

    Streets: a lattice of junctions 0.4 km apart, thinned out between towns and moved at random, here little and there
    much, whose Delaunay triangles lose their longest sides. That is the graph of Urquhart (1980, "Algorithms for
    computation of relative neighbourhood graph", https://doi.org/10.1049/el:19800386): planar, connected, a grid where
    junctions are even and irregular where they are not. Proximity graphs of its kind are models of roads (Aldous and
    Shun 2010, "Connected spatial networks over random points and a route-length statistic",
    https://doi.org/10.1214/10-STS335), and roads that grow by local rules come to look like real ones (Barthélemy and
    Flammini 2008, "Modeling urban street patterns", https://arxiv.org/abs/0708.4360). A sensor stands at each
    junction; a fifth of the streets is one-way.

    Motorways cross the region from edge to edge on bridges, with a sensor for each direction every 0.75 km or nearly
    so, a ramp from and to the nearest junction of streets at every fourth, and interchanges where two of them cross.

    An edge runs to the next sensor downstream alone: :math:`A_{ij} = \exp(-d_{ij}^2 / \sigma^2)` of the straight line
    between them, :math:`\sigma` = 1.5 km. All is weakly connected; since one-way streets are drawn one by one, from a
    few sensors no way leads on, as at the ends of the motorways.

    Args:
        sensors: N, at least 10.
        seed: same seed, same roads, bit for bit.

    Raises:
        DataError: too few sensors.

    >>> network = road_network(1000)
    >>> len(network.graph), int(network.motorway.sum())
    (1000, 120)
    """
    if sensors < SMALLEST:
        message = f"sensors: expected at least {SMALLEST}, found {sensors}"
        raise DataError(message)
    land, ways, lines, limits = np.random.default_rng(seed).spawn(4)
    places = round(MOTORWAY_SHARE * sensors / 2)
    junctions, side = _junctions(land, sensors - 2 * places)
    streets = _streets(junctions)
    roads = motorways(lines, places, side)
    first = len(junctions)  # of the motorways' sensors, which stand behind those of the streets
    leaving, street = roads.ramps(junctions)
    joining = roads.ahead[leaving]
    parts = [
        _directed(ways, streets),
        first + roads.chains(),
        first + roads.interchanges(),
        np.stack([first + leaving, street]),
        np.stack([street, first + joining])[:, joining >= 0],
    ]
    position = np.concatenate([junctions, roads.position])
    limit = limits.choice((100.0, 110.0, 120.0), size=int(roads.line[-1]) + 1)[roads.line]
    free_speed = np.concatenate([_street_speed(junctions, streets), limit, limit])
    motorway = np.arange(sensors) >= first
    return RoadNetwork(
        graph=_graph(np.concatenate(parts, axis=1), position, motorway),
        motorway=motorway,
        free_speed=free_speed * limits.normal(1, 0.03, sensors),
    )


def _junctions(rng: np.random.Generator, count: int) -> tuple[Floats, float]:
    """Return the places (count, 2) of junctions in km, and the side of the square that they lie in."""
    across = math.ceil(math.sqrt(count / BUILT_UP))
    lattice = np.indices((across, across)).reshape(2, -1).T.astype(np.float64) - (across - 1) / 2
    density = _relief(rng, lattice) + OPEN * rng.standard_normal(len(lattice))
    kept = np.sort(np.argsort(-density, kind="stable")[:count])
    moved = (EVEN + UNEVEN) / 2 + (UNEVEN - EVEN) / 2 * np.tanh(_relief(rng, lattice))
    places = lattice + moved[:, None] * rng.uniform(-1, 1, lattice.shape)
    return BLOCK_KM * places[kept], BLOCK_KM * across


def _relief(rng: np.random.Generator, places: Floats) -> Floats:
    """Return a smooth random height of each place, of deviation 1: a sum of plane waves."""
    angle, phase = rng.uniform(0, 2 * np.pi, (2, WAVES))
    turn = 2 * np.pi / (TOWNS * rng.uniform(0.7, 1.5, WAVES))
    x, y = places[:, :, None].transpose(1, 0, 2)
    height: Floats = np.sqrt(2 / WAVES) * np.cos(turn * (x * np.cos(angle) + y * np.sin(angle)) + phase).sum(axis=1)
    return height


def _streets(junctions: Floats) -> Places:
    """Return the pairs (2, E) of junctions that are joined: sides of Delaunay triangles that are longest in none."""
    triangles = Delaunay(junctions).simplices.astype(np.int64)
    sides = np.sort(triangles[:, [[1, 2], [2, 0], [0, 1]]], axis=2)  # (triangles, 3, 2)
    code = sides[..., 0] * len(junctions) + sides[..., 1]
    length = np.linalg.norm(junctions[sides[..., 0]] - junctions[sides[..., 1]], axis=2)
    longest = code[np.arange(len(code)), length.argmax(axis=1)]
    return np.stack(np.divmod(np.setdiff1d(code, longest), len(junctions)))


def _directed(rng: np.random.Generator, streets: Places) -> Places:
    """Return the edges (2, E) of streets: most run both ways, as does every dead end."""
    dead_end = (np.bincount(streets.ravel())[streets] == 1).any(axis=0)
    one_way = (rng.random(streets.shape[1]) < ONE_WAY) & ~dead_end
    there = np.where(rng.random(streets.shape[1]) < 0.5, streets, streets[::-1])
    return np.concatenate([there, there[::-1, ~one_way]], axis=1)


def _street_speed(junctions: Floats, streets: Places) -> Floats:
    """Return km/h at each junction: the longer the streets that meet there, the faster."""
    length = np.linalg.norm(junctions[streets[0]] - junctions[streets[1]], axis=1)
    mean = np.bincount(streets.ravel(), np.tile(length, 2)) / np.bincount(streets.ravel())
    return np.select([mean < 0.85 * BLOCK_KM, mean < 1.3 * BLOCK_KM], [30.0, 50.0], 70.0)


def _graph(edges: Places, position: Floats, motorway: NDArray[np.bool_]) -> SensorGraph:
    """Return the graph of edges (2, E), some of them given twice, between positions in km."""
    count = len(position)
    source, target = np.divmod(np.unique(edges[0] * count + edges[1]), count)
    kilometres = np.linalg.norm(position[source] - position[target], axis=1)
    weights = gaussian_kernel(kilometres, sigma=KERNEL_KM, threshold=0)
    degrees = np.array([KM_PER_DEGREE * math.cos(math.radians(CENTRE[1])), KM_PER_DEGREE])
    digits = len(str(count - 1))
    ids = [f"{'M' if fast else 'S'}{n:0{digits}}" for n, fast in enumerate(motorway.tolist())]
    return SensorGraph(
        ids, sp.coo_array((weights, (source, target)), shape=(count, count)), CENTRE + position / degrees
    )
