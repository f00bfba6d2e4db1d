"""A road graph of networkx as arrays: directed streets, their lengths and their shapes."""

import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.graph.sphere import haversine

if TYPE_CHECKING:
    import networkx as nx

LONGITUDE, LATITUDE = ("lon", "x", "longitude"), ("lat", "y", "latitude")
Line = list[tuple[float, float]]
"""Longitudes and latitudes in degrees, from one end to the other."""
_NUMBER = re.compile(r"-?[0-9.]+(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True, eq=False)
class Streets:
    """Directed streets between V vertices; each has one or more straight pieces.

    Args:
        vertices: V keys of the road graph.
        source: (E,) vertex that the street starts from.
        target: (E,) vertex that it leads to.
        length: (E,) kilometres.
        street: (P,) the street of each piece.
        ends: (P, 2, 2) longitude and latitude in degrees of the start and the end of each piece.
        share: (P, 2) how much of its street lies before the start and before the end of the piece, 0 to 1.
    """

    vertices: tuple[Hashable, ...]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    length: NDArray[np.float64]
    street: NDArray[np.int64]
    ends: NDArray[np.float64]
    share: NDArray[np.float64]


def streets_of(road: "nx.Graph[Any]") -> Streets:
    """Read the streets of any networkx graph, directed or not, with parallel edges or without.

    Args:
        road: vertices with `lon` and `lat`, or `x` and `y`, in degrees; edges with a `length` in metres and, where
            they are not straight, a `geometry`: anything with `coords`, as shapely has it, or text, as osmnx saves it.
            An undirected edge can be driven both ways.

    Raises:
        DataError: no edges, a vertex without a position in degrees, an edge without a length of 0 or more.
    """
    place = {vertex: _position(vertex, facts) for vertex, facts in road.nodes(data=True)}
    number = {vertex: n for n, vertex in enumerate(place)}
    source: list[int] = []
    target: list[int] = []
    length: list[float] = []
    street: list[int] = []
    pieces: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for u, v, line, metres in _directed(road, place):
        pieces += pairwise(line)
        street += [len(length)] * (len(line) - 1)
        source.append(number[u])
        target.append(number[v])
        length.append(metres / 1000)
    if not length:
        message = "road: expected a graph with edges, found none"
        raise DataError(message)
    ends, of = np.array(pieces, dtype=np.float64), np.array(street, dtype=np.int64)
    whole = np.array(length, dtype=np.float64)
    return Streets(tuple(place), np.array(source), np.array(target), whole, of, ends, _shares(ends, of, len(length)))


def _shares(ends: NDArray[np.float64], street: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return (P, 2) the share of its street before the start and before the end of each piece."""
    kilometres = haversine(*ends[:, 0].T, *ends[:, 1].T)
    whole = np.bincount(street, kilometres, minlength=count)
    before_all = np.concatenate([[0.0], np.cumsum(whole)[:-1]])
    after = np.cumsum(kilometres) - before_all[street]
    share = np.stack([after - kilometres, after], axis=1) / np.maximum(whole[street], 1e-12)[:, None]
    clipped: NDArray[np.float64] = np.clip(share, 0.0, 1.0)
    return clipped


def _directed(
    road: "nx.Graph[Any]", place: Mapping[Any, tuple[float, float]]
) -> Iterator[tuple[Any, Any, Line, float]]:
    """Yield each street from its source to its target, with its line and its length in metres."""
    for u, v, facts in road.edges(data=True):
        try:
            metres = float(facts.get("length", np.nan))
        except (TypeError, ValueError):
            metres = np.nan
        if not 0 <= metres < np.inf:
            message = (
                f"road: expected a length in metres of 0 or more on the edge from {u} to {v}, "
                f"found {facts.get('length', 'none')}"
            )
            raise DataError(message)
        line = _line(facts.get("geometry"), place[u], place[v])
        if not line:
            message = (
                f"road: expected a line of two points or more on the edge from {u} to {v}, found {facts['geometry']}"
            )
            raise DataError(message)
        yield u, v, line, metres
        if not road.is_directed() and u != v:
            yield v, u, line[::-1], metres


def _line(geometry: Any, start: tuple[float, float], end: tuple[float, float]) -> Line:  # noqa: ANN401 - shapely, or text
    """Return the line of an edge from its start to its end, whichever way its geometry runs; straight without one.

    Empty where the geometry is no line. Of three coordinates, the third is a height.
    """
    if geometry is None:
        return [start, end]
    if isinstance(geometry, str):
        points = [_NUMBER.findall(point) for point in geometry.partition("(")[2].split(",")]
    else:
        points = list(geometry.coords)
    if len(points) < 2 or min(map(len, points)) < 2:
        return []
    line = [(float(point[0]), float(point[1])) for point in points]
    backwards = np.hypot(*np.subtract(line[0], start)) > np.hypot(*np.subtract(line[-1], start))
    return line[::-1] if backwards else line


def _position(vertex: Hashable, facts: Mapping[str, Any]) -> tuple[float, float]:
    found = [next((facts[name] for name in names if name in facts), np.nan) for names in (LONGITUDE, LATITUDE)]
    try:
        lon, lat = map(float, found)
    except (TypeError, ValueError):
        lon, lat = np.nan, np.nan
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        message = f"road: expected lon and lat, or x and y, in degrees on the vertex {vertex}, found {found}"
        raise DataError(message)
    return lon, lat
