"""Road graphs from files and, through a stand-in, from OpenStreetMap: no test needs a network."""

import inspect
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import pytest

from stgraph.errors import DataError
from stgraph.graph import fetch_road, from_road, read_road

ROAD: "nx.MultiDiGraph[Any]" = nx.MultiDiGraph(crs="epsg:4326")
ROAD.add_node(1, x=4.80, y=52.3)
ROAD.add_node(2, x=4.82, y=52.3)
ROAD.add_edge(1, 2, length=1500.0, oneway=True)
PLACES = [(4.80, 52.3), (4.82, 52.3)]


def test_a_written_road_gives_the_same_graph(tmp_path: Path) -> None:
    graph = from_road(ROAD, PLACES, "ab", sigma=1, threshold=0)
    nx.write_graphml(ROAD, tmp_path / "road.graphml")
    assert (
        from_road(read_road(tmp_path / "road.graphml"), PLACES, "ab", sigma=1, threshold=0).digest() == graph.digest()
    )


def test_osmnx_writes_what_is_read_with_its_bends(tmp_path: Path) -> None:
    osmnx = pytest.importorskip("osmnx")
    shapely = pytest.importorskip("shapely")
    bent = ROAD.copy()
    bent.edges[1, 2, 0]["geometry"] = shapely.LineString([(4.80, 52.3), (4.81, 52.305), (4.82, 52.3)])
    osmnx.save_graphml(bent, tmp_path / "road.graphml")
    top = [PLACES[0], (4.81, 52.305)]
    graph = from_road(bent, top, "ab", sigma=1, threshold=0)
    assert graph.adjacency[0, 1] == pytest.approx(0.5698, abs=1e-3)  # exp(-0.75^2): the bend is half way
    assert from_road(read_road(tmp_path / "road.graphml"), top, "ab", sigma=1, threshold=0).digest() == graph.digest()


@pytest.mark.parametrize("text", ["", "id,x\n1,2\n", "<graphml>", "<html></html>"])
def test_what_is_no_graphml_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "road.graphml").write_text(text)
    with pytest.raises(DataError, match=r"road.graphml: cannot be read as GraphML"):
        read_road(tmp_path / "road.graphml")
    with pytest.raises(DataError, match=r"none.graphml: cannot be read as GraphML \(No such file"):
        read_road(tmp_path / "none.graphml")


def test_a_box_is_fetched_through_osmnx(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def graph_from_bbox(bbox: tuple[float, ...], *, network_type: str) -> "nx.MultiDiGraph[Any]":
        asked.append((bbox, network_type))
        return ROAD

    monkeypatch.setitem(sys.modules, "osmnx", SimpleNamespace(graph_from_bbox=graph_from_bbox))
    assert fetch_road(4.7, 52.2, 4.9, 52.4, kind="all") is ROAD
    assert asked == [((4.7, 52.2, 4.9, 52.4), "all")]
    with pytest.raises(DataError, match=r"box: expected west < east .* found west 4.9, south 52.2, east 4.7"):
        fetch_road(4.9, 52.2, 4.7, 52.4)
    assert len(asked) == 1


def test_osmnx_takes_what_it_is_asked() -> None:
    osmnx = pytest.importorskip("osmnx")
    bound = inspect.signature(osmnx.graph_from_bbox).bind((4.7, 52.2, 4.9, 52.4), network_type="drive")
    assert bound.arguments["network_type"] == "drive"


def test_without_osmnx_the_fix_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "osmnx", None)
    with pytest.raises(ImportError, match=r"pip install 'stgraph\[osmnx\]'"):
        fetch_road(4.7, 52.2, 4.9, 52.4)
