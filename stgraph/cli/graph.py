"""`stgraph graph`: an adjacency from what there is, what it looks like, and its file for `stgraph fit`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stgraph.cli.options import Before, DataDir, kilometres
from stgraph.cli.reading import reads_series
from stgraph.cli.source import Dataset, dataset_of

if TYPE_CHECKING:
    from stgraph.graph import SensorGraph
    from stgraph.series import TrafficSeries

Ids = Annotated[
    Path | None, typer.Option(help="Text file of sensor ids, or the series that has them: these, in this order.")
]
Positions = Annotated[Path | None, typer.Option(help="CSV of sensor, longitude and latitude: for the map.")]
Output = Annotated[Path | None, typer.Option(help="CSV or NPZ to write: the --adjacency of `stgraph fit`.")]
Plot = Annotated[Path | None, typer.Option(help="PNG, SVG or PDF: the map.")]
KERNEL = "Width of the kernel exp(-d^2 / sigma^2), in the unit of d. Default: from all d; their standard deviation, "
KERNEL += "or their mean between neighbours."
Sigma = Annotated[float | None, typer.Option(help=KERNEL)]
Threshold = Annotated[float, typer.Option(help="Smallest weight that is an edge, 0 to 1.")]
Sensors = Annotated[Path, typer.Argument(help="CSV with columns for sensor id, longitude and latitude.")]

app = typer.Typer(
    help="Build the adjacency from what there is, look at it, and write it for `stgraph fit`.", no_args_is_help=True
)


@app.command()
def matrix(
    adjacency: Annotated[Path, typer.Argument(help="CSV, NPY, NPZ or PKL, such as METR-LA's adj_mx.pkl.")],
    ids: Ids = None,
    positions: Positions = None,
    output: Output = None,
    plot: Plot = None,
) -> None:
    """From a matrix in a file; a pickle is read as data, nothing of it is run."""
    from stgraph.graph import is_labelled, read_adjacency
    from stgraph.graph.tables import naming

    names = _wanted(ids)
    graph = read_adjacency(adjacency, names)
    if names is not None and is_labelled(adjacency):
        with naming(adjacency):
            graph = graph.subgraph(graph.index_of(names))
    _show(graph, positions, output, plot)


@app.command()
def edges(
    table: Annotated[Path, typer.Argument(help="CSV of from, to and, where edges differ, weight.")],
    ids: Ids = None,
    positions: Positions = None,
    output: Output = None,
    plot: Plot = None,
) -> None:
    """From a list of directed edges."""
    from stgraph.graph import from_edges, read_table
    from stgraph.graph.tables import naming

    names = _wanted(ids)
    rows = read_table(table, names=("from", "to", "weight"))
    with naming(table):
        graph = from_edges(rows, names)
    _show(graph, positions, output, plot)


@app.command()
def distances(
    table: Annotated[Path, typer.Argument(help="CSV of from, to and distance, such as distances_la_2012.csv.")],
    ids: Ids = None,
    sigma: Sigma = None,
    threshold: Threshold = 0.1,
    positions: Positions = None,
    output: Output = None,
    plot: Plot = None,
) -> None:
    """From distances between sensors, by the thresholded Gaussian kernel of Li et al. 2018."""
    from stgraph.cli.show import warn
    from stgraph.graph import from_distances, read_table
    from stgraph.graph.tables import naming

    names = _wanted(ids)
    rows = read_table(table, names=("from", "to", "distance"))
    with naming(table):
        graph = from_distances(rows, names, sigma=sigma, threshold=threshold, ignore_unknown=names is not None)
    _show(graph, positions, output, plot)
    if 2 * len(graph.isolated()) > len(graph):
        warn("most sensors are isolated: distances that differ little give a narrow kernel; try a larger --sigma")


@app.command()
def nearest(
    sensors: Sensors,
    k: Annotated[int, typer.Option(help="Neighbours that each sensor chooses.")] = 5,
    ids: Ids = None,
    sigma: Sigma = None,
    threshold: Threshold = 0.0,
    output: Output = None,
    plot: Plot = None,
) -> None:
    """From positions: each sensor and its k nearest, both ways; sigma in km."""
    from stgraph.graph import from_coordinates, read_positions

    names, places = read_positions(sensors, _wanted(ids))
    graph = from_coordinates(places[:, 0], places[:, 1], names, k=k, sigma=sigma, threshold=threshold)
    _show(graph, None, output, plot)


@app.command()
def radius(
    sensors: Sensors,
    within: Annotated[str, typer.Option("--radius", help="Longest edge: 2km, 800m or 1.5mi.")],
    ids: Ids = None,
    sigma: Sigma = None,
    threshold: Threshold = 0.0,
    output: Output = None,
    plot: Plot = None,
) -> None:
    """From positions: all sensors within a radius, both ways; sigma in km."""
    from stgraph.graph import from_radius, read_positions

    longest = kilometres(within)
    names, places = read_positions(sensors, _wanted(ids))
    graph = from_radius(places[:, 0], places[:, 1], names, radius=longest, sigma=sigma, threshold=threshold)
    _show(graph, None, output, plot)


@app.command()
def corridor(
    stations: Annotated[
        list[Path], typer.Argument(help="CSV of sensor, postmile and, if any, freeway and direction; or several.")
    ],
    ids: Ids = None,
    sigma: Sigma = None,
    weighted: Annotated[bool, typer.Option("--weighted", help="By the spacing; if not, every edge is 1.")] = False,
    largest_gap: Annotated[float | None, typer.Option(help="Break where the next is further, in postmiles.")] = None,
    positions: Positions = None,
    output: Output = None,
    plot: Plot = None,
) -> None:
    """From the order along freeways: each sensor to the next downstream, such as PeMS's station metadata."""
    import pandas as pd

    from stgraph.graph import from_corridor, read_table
    from stgraph.graph.tables import naming

    names = _wanted(ids)
    rows = pd.concat([read_table(table) for table in stations])
    with naming(", ".join(map(str, stations))):
        graph = from_corridor(rows, names, weighted=weighted, sigma=sigma, largest_gap=largest_gap)
    _show(graph, positions, output, plot)


@app.command()
def road(
    roads: Annotated[Path, typer.Argument(help="GraphML of a road graph, as osmnx and networkx write it.")],
    sensors: Annotated[Path, typer.Option(help="CSV with columns for sensor id, longitude and latitude.")],
    cutoff: Annotated[str, typer.Option(help="Longest way of an edge.")] = "5km",
    farthest: Annotated[str, typer.Option(help="Longest way from a sensor to its road.")] = "100m",
    ids: Ids = None,
    sigma: Sigma = None,
    threshold: Threshold = 0.1,
    output: Output = None,
    plot: Plot = None,
) -> None:
    """From the shortest ways along roads, in the direction of traffic; sigma in km."""
    from stgraph.graph import from_road, read_positions, read_road

    longest, near = kilometres(cutoff), kilometres(farthest)
    names, places = read_positions(sensors, _wanted(ids))
    graph = from_road(read_road(roads), places, names, cutoff=longest, farthest=near, sigma=sigma, threshold=threshold)
    _show(graph, None, output, plot)


@app.command()
@reads_series
def correlation(
    ctx: typer.Context,
    series: Annotated[
        Path | None, typer.Argument(help="CSV (wide or long), NPZ or Parquet of measured values.")
    ] = None,
    dataset: Dataset = None,
    data_dir: DataDir = None,
    k: Annotated[int | None, typer.Option(help="Neighbours that each sensor chooses at most. Default: all.")] = None,
    threshold: Annotated[float, typer.Option(help="Smallest correlation that is an edge.")] = 0.5,
    protocol: Annotated[str, typer.Option(help="The one of the fit: its training part alone is looked at.")] = "clean",
    before: Before = None,
    *,
    how: dict[str, Any],
    ids: Ids = None,
    positions: Positions = None,
    output: Output = None,
    plot: Plot = None,
) -> None:
    """From measured values: sensors that rise and fall together in the training part."""
    from stgraph.cli.show import say, warn
    from stgraph.evaluation import find_protocol
    from stgraph.forecasting import correlation_graph, measured_before

    rules = find_protocol(protocol)
    names = _wanted(ids)
    values = _values(ctx, series, dataset, data_dir, how)
    for note in values.notes:
        warn(f"{series or dataset}: {note}")
    values = (values if before is None else measured_before(values, before)).select(sensors=names)
    say(f"{values}")
    _, last = rules.split.bounds(len(values))["train"]
    say(f"correlation of {values.channels[0]} over the first {last} steps, the training part of protocol {rules.name}")
    _show(correlation_graph(values, split=rules.split, threshold=threshold, k=k), positions, output, plot)


def _values(
    ctx: typer.Context, series: Path | None, dataset: str | None, data_dir: Path | None, how: dict[str, Any]
) -> "TrafficSeries":
    """Read the series of a file or of a dataset."""
    from stgraph.errors import DataError
    from stgraph.series import read_series

    inputs = dataset_of(ctx, dataset, data_dir)
    if inputs is not None:
        return inputs.series
    if series is None:
        message = "expected a series, or --dataset"
        raise DataError(message)
    return read_series(series, **how)


def _wanted(ids: Path | None) -> tuple[str, ...] | None:
    """Return the sensors that a list of ids, or a series, names; None for all."""
    from stgraph.forecasting import read_sensors

    return None if ids is None else read_sensors(ids)


def _show(graph: "SensorGraph", positions: Path | None, output: Path | None, plot: Path | None) -> None:
    """Say what the graph is like, write it and draw it."""
    from stgraph import plots
    from stgraph.cli.show import say, show_table
    from stgraph.graph import SensorGraph, read_positions, write_adjacency

    if positions is not None:
        graph = SensorGraph(graph.ids, graph.adjacency, read_positions(positions, graph.ids)[1])
    figure = None if plot is None else plots.network(graph)
    written = [] if output is None else [write_adjacency(graph, output)]
    if figure is not None and plot is not None:
        written.append(plots.save(figure, plot))
    facts = graph.describe().items()
    show_table(f"{graph}", ("what", "value"), [(name.replace("_", " "), _spell(fact)) for name, fact in facts])
    alone = [graph.ids[n] for n in graph.isolated()]
    if alone:
        say(f"isolated: {', '.join(alone[:10])}{', ...' if len(alone) > 10 else ''}")
    for path in written:
        say(f"written: {path}")


def _spell(fact: float | bool) -> str:
    return ("no", "yes")[fact] if isinstance(fact, bool) else f"{fact:.4g}" if isinstance(fact, float) else f"{fact:,}"
