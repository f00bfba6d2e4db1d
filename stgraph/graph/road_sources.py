"""Road graphs: from a file, or from OpenStreetMap."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from stgraph.errors import DataError

if TYPE_CHECKING:
    import networkx as nx


def read_road(path: str | Path) -> "nx.Graph[Any]":
    """Read a road graph from GraphML, as ``networkx.write_graphml`` and ``osmnx.save_graphml`` write it.

    Raises:
        DataError: the file cannot be read.
    """
    import networkx as nx  # noqa: PLC0415 - a quarter of a second that only this needs

    try:
        road: nx.Graph[Any] = nx.read_graphml(Path(path))
    except (OSError, ParseError, nx.NetworkXError, ValueError, LookupError) as error:
        message = f"{path}: cannot be read as GraphML ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error
    return road


def fetch_road(west: float, south: float, east: float, north: float, *, kind: str = "drive") -> "nx.MultiDiGraph[Any]":
    """Fetch the roads within a box from OpenStreetMap, through osmnx (Boeing 2017, https://arxiv.org/abs/1611.01890).

    This is the one function of the room that needs a network. Keep what it returns with ``osmnx.save_graphml``, so
    that `read_road` gives the same graph tomorrow. The data are OpenStreetMap's, under the ODbL.

    Args:
        west: smallest longitude in degrees.
        south: smallest latitude in degrees.
        east: largest longitude in degrees.
        north: largest latitude in degrees.
        kind: which roads: ``drive``, ``all`` or another network type of osmnx.

    Raises:
        DataError: a box that is none.
        ImportError: osmnx is not installed.
    """
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        message = (
            "box: expected west < east in [-180, 180] and south < north in [-90, 90] degrees, "
            f"found west {west}, south {south}, east {east}, north {north}"
        )
        raise DataError(message)
    try:
        import osmnx  # noqa: PLC0415 - it may not be installed
    except ImportError as error:
        message = "fetch_road needs osmnx: pip install 'stgraph[osmnx]'"
        raise ImportError(message) from error
    road: nx.MultiDiGraph[Any] = osmnx.graph_from_bbox((west, south, east, north), network_type=kind)
    return road
