"""Disjoint, balanced parts of a graph with few edges between them: the cores of spatial patches."""

import math
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from stgraph.errors import DataError, UnknownNameError
from stgraph.graph.khop import undirected
from stgraph.graph.sensor_graph import SensorGraph
from stgraph.graph.sphere import unit_sphere

Sensors = NDArray[np.int64]
METHODS = ("auto", "metis", "kd", "bfs")
METIS_TOLERANCE = 1.03
"""Largest part over the mean part that METIS aims at when it cuts k ways."""


def partition(graph: SensorGraph, parts: int, *, method: str = "auto") -> Sensors:
    """Return the part, 0 to `parts` - 1, of each sensor, (N,); no part is empty, and the same graph gives the same.

    - ``kd`` halves the sensors across the longest axis of their positions, and each half again (Berger and Bokhari
      1987, https://doi.org/10.1109/TC.1987.1676942). Sizes differ by 1 at most.
    - ``bfs`` halves a breadth-first order instead (reverse Cuthill-McKee; Cuthill and McKee 1969,
      https://doi.org/10.1145/800195.805928), so it needs no positions. Sizes differ by 1 at most.
    - ``metis`` cuts fewest edges (Karypis and Kumar 1998, https://doi.org/10.1006/jpdc.1997.1404) and needs pymetis.
      No part exceeds 1.03 N / parts, rounded up; where METIS misses that or leaves a part empty (a handful of
      sensors a part, many components), the cut is that of ``kd`` or ``bfs``.
    - ``auto`` is ``metis`` where pymetis is installed, else ``kd`` where positions are known, else ``bfs``.

    Edges count alike in both directions and whatever their weight: a halo has as many sensors on a light edge
    as on a heavy one.

    Args:
        graph: any; it may have several components and isolated sensors.
        parts: 1 to N.
        method: one of the above.

    Raises:
        DataError: `parts` out of range, or ``kd`` without positions.
        UnknownNameError: another method.
        ImportError: ``metis`` without pymetis.

    >>> chain = SensorGraph(tuple("abcdefg"), sp.csr_array(np.eye(7, k=1)))
    >>> partition(chain, 3, method="bfs")
    array([2, 2, 1, 1, 0, 0, 0])
    """
    if not 1 <= parts <= len(graph):
        message = f"parts: expected 1 to {len(graph)}, the number of sensors, found {parts}"
        raise DataError(message)
    if method not in METHODS:
        raise UnknownNameError.of("partition method", method, METHODS)
    if method == "kd" and graph.positions is None:
        message = "partition: expected positions for the method 'kd', found none; use 'bfs' or 'metis'"
        raise DataError(message)
    if method == "metis" or (method == "auto" and find_spec("pymetis") is not None):
        part = _metis(undirected(graph.adjacency), parts)
        sizes = np.bincount(part, minlength=parts)
        if sizes.min() > 0 and sizes.max() <= math.ceil(METIS_TOLERANCE * len(graph) / parts):
            return part
    order = _breadth_first(graph) if method == "bfs" or graph.positions is None else _longest_axis(graph.positions)
    part = np.empty(len(graph), dtype=np.int64)
    for number, sensors in enumerate(_halve(np.arange(len(graph), dtype=np.int64), parts, order)):
        part[sensors] = number
    return part


def _halve(sensors: Sensors, parts: int, order: Callable[[Sensors], Sensors]) -> Iterator[Sensors]:
    """Put the sensors in an order that keeps neighbours together, cut it in two, and go on with each half."""
    if parts == 1:
        yield sensors
        return
    size, larger = divmod(len(sensors), parts)
    cut = parts // 2 * size + min(parts // 2, larger)
    ordered = order(sensors)
    yield from _halve(ordered[:cut], parts // 2, order)
    yield from _halve(ordered[cut:], parts - parts // 2, order)


def _longest_axis(positions: NDArray[np.float64]) -> Callable[[Sensors], Sensors]:
    points = unit_sphere(positions)

    def order(sensors: Sensors) -> Sensors:
        own = points[sensors]
        return sensors[np.argsort(own[:, np.ptp(own, axis=0).argmax()], kind="stable")]

    return order


def _breadth_first(graph: SensorGraph) -> Callable[[Sensors], Sensors]:
    adjacency = undirected(graph.adjacency)

    def order(sensors: Sensors) -> Sensors:
        sensors = np.sort(sensors)
        return sensors[sp.csgraph.reverse_cuthill_mckee(adjacency[sensors][:, sensors], symmetric_mode=True)]

    return order


def _metis(adjacency: sp.csr_array[np.float64], parts: int) -> Sensors:
    try:
        import pymetis  # noqa: PLC0415 - it may not be installed
    except ImportError as error:
        message = "partition: the method 'metis' needs pymetis: pip install 'stgraph[partition]'"
        raise ImportError(message) from error
    bare = sp.csr_array(adjacency - sp.diags_array(adjacency.diagonal()))
    bare.eliminate_zeros()
    neighbours = np.split(bare.indices.astype(np.int32), bare.indptr[1:-1])
    return np.asarray(pymetis.part_graph(parts, adjacency=neighbours, recursive=False)[1], dtype=np.int64)
