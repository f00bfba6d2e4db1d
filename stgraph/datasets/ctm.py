"""The cell transmission model: a road is cut into cells that pass on what one can send and the next receive.

Daganzo (1994), "The cell transmission model", Transportation Research B 28(4), 269-287,
https://doi.org/10.1016/0191-2615(94)90002-7; merges and diverges: Daganzo (1995), "The cell transmission
model, part II: network traffic", Transportation Research B 29(2), 79-93, https://doi.org/10.1016/0191-2615(94)00022-R.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.shapes import check_shape

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CellNetwork:
    r"""Road cells and the links between them; checked on construction.

    In each cell flow and density obey the triangular fundamental diagram :math:`q = \min(v k, w (k_{jam} - k))`,
    whose wave speed :math:`w` follows from free speed :math:`v`, capacity and jam density. Vehicles enter at the
    cells that no link leads to, from a queue beside the road, and leave freely at the cells without a link out.

    Args:
        length: (cells,) km.
        free_speed: (cells,) km/h.
        capacity: (cells,) veh/h, all lanes.
        jam_density: (cells,) veh/km, all lanes.
        links: (links, 2) upstream and downstream cell. A cell has at most two links in and two out; a link
            is ordinary, or one of two that merge, or one of two that diverge.
        share: (links,) share of the vehicles leaving the upstream cell that take the link; of two, the sum is 1.
        priority: (links,) share of the downstream cell's supply that the link may claim when both merging
            links want more than there is; of two, the sum is 1.

    Raises:
        ShapeError: an array does not fit the number of cells or links.
        DataError: an impossible quantity, a junction of another kind, shares that don't add up to 1.
    """

    length: Floats
    free_speed: Floats
    capacity: Floats
    jam_density: Floats
    links: Places
    share: Floats
    priority: Floats

    def __post_init__(self) -> None:
        """Check every field; errors name the field and the first cell or link that is wrong."""
        check_shape(self.length, "K", name="length")
        for name in ("length", "free_speed", "capacity", "jam_density"):
            array = getattr(self, name)
            check_shape(array, "K", name=name, K=len(self.length))
            _refuse(~(np.isfinite(array) & (array > 0)), array, f"{name}: expected finite and positive", "cell")
        spare = self.jam_density - self.capacity / self.free_speed
        _refuse(spare <= 0, self.jam_density, "jam_density: expected more than capacity / free_speed", "cell")
        check_shape(self.links, "E 2", name="links")
        beyond = (self.links < 0) | (self.links >= len(self.length))
        _refuse(beyond[:, 0] | beyond[:, 1], self.links, f"links: expected cells 0 .. {len(self.length) - 1}", "link")
        self._check_junctions()

    def _check_junctions(self) -> None:
        cells, (start, end) = len(self.length), self.links.T
        out_links, in_links = np.bincount(start, minlength=cells), np.bincount(end, minlength=cells)
        _refuse(out_links > 2, out_links, "links: expected at most two out of a cell", "cell")
        _refuse(in_links > 2, in_links, "links: expected at most two into a cell", "cell")
        both = (out_links[start] == 2) & (in_links[end] == 2)
        _refuse(both, self.links, "links: expected a link either to diverge or to merge, not both", "link")
        for name, array, side in (("share", self.share, start), ("priority", self.priority, end)):
            check_shape(array, "E", name=name, E=len(self.links))
            _refuse(~((array > 0) & (array <= 1)), array, f"{name}: expected above 0, at most 1", "link")
            total = np.bincount(side, weights=array, minlength=cells)
            wrong = (total > 0) & (np.abs(total - 1) > 1e-9)
            _refuse(wrong, total, f"{name}: expected the links of a cell to sum to 1", "cell")

    @property
    def wave_speed(self) -> Floats:
        """Speed in km/h at which the edge of a dissolving queue runs upstream, (cells,)."""
        return self.capacity / (self.jam_density - self.capacity / self.free_speed)

    @property
    def entries(self) -> Places:
        """Cells that no link leads to: where vehicles enter."""
        return np.setdiff1d(np.arange(len(self.length)), self.links[:, 1])

    @property
    def exits(self) -> Places:
        """Cells that no link leads out of: where vehicles leave."""
        return np.setdiff1d(np.arange(len(self.length)), self.links[:, 0])


class Averages(NamedTuple):
    """Mean outflow in veh/h and mean density in veh/km of every cell, both (cells, runs)."""

    flow: Floats
    density: Floats


class CellTransmission:
    r"""Traffic on a `CellNetwork`, moved one step at a time; several independent runs move together.

    A cell sends :math:`S = \min(v k, Q)` and receives :math:`R = \min(Q, w (k_{jam} - k))`. A link with share
    :math:`\beta` brings the demand :math:`D = \beta S` and is offered :math:`O = \max(p R, R - D')`, where
    :math:`D'` is the demand of the link it merges with; :math:`\min(D, O)` is the median rule of Daganzo (1995).
    A cell sends :math:`\min(S, O_1 / \beta_1, O_2 / \beta_2)`: first in, first out, so a vehicle that can't take
    its branch holds up those behind it. What can't enter waits in a queue beside the road and is not lost.

    Args:
        network: the cells.
        step_seconds: length of a step; no vehicle and no wave may cross a whole cell in one step.
        runs: how many independent copies of the network to simulate.

    Attributes:
        vehicles: (cells, runs) vehicles on the road.
        queue: (entries, runs) vehicles waiting to enter, in the order of ``network.entries``.
        arrived: (runs,) vehicles that came to an entry since the start.
        left: (runs,) vehicles that left through an exit since the start.

    Raises:
        DataError: the step is too long for a cell (Courant-Friedrichs-Lewy).

    >>> road = CellNetwork(
    ...     length=np.full(3, 0.5), free_speed=np.full(3, 100.0), capacity=np.full(3, 2000.0),
    ...     jam_density=np.full(3, 120.0), links=np.array([[0, 1], [1, 2]]), share=np.ones(2), priority=np.ones(2))
    >>> traffic = CellTransmission(road, step_seconds=18)
    >>> flow, density = traffic.advance(np.array([[1000.0]]), steps=100)
    >>> traffic.advance(np.array([[1000.0]])).flow.round(6).ravel()
    array([1000., 1000., 1000.])
    """

    def __init__(self, network: CellNetwork, *, step_seconds: float, runs: int = 1) -> None:
        self.network = network
        self._hours = step_seconds / 3600
        for name, speed in (("free speed", network.free_speed), ("wave speed", network.wave_speed)):
            crossed = speed * self._hours / network.length
            problem = f"step_seconds: {step_seconds} s is too long, expected at most 1 cell crossed at {name}"
            _refuse(crossed > 1 + 1e-12, crossed, problem, "cell")
        self.vehicles = np.zeros((len(network.length), runs))
        self.queue = np.zeros((len(network.entries), runs))
        self.arrived, self.left = np.zeros(runs), np.zeros(runs)
        self._entries, self._exits = network.entries, network.exits
        self._jam = (network.jam_density * network.length)[:, None]
        self._wave = (network.wave_speed * self._hours / network.length)[:, None]
        self._wire_links()
        self.set_conditions()

    def _wire_links(self) -> None:
        links, count = self.network.links, len(self.network.links)
        self._start, self._end = links[:, 0].copy(), links[:, 1].copy()
        self._share, self._priority = self.network.share[:, None], self.network.priority[:, None]
        # One row beyond the last link: the rival of a link that merges with none, whose demand stays 0.
        self._demand = np.zeros((count + 1, self.vehicles.shape[1]))
        self._rival = _partner(self._end, alone=np.full(count, count))
        self._sibling = _partner(self._start, alone=np.arange(count))
        self._gather = sp.csr_array((np.ones(count), (self._end, np.arange(count))), (len(self.vehicles), count))

    def set_conditions(self, speed_factor: Floats | float = 1.0, capacity_factor: Floats | float = 1.0) -> None:
        """Scale free speed and capacity from now on: rain, an incident, a closed lane.

        Args:
            speed_factor: (cells or 1, runs or 1) or one number; at most 1, since the step was checked against
                the full free speed.
            capacity_factor: likewise; 0 or more.

        Raises:
            ShapeError: a factor that does not fit the cells and runs.
            DataError: a factor out of its range.
        """
        speed, capacity = np.atleast_2d(speed_factor), np.atleast_2d(capacity_factor)
        for name, factor in (("speed_factor", speed), ("capacity_factor", capacity)):
            check_shape(factor, "K|1 B|1", name=name, K=self.vehicles.shape[0], B=self.vehicles.shape[1])
        if not ((speed >= 0) & (speed <= 1)).all() or not (capacity >= 0).all():
            found = f"{speed.min()} .. {speed.max()} and {capacity.min()} .. {capacity.max()}"
            message = f"expected speed_factor between 0 and 1 and capacity_factor 0 or more, found {found}"
            raise DataError(message)
        per_step = self._hours / self.network.length
        self._speed = (self.network.free_speed * per_step)[:, None] * np.ascontiguousarray(speed)
        self._capacity = (self.network.capacity * self._hours)[:, None] * np.ascontiguousarray(capacity)

    def advance(self, demand: Floats, *, steps: int = 1) -> Averages:
        """Move the traffic by some steps under one demand and return the averages over them.

        Args:
            demand: (entries, runs or 1) vehicles per hour that come to each entry.
            steps: how many steps to take.

        Raises:
            ShapeError: `demand` does not fit the entries and runs.
        """
        entries, runs = self.queue.shape
        check_shape(demand, f"E {runs}|1", name="demand", E=entries)
        arriving = np.broadcast_to(demand * self._hours, self.queue.shape)
        flow, density = np.zeros_like(self.vehicles), np.zeros_like(self.vehicles)
        for _ in range(steps):
            density += self.vehicles
            flow += self._step(arriving)
        flow /= steps * self._hours
        density /= steps * self.network.length[:, None]
        return Averages(flow, density)

    def _step(self, arriving: Floats) -> Floats:
        """Move the traffic by one step; return the vehicles that left each cell, (cells, runs)."""
        sending = np.minimum(self._speed * self.vehicles, self._capacity)
        receiving = np.minimum(self._wave * (self._jam - self.vehicles), self._capacity)
        sent = sending[self._start]  # (links, runs), as are the next four
        np.multiply(sent, self._share, out=self._demand[:-1])
        supply = receiving[self._end]
        offer = np.maximum(self._priority * supply, supply - self._demand[self._rival])
        limit = np.minimum(sent, offer / self._share)
        leaving = np.minimum(limit, limit[self._sibling])

        self.queue += arriving
        entering = np.minimum(self.queue, receiving[self._entries])
        self.queue -= entering
        self.arrived += arriving.sum(axis=0)
        self.left += sending[self._exits].sum(axis=0)

        outflow: Floats = sending  # an exit sends all it can; every other cell what its links let through
        outflow[self._start] = leaving
        self.vehicles += self._gather @ (leaving * self._share)
        self.vehicles -= outflow
        self.vehicles[self._entries] += entering
        return outflow


def _partner(side: Places, *, alone: Places) -> Places:
    """Return for each link the other link with the same cell on this side, or its entry of `alone`."""
    partner = alone.copy()
    order = np.argsort(side, kind="stable")
    first = np.flatnonzero(side[order][:-1] == side[order][1:])
    a, b = order[first], order[first + 1]
    partner[a], partner[b] = b, a
    return partner


def _refuse(wrong: NDArray[np.bool_], values: NDArray[np.generic], problem: str, what: str) -> None:
    """Raise a DataError for the first entry that is wrong."""
    if wrong.any():
        k = int(np.flatnonzero(wrong)[0])
        message = f"{problem}, found {values[k]} at {what} {k}"
        raise DataError(message)
