"""A from the way along the roads."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError
from stgraph.graph.distance import gaussian_kernel
from stgraph.graph.sensor_graph import SensorGraph, checked_ids, checked_positions
from stgraph.graph.snap import SAME_KM, Places, snap
from stgraph.graph.streets import Streets, streets_of

if TYPE_CHECKING:
    import networkx as nx

HELD = 20_000_000
"""Distances from some sensors to all vertices that are held at once."""


def from_road(
    road: "nx.Graph[Any]",
    positions: ArrayLike,
    ids: Iterable[str],
    *,
    cutoff: float = 5.0,
    farthest: float = 0.1,
    sigma: float | None = None,
    threshold: float = 0.1,
) -> SensorGraph:
    """Join sensors along the roads: each to those that traffic reaches from it within a cut-off.

    ``A[i, j] = exp(-d[i, j]^2 / sigma^2)``, and 0 where that is below `threshold`, of the shortest way d from i to j
    in the direction of traffic: the kernel of `from_distances`, and how METR-LA's graph was made (Li et al. 2018,
    https://arxiv.org/abs/1707.01926, section 4). Each sensor is snapped to the nearest point of the road graph; where
    a street can be driven both ways along one line, it counts in both directions.

    Args:
        road: any networkx graph, such as `fetch_road` and `read_road` return: vertices with `lon` and `lat`, or `x`
            and `y`, in degrees; edges with a `length` in metres and, where they are not straight, a `geometry`.
            Directed edges are one-way.
        positions: (N, 2) longitude and latitude of the sensors in degrees.
        ids: N sensor ids, in the order of every N axis.
        cutoff: longest way of an edge in kilometres.
        farthest: kilometres that a sensor may be away from the nearest road.
        sigma: width of the kernel in kilometres; the standard deviation of the distances found where None.
        threshold: smallest weight that is an edge, 0 to 1.

    Raises:
        ShapeError: positions and ids differ in number.
        DataError: a sensor too far from any road, named; an impossible position; a road graph without positions or
            lengths; `cutoff`, `farthest`, `sigma` or `threshold` out of range.

    >>> import networkx as nx
    >>> road = nx.DiGraph([("a", "b", {"length": 1000}), ("b", "c", {"length": 2000})])
    >>> road.add_nodes_from([("a", {"x": 0, "y": 0}), ("b", {"x": 0, "y": 0.009}), ("c", {"x": 0, "y": 0.027})])
    >>> from_road(road, [[0, 0], [0, 0.009], [0, 0.027]], "abc", sigma=2).adjacency.toarray().round(3)
    array([[0.   , 0.779, 0.105],
           [0.   , 0.   , 0.368],
           [0.   , 0.   , 0.   ]])
    """
    names = checked_ids(ids)
    places = checked_positions(positions, names)
    for name, value in (("cutoff", cutoff), ("farthest", farthest)):
        if not 0 < value < np.inf:
            message = f"{name}: expected a finite number of kilometres above 0, found {value}"
            raise DataError(message)
    streets = streets_of(road)
    snapped = snap(streets, places, names, farthest=farthest)
    source, target, distance = road_distances(streets, snapped, len(names), cutoff)
    weights = gaussian_kernel(distance, sigma=sigma, threshold=threshold) if len(distance) else distance
    return SensorGraph(names, sp.coo_array((weights, (source, target)), shape=(len(names), len(names))), places)


def road_distances(
    streets: Streets, places: Places, count: int, cutoff: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the pairs of sensors, from and to, whose shortest way is within the cut-off, and its kilometres.

    They are rounded to the millimetre, so that a way and the same way back are equally long to the last digit.

    Args:
        streets: V vertices and E streets.
        places: of the sensors on the streets.
        count: of the sensors, N.
        cutoff: longest way in kilometres.
    """
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - only this needs it

    network = _with_sensors(streets, places, count)
    first = network.shape[0] - 2 * count
    leaving, arriving = first + np.arange(count), first + count + np.arange(count)
    step = max(1, HELD // network.shape[0])
    found = []
    for start in range(0, count, step):
        sensors = leaving[start : start + step]
        ways = dijkstra(network, directed=True, indices=sensors, limit=cutoff)[:, arriving]
        ways[np.arange(len(sensors)), start + np.arange(len(sensors))] = np.inf
        source, target = np.nonzero(ways <= cutoff)
        found.append((source + start, target, ways[source, target].round(6)))
    source, target, kilometres = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return source, target, kilometres


def _with_sensors(streets: Streets, places: Places, count: int) -> sp.csr_array[np.float64]:
    """Return the distances between the vertices, the places on the streets, and sensors leaving and arriving.

    A sensor is left by one point and reached at another, so that no way runs through it: where two roads cross on
    different levels, a sensor that stands on both is no junction.
    """
    stand_street, stand_share, stand = _stands(streets, places)
    vertices, stands, every = len(streets.vertices), len(stand_street), np.arange(len(streets.length))
    leaving = vertices + stands + places.sensor
    arriving = leaving + count
    # along each street: its start, the sensors on it in their order, its end
    street = np.concatenate([every, stand_street, every])
    share = np.concatenate([np.zeros(len(every)), stand_share, np.ones(len(every))])
    node = np.concatenate([streets.source, vertices + np.arange(stands), streets.target])
    rank = np.repeat([0, 1, 2], [len(every), stands, len(every)])
    order = np.lexsort((share, rank, street))
    street, share, node = street[order], share[order], node[order]
    same = street[:-1] == street[1:]
    source = np.concatenate([node[:-1][same], leaving, vertices + stand])
    target = np.concatenate([node[1:][same], vertices + stand, arriving])
    steps = np.diff(share)[same] * streets.length[street[:-1][same]]
    length = np.concatenate([steps, np.zeros(2 * len(stand))])
    size = vertices + stands + 2 * count
    rising = np.argsort(length, kind="stable")
    _, first = np.unique((source * size + target)[rising], return_index=True)
    shortest = rising[first]  # of parallel streets; a sparse matrix would add them up
    return sp.csr_array((length[shortest], (source[shortest], target[shortest])), shape=(size, size))


def _stands(streets: Streets, places: Places) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Return street and share of each stand, and the stand of each place: sensors at one place share a stand."""
    centimetres = np.rint(places.share * streets.length[places.street] / SAME_KM).astype(np.int64)
    order = np.argsort(places.share, kind="stable")
    keys = np.stack([places.street, centimetres])[:, order]
    unique, first, found = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    stand = np.empty_like(order)
    stand[order] = found.reshape(-1)
    return unique[0], places.share[order[first]], stand
