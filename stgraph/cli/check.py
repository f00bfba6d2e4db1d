"""`stgraph check`: the health of a sensor network's data, before anything is fitted to it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stgraph.cli.options import DataDir, pairs
from stgraph.cli.reading import reads_series
from stgraph.cli.source import Dataset, Series, dataset_of

if TYPE_CHECKING:
    from stgraph.anomaly import Health
    from stgraph.graph import SensorGraph
    from stgraph.series import TrafficSeries

SHOWN_SENSORS = 12
MOSTLY = 0.5

Adjacency = Annotated[
    Path | None, typer.Option(help="CSV, NPY or NPZ of the network: sensors are also compared with their neighbours.")
]
Write = Annotated[
    Path | None, typer.Option(help="NPZ to write: the series without what is distrusted; `stgraph fit` takes it.")
]


@reads_series
def check(
    ctx: typer.Context,
    series: Series = None,
    adjacency: Adjacency = None,
    dataset: Dataset = None,
    data_dir: DataDir = None,
    output: Annotated[Path | None, typer.Option(help="Folder for health.csv, health.json and health.png.")] = None,
    write: Write = None,
    *,
    how: dict[str, Any],
    settings: Annotated[list[str] | None, typer.Option("--set", help="name=value for a threshold; repeat.")] = None,
) -> None:
    """Find values to distrust: impossible, stuck, jumping, contradicting others, or measured by a wrong clock."""
    from stgraph.anomaly import HealthSettings
    from stgraph.anomaly import check as find
    from stgraph.cli.show import say, warn
    from stgraph.errors import DataError
    from stgraph.files import check_folder

    thresholds = HealthSettings.read(pairs(settings or []))
    if write is not None and write.suffix != ".npz":
        message = f"{write}: expected a name ending in .npz"
        raise DataError(message)
    for folder in (output, None if write is None else write.parent):
        if folder is not None:
            check_folder(folder)
    values, graph, source = _read(ctx, series, adjacency, dataset, data_dir, how)
    say(f"{values}")
    for note in values.notes:
        warn(f"{source}: {note}")
    if graph is not None:
        say(f"{graph}")
    health = find(values, graph, settings=thresholds)
    _show(health)
    _write(health, output, write)


def _read(
    ctx: typer.Context,
    series: Path | None,
    adjacency: Path | None,
    dataset: str | None,
    data_dir: Path | None,
    how: dict[str, Any],
) -> "tuple[TrafficSeries, SensorGraph | None, object]":
    """Read series and graph, if there is one; and say what they are of."""
    from stgraph.errors import DataError
    from stgraph.forecasting import read_graph_of
    from stgraph.series import read_series

    inputs = dataset_of(ctx, dataset, data_dir)
    if inputs is not None:
        return inputs.series, inputs.graph, inputs.provenance["series"]
    if series is None:
        message = "expected --series, or --dataset"
        raise DataError(message)
    values = read_series(series, **how)
    return values, None if adjacency is None else read_graph_of(values, adjacency), series


def _show(health: "Health") -> None:
    """Print the worst sensors and the verdict."""
    from stgraph.anomaly.findings import found_by
    from stgraph.cli.show import say, show_table

    rows = health.per_sensor()
    worst = rows[rows["distrusted"] > 0].head(SHOWN_SENSORS)
    percent = worst.assign(observed=100 * worst["observed"], distrusted=100 * worst["distrusted"])
    if len(worst):
        title = "worst sensors: % of values observed, % of these distrusted"
        show_table(title, worst.columns, percent.itertuples(index=False))
    say(health.verdict())
    stuck = health.series.values[found_by("stuck", health.findings)]
    if len(stuck) and (stuck == 0).mean() > MOSTLY:
        say("most of the stuck values are 0: if 0 means 'not measured' in this file, say --missing 0 instead")


def _write(health: "Health", output: Path | None, write: Path | None) -> None:
    """Write what was asked for."""
    from stgraph import plots
    from stgraph.anomaly import write_health
    from stgraph.cli.show import say
    from stgraph.series import write_npz

    if output is not None:
        for path in (*write_health(health, output), plots.save(plots.health(health), output / "health.png")):
            say(f"written: {path}")
    if write is not None:
        write_npz(health.applied(health.series), write)
        say(f"written: {write} (fit with: stgraph fit --series {write}, without options on how to read it)")
