"""The roads of the synthetic dataset laid out in cells: mainlines, ramps, interchanges and detectors."""

from dataclasses import dataclass, field
from itertools import combinations, pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial.distance import cdist

from stgraph.datasets.ctm import CellNetwork, Floats, Places
from stgraph.datasets.freeways import FREEWAYS, Freeway, Ramps
from stgraph.graph import SensorGraph, from_distances

CELL_KM = 0.4
LANE_CAPACITY, RAMP_CAPACITY = 2100.0, 1900.0  # veh/h
JAM_DENSITY = 125.0  # veh/km and lane
RAMP_SPEED = 70.0  # km/h
TURNING = 0.16  # share that leaves a freeway at an interchange, half of it each way
SENSOR_GAPS = (3, 2, 4, 3)  # cells between detectors, again and again: 0.8 to 1.6 km
KERNEL_KM, SMALLEST_WEIGHT = 3.0, 0.1  # the adjacency looks 4.5 km downstream
CENTRE = (-99.3, 41.6)  # longitude and latitude: open country
KM_PER_DEGREE = 111.2
MEDIAN_KM = 0.03  # from the centre line of a freeway to that of either direction


@dataclass(frozen=True, eq=False)
class Highway:
    """The cells, the detectors, and what demand and incidents must know of them.

    Args:
        network: all cells, mainlines before ramps and connectors; a roadway's cells follow one another downstream.
        graph: the sensors.
        sensor_cells: (N,) the cell that each sensor watches.
        roadway: (cells,) freeway and direction, for example ``"A-N"``; empty on ramps and connectors.
        kilometre: (cells,) middle of the cell along its freeway; NaN on ramps and connectors.
        lanes: (cells,) number of lanes.
        inflow: (entries,) veh/h at the height of the peak.
        tide: (entries,) from 1, traffic heads for the centre, to -1, away from it.
    """

    network: CellNetwork
    graph: SensorGraph
    sensor_cells: Places
    roadway: NDArray[np.str_]
    kilometre: Floats
    lanes: Places
    inflow: Floats
    tide: Floats

    def sensor_before(self, cell: int) -> int:
        """Return the last sensor that traffic passes on the roadway before it leaves a mainline cell, or -1."""
        same = self.roadway[self.sensor_cells] == self.roadway[cell]
        passed = np.flatnonzero(same & (self.sensor_cells <= cell))
        return int(passed[-1]) if len(passed) else -1


def highway() -> Highway:
    r"""Lay out the roads: always the same, whatever the seed of the traffic.

    The adjacency runs downstream, along roadways and through interchanges:
    :math:`A_{ij} = \exp(-d_{ij}^2 / \sigma^2)` where the road from i to j is at most 4.5 km long,
    :math:`\sigma` = 3 km.

    >>> highway().graph
    SensorGraph(sensors=96, edges=355)
    """
    plan = _Plan()
    lines = [_add_mainlines(plan, freeway) for freeway in FREEWAYS]
    for freeway, pair in zip(FREEWAYS, lines, strict=True):
        for ramps in freeway.ramps:
            _add_ramps(plan, pair, ramps)
    for one, two in combinations(lines, 2):
        _add_interchange(plan, one, two)
    sensor_cells = np.concatenate([_sensor_cells(line) for pair in lines for line in pair])
    network = _network(plan)
    inflow = np.array([plan.inflow[cell] for cell in network.entries])
    return Highway(
        network=network,
        graph=_sensor_graph(plan, network, sensor_cells),
        sensor_cells=sensor_cells,
        roadway=np.array(plan.roadway),
        kilometre=np.array(plan.kilometre),
        lanes=np.array(plan.lanes),
        inflow=inflow,
        tide=_tide(plan, network),
    )


@dataclass
class _Plan:
    """Cells and links while they are laid out."""

    place: list[Floats] = field(default_factory=list)  # km east and north of the centre
    lanes: list[int] = field(default_factory=list)
    roadway: list[str] = field(default_factory=list)
    kilometre: list[float] = field(default_factory=list)
    inflow: dict[int, float] = field(default_factory=dict)
    links: list[tuple[int, int]] = field(default_factory=list)
    share: list[float] = field(default_factory=list)

    def add_cell(self, place: Floats, *, lanes: int = 1, roadway: str = "", kilometre: float = np.nan) -> int:
        self.place.append(place)
        self.lanes.append(lanes)
        self.roadway.append(roadway)
        self.kilometre.append(kilometre)
        return len(self.place) - 1

    def join(self, start: int, end: int) -> None:
        self.links.append((start, end))
        self.share.append(1.0)

    def branch(self, start: int, end: int, share: float) -> None:
        """Let a share of the traffic that leaves `start` turn off to `end`; the rest goes on."""
        self.share = [
            s * (1 - share) if link[0] == start else s for link, s in zip(self.links, self.share, strict=True)
        ]
        self.links.append((start, end))
        self.share.append(share)


def _add_mainlines(plan: _Plan, freeway: Freeway) -> tuple[Places, Places]:
    """Lay the cells of both directions; return them in the order in which traffic passes them."""
    course = np.array(freeway.course)
    knots = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(course, axis=0), axis=1))])
    curve = CubicSpline(knots, course)
    fine = np.linspace(0, knots[-1], 4000)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(curve(fine), axis=0), axis=1))])
    middles = (np.arange(int(along[-1] / CELL_KM)) + 0.5) * CELL_KM
    centres, tangents = curve(np.interp(middles, along, fine)), curve(np.interp(middles, along, fine), 1)
    right = np.stack([tangents[:, 1], -tangents[:, 0]], axis=1) / np.linalg.norm(tangents, axis=1, keepdims=True)
    lanes = np.where((middles > freeway.wide[0]) & (middles < freeway.wide[1]), 4, 3)
    lines = []
    for direction, side, inflow in zip(freeway.directions, (1, -1), freeway.inflow, strict=True):
        line = [
            plan.add_cell(
                centres[i] + side * MEDIAN_KM * right[i],
                lanes=int(lanes[i]),
                roadway=f"{freeway.name}-{direction}",
                kilometre=float(middles[i]),
            )
            for i in range(len(middles))[::side]
        ]
        plan.inflow[line[0]] = inflow
        for start, end in pairwise(line):
            plan.join(start, end)
        lines.append(np.array(line))
    return lines[0], lines[1]


def _add_ramps(plan: _Plan, lines: tuple[Places, Places], ramps: Ramps) -> None:
    """Add an off-ramp one cell before the junction and an on-ramp one cell behind it, in both directions."""
    along = int(ramps.km / CELL_KM)
    for line, at, on in zip(lines, (along, len(lines[0]) - 1 - along), ramps.on, strict=True):
        plan.branch(int(line[at - 1]), plan.add_cell(plan.place[line[at]]), ramps.off)
        entry = plan.add_cell(plan.place[line[at]])
        plan.inflow[entry] = on
        plan.join(entry, int(line[at + 1]))


def _add_interchange(plan: _Plan, one: tuple[Places, Places], two: tuple[Places, Places]) -> None:
    """Connect two freeways where they cross: from each direction an exit that splits left and right."""
    places = np.array(plan.place)
    gaps = cdist(places[one[0]], places[two[0]])
    at_one, at_two = (int(i) for i in np.unravel_index(gaps.argmin(), gaps.shape))
    where = (places[one[0][at_one]] + places[two[0][at_two]]) / 2
    approaches = [
        [(one[0], at_one), (one[1], len(one[1]) - 1 - at_one)],
        [(two[0], at_two), (two[1], len(two[1]) - 1 - at_two)],
    ]
    for origin, target in (approaches, approaches[::-1]):
        entries = [plan.add_cell(where) for _ in target]
        for line, at in origin:
            leaving, left, right = (plan.add_cell(where) for _ in range(3))
            plan.branch(int(line[at - 2]), leaving, TURNING)
            plan.join(leaving, left)
            plan.branch(leaving, right, 0.5)
            plan.join(left, entries[0])
            plan.join(right, entries[1])
        for (line, at), entry in zip(target, entries, strict=True):
            plan.join(entry, int(line[at + 2]))


def _network(plan: _Plan) -> CellNetwork:
    lanes, main = np.array(plan.lanes), np.array(plan.roadway) != ""
    from_centre = np.linalg.norm(plan.place, axis=1)
    links = np.array(plan.links)
    lanes_in = np.bincount(links[:, 1], weights=lanes[links[:, 0]], minlength=len(lanes))
    return CellNetwork(
        length=np.full(len(lanes), CELL_KM),
        free_speed=np.where(main, 114 - 9 * np.exp(-((from_centre / 4) ** 2)), RAMP_SPEED),
        capacity=lanes * np.where(main, LANE_CAPACITY, RAMP_CAPACITY),
        jam_density=lanes * JAM_DENSITY,
        links=links,
        share=np.array(plan.share),
        priority=lanes[links[:, 0]] / lanes_in[links[:, 1]],
    )


def _sensor_cells(line: Places) -> Places:
    at = np.cumsum(np.resize(SENSOR_GAPS, len(line)))
    cells: Places = line[at[at < len(line)] - SENSOR_GAPS[0] + 1]
    return cells


def _sensor_graph(plan: _Plan, network: CellNetwork, sensor_cells: Places) -> SensorGraph:
    start, end = network.links.T
    hops = (network.length[start] + network.length[end]) / 2
    roads = sp.csr_array((hops, (start, end)), shape=(len(network.length),) * 2)
    paths = sp.csgraph.dijkstra(roads, indices=sensor_cells)[:, sensor_cells]
    np.fill_diagonal(paths, np.inf)  # a sensor is not downstream of itself
    east, north = np.array(plan.place)[sensor_cells].T
    longitude = CENTRE[0] + east / (KM_PER_DEGREE * np.cos(np.radians(CENTRE[1])))
    ids = tuple(f"{plan.roadway[c]}-{plan.kilometre[c]:04.1f}" for c in sensor_cells)
    positions = np.stack([longitude, CENTRE[1] + north / KM_PER_DEGREE], axis=1)
    return from_distances(paths, ids, sigma=KERNEL_KM, threshold=SMALLEST_WEIGHT, positions=positions)


def _tide(plan: _Plan, network: CellNetwork) -> Floats:
    """Cosine of the angle between the way the traffic of an entry goes and the way to the centre."""
    follow = dict(zip(*network.links[::-1].T.tolist(), strict=True))  # the first link out of a cell: straight on
    place = np.array(plan.place)
    here = np.array([c if plan.roadway[c] else follow[int(c)] for c in network.entries])
    course = place[[follow[int(c)] for c in here]] - place[here]
    lengths = np.linalg.norm(course, axis=1) * np.linalg.norm(place[here], axis=1)
    cosine: Floats = -(course * place[here]).sum(axis=1) / lengths
    return cosine
