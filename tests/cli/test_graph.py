"""`stgraph graph`: every way to an adjacency, its facts, its file and its map."""

import os
import pickle
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.errors import DataError, UnknownNameError
from stgraph.forecasting import correlation_graph
from stgraph.graph import (
    SensorGraph,
    from_coordinates,
    from_corridor,
    from_distances,
    from_edges,
    from_radius,
    from_road,
    read_adjacency,
    read_positions,
    read_road,
    read_table,
)
from stgraph.series import TrafficSeries, read_series, write_npz
from tests.cli.conftest import Refused, assert_matches
from tests.conftest import World
from tests.forecasting.test_inputs import write_world

IDS = ["s2", "s0", "s1"]
SENSORS = "sensor,longitude,latitude\ns0,4.80,52.3\ns1,4.81,52.3\ns2,4.83,52.3\n"
STATIONS = "ID,Fwy,Dir,Abs_PM\ns0,10,W,1.5\ns1,10,W,0.5\ns2,10,W,4\n"
DISTANCES = "from,to,cost\ns0,s1,700\ns1,s2,1400\ns0,x,1\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk with one file of each kind."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("sensors.csv", SENSORS), ("stations.csv", STATIONS), ("distances.csv", DISTANCES)):
        Path(name).write_text(text)
    Path("ids.txt").write_text(",".join(IDS))
    Path("edges.csv").write_text("s0,s1,0.5\ns1,s2,0.25\n")
    Path("adj_mx.pkl").write_bytes(pickle.dumps([IDS, {"s2": 0, "s0": 1, "s1": 2}, np.eye(3, k=1)], 2))
    road: nx.DiGraph[Any] = nx.DiGraph([("a", "b", {"length": 700.0}), ("b", "c", {"length": 1400.0})])
    road.add_nodes_from((name, {"x": x, "y": 52.3}) for name, x in (("a", 4.80), ("b", 4.81), ("c", 4.83)))
    nx.write_graphml(road, "road.graphml")
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["graph", *arguments])
    if result.exception:
        raise result.exception
    return result.output


def made(*arguments: str) -> SensorGraph:
    run(*arguments, "--output", "out/graph.npz")
    return read_adjacency("out/graph.npz")


def located(name: str = "sensors.csv") -> tuple[Any, Any, tuple[str, ...]]:
    ids, positions = read_positions(name)
    return positions[:, 0], positions[:, 1], ids


def expected(kind: str) -> SensorGraph:
    """What each line of the table below is in Python."""
    lon, lat, ids = located()
    places = np.stack([lon, lat], axis=1)
    return {
        "matrix": lambda: read_adjacency("adj_mx.pkl"),
        "edges": lambda: from_edges([("s0", "s1", 0.5), ("s1", "s2", 0.25)], ids),
        "distances": lambda: from_distances(read_table("distances.csv"), IDS, threshold=0.01, ignore_unknown=True),
        "nearest": lambda: from_coordinates(lon, lat, ids, k=1, sigma=2),
        "radius": lambda: from_radius(lon, lat, ids, radius=1.0),
        "corridor": lambda: from_corridor(read_table("stations.csv"), weighted=True, largest_gap=3),
        "road": lambda: from_road(read_road("road.graphml"), places, ids, cutoff=2, sigma=1),
    }[kind]()


@pytest.mark.parametrize(
    "line",
    [
        "matrix adj_mx.pkl",
        "edges edges.csv",
        "distances distances.csv --ids ids.txt --threshold 0.01",
        "nearest sensors.csv --k 1 --sigma 2",
        "radius sensors.csv --radius 1000m",
        "corridor stations.csv --weighted --largest-gap 3",
        "road road.graphml --sensors sensors.csv --cutoff 2km --sigma 1",
    ],
)
@pytest.mark.usefixtures("here")
def test_each_way_is_the_function_of_its_name(line: str) -> None:
    found = made(*line.split())
    assert found.adjacency.nnz
    assert found.digest() == expected(line.split(maxsplit=1)[0]).digest()


def test_correlation_looks_at_the_training_part_alone(world: World, tmp_path: Path) -> None:
    series, _ = write_world(world, tmp_path)
    clock = ["--start", "2012-03-01", "--interval", "30min"]
    output = tmp_path / "graph.csv"
    arguments = ["correlation", str(series), *clock, "--k", "2", "--threshold", "0.3", "--output", str(output)]
    shown = run(*arguments)
    assert "the first 360 steps, the training part of protocol clean" in shown
    whole = read_series(series, start="2012-03-01", interval="30min")
    graph = correlation_graph(whole, k=2, threshold=0.3)
    np.testing.assert_array_equal(read_adjacency(output).adjacency.toarray(), graph.adjacency.toarray())
    (tmp_path / "ids.txt").write_text("s02,s01,s00")
    shown = run(*arguments, "--protocol", "pems", "--ids", str(tmp_path / "ids.txt"))
    assert read_adjacency(output).ids == ("s02", "s01", "s00")
    with pytest.raises(UnknownNameError, match="protocol"):
        run(*arguments, "--protocol", "none")


@pytest.mark.usefixtures("here")
def test_the_facts_are_shown_and_the_isolated_named() -> None:
    Path("ids.txt").write_text("s0\ns1\ns2\nlonely")
    shown = " ".join(run("edges", "edges.csv", "--ids", "ids.txt").split())
    assert "SensorGraph(sensors=4, edges=2)" in shown
    for fact in ("sensors 4", "edges 2", "symmetric no", "components 2", "isolated 1", "smallest weight 0.25"):
        assert fact in shown
    assert "isolated: lonely" in shown
    assert "km" not in shown


@pytest.mark.usefixtures("here")
def test_a_kernel_too_narrow_for_most_is_told() -> None:
    Path("chain.csv").write_text("from,to,distance\na,b,500\nb,c,800\nc,d,900\nd,e,900\n")
    assert made("distances", "chain.csv").adjacency.nnz == 0
    assert "warning: most sensors are isolated" in run("distances", "chain.csv")
    assert made("distances", "chain.csv", "--sigma", "1000").adjacency.nnz == 4
    assert "warning" not in run("distances", "chain.csv", "--sigma", "1000")


@pytest.mark.usefixtures("here")
def test_ids_choose_and_order_the_sensors() -> None:
    Path("two.txt").write_text("s1,s0")
    assert made("matrix", "adj_mx.pkl", "--ids", "two.txt").adjacency.toarray().tolist() == [[0, 0], [1, 0]]
    np.save("bare.npy", np.eye(3, k=1))
    assert made("matrix", "bare.npy", "--ids", "ids.txt").ids == tuple(IDS)
    for line in ("nearest sensors.csv", "radius sensors.csv --radius 9", "corridor stations.csv"):
        assert made(*line.split(), "--ids", "two.txt").ids == ("s1", "s0")
    Path("two.txt").write_text("s1,s9")
    with pytest.raises(UnknownNameError, match=r"adj_mx.pkl: expected ids of the graph's 3 sensors"):
        made("matrix", "adj_mx.pkl", "--ids", "two.txt")


def test_a_map_is_drawn_where_positions_are_known(here: Path) -> None:
    shown = run("matrix", "adj_mx.pkl", "--positions", "sensors.csv", "--plot", "maps/map.png", "--output", "a.npz")
    assert "longest edge km" in shown
    assert shown.endswith("written: a.npz\nwritten: maps/map.png\n")
    assert (here / "maps" / "map.png").read_bytes().startswith(b"\x89PNG")
    assert read_adjacency("a.npz").positions is not None
    with pytest.raises(DataError, match="so there is no map to draw"):
        run("matrix", "adj_mx.pkl", "--plot", "none.png", "--output", "none.npz")
    assert not list(here.glob("none.*"))


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        (("edges", "long.csv"), r"long.csv: edges: expected a column named from or source, found \['time'"),
        (("nearest", "bad.csv"), r"bad.csv: positions: expected a column named longitude or lon"),
        (("nearest", "wide.csv"), r"wide.csv, line 1: expected a header that names the columns, found time, 773869"),
        (("corridor", "bad.csv"), r"bad.csv: column 'km': line 3: expected a number, found 'far'"),
        (("distances", "negative.csv"), r"negative.csv: distances: line 2: expected 0 or more, found -1.0 from a to b"),
        (("road", "bad.csv", "--sensors", "bad.csv"), r"bad.csv: positions: expected a column named longitude"),
        (("matrix", "bare.csv", "--ids", "twice.txt"), r"twice.txt: expected sensor ids .* found 'a' more than once"),
        (("matrix", "bare.csv", "--output", "out.txt"), r"out.txt: expected a name ending in .csv or .npz"),
    ],
)
def test_a_mistake_is_one_line_that_names_its_place(
    refused: Refused, arguments: tuple[str, ...], pattern: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.csv").write_text("id,km\na,1\nb,far\n")
    (tmp_path / "negative.csv").write_text("from,to,cost\na,b,-1\n")
    (tmp_path / "twice.txt").write_text("a,a")
    assert_matches(refused("graph", *arguments), pattern)


def test_a_length_that_is_none_is_a_wrong_option(here: Path) -> None:
    result = CliRunner().invoke(
        app, ["graph", "radius", "sensors.csv", "--radius", "2furlong", "--output", "out/a.csv"]
    )
    assert result.exit_code == 2
    assert "2furlong" in result.output
    assert not (here / "out").exists()


def test_a_pickle_is_fitted_on_and_a_bad_one_does_nothing(world: World, tmp_path: Path) -> None:
    series, _ = write_world(world, tmp_path)
    ids = list(world.graph.ids)
    content = [ids, {name: n for n, name in enumerate(ids)}, world.graph.adjacency.toarray()]
    (tmp_path / "adj_mx.pkl").write_bytes(pickle.dumps(content, 2))
    arguments = ["fit", "--series", str(series), "--start", "2012-03-01", "--interval", "30min"]
    arguments += ["--model", "persistence", "--output", str(tmp_path / "run"), "--adjacency"]
    result = CliRunner().invoke(app, [*arguments, str(tmp_path / "adj_mx.pkl")])
    assert result.exit_code == 0, result.output
    assert "sensors matched by id" in result.output

    class Bomb:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.mkdir, (str(tmp_path / "made"),)

    (tmp_path / "bad.pkl").write_bytes(pickle.dumps([Bomb()]))
    arguments[arguments.index(str(tmp_path / "run"))] = str(tmp_path / "other")
    result = CliRunner().invoke(app, [*arguments, str(tmp_path / "bad.pkl")])
    assert isinstance(result.exception, DataError)
    assert f"bad.pkl: the pickle names '{os.name}.mkdir'" in str(result.exception)
    assert not (tmp_path / "made").exists()
    assert not (tmp_path / "other").exists()


@pytest.mark.usefixtures("here")
def test_stations_in_several_files_join_one_chain_of_the_sensors_of_a_series() -> None:
    header, *rows = Path("stations.csv").read_text().splitlines()
    for name, part in (("one.csv", rows[::2]), ("two.csv", rows[1::2])):
        Path(name).write_text("\n".join([header, *part]))
    whole = from_corridor(read_table("stations.csv"))
    assert made("corridor", "one.csv", "two.csv").digest() == whole.digest()
    wanted = whole.ids[:-1]
    values = np.ones((3, len(wanted), 1), np.float32)
    times = np.datetime64("2024-03-01", "ns") + np.arange(3) * np.timedelta64(5, "m")
    write_npz(TrafficSeries(values, values > 0, times, wanted, ("speed",), ("mph",)), Path("series.npz"))
    found = made("corridor", "stations.csv", "--ids", "series.npz")
    assert found.digest() == from_corridor(read_table("stations.csv"), wanted).digest()
