"""`stgraph forecast`: the dated future from a run folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stgraph.cli.options import Before

if TYPE_CHECKING:
    from stgraph.forecasting import Forecast, Forecaster
    from stgraph.series import TrafficSeries


def forecast(
    run: Annotated[Path, typer.Argument(help="Run folder that `stgraph fit` wrote.")],
    newest: Annotated[
        Path | None, typer.Option("--input", help="Newest observations, with holes as they come. Default: the run's.")
    ] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="Unit of each channel of --input, where it is another.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="Time of the first row of --input, where it has no times.")] = None,
    before: Before = None,
    adjacency: Annotated[
        Path | None,
        typer.Option(help="Network of --input, where it is another: CSV, NPY, NPZ or PKL with the ids of its sensors."),
    ] = None,
    coverage: Annotated[
        float | None,
        typer.Option(min=0.5, max=0.99, help="Share that bounds should hold. Default: no bounds."),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="How many. Default: the horizon; fed back beyond it.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Last time to forecast, instead of --steps.")] = None,
    output: Annotated[Path | None, typer.Option(help="CSV or Parquet to write.")] = None,
    form: Annotated[str, typer.Option(help="long, or wide: one row a time, one column a sensor.")] = "long",
    plot: Annotated[Path | None, typer.Option(help="Picture to write: PNG, SVG or PDF, of a few sensors.")] = None,
    page: Annotated[Path | None, typer.Option("--map", help="HTML page to write: the forecast on a map.")] = None,
    positions: Annotated[
        Path | None, typer.Option(help="For the map: CSV of sensor, longitude, latitude, or sensor, x, y in metres.")
    ] = None,
) -> None:
    """Forecast the steps after the last observation, with dates and units."""
    from stgraph.cli.show import say, warn
    from stgraph.errors import DataError
    from stgraph.files import check_table, write_table
    from stgraph.forecasting import load, measured_before, steps_until
    from stgraph.graph import read_adjacency
    from stgraph.plots import check_picture, save
    from stgraph.plots import forecast as draw

    if output is not None:
        check_table(output)
    if plot is not None:
        check_picture(plot)
    if (newest is None and (unit or start or adjacency)) or (steps is not None and until is not None):
        message = "expected --input beside --unit, --start and --adjacency, and --steps or --until, not both"
        raise DataError(message)
    fitted = load(run)
    graph = None if adjacency is None else read_adjacency(adjacency)
    forecaster = fitted if graph is None else fitted.on(graph)
    whole = _measured(forecaster, newest, unit, start, before)
    known = whole if before is None else measured_before(whole, before)
    forecaster = forecaster if graph is None else fitted.on(graph, known)  # which tells what new sensors are like
    ahead = steps if until is None else steps_until(until, known)
    future = forecaster.forecast(known, coverage=coverage, steps=ahead)
    for note in future.notes:
        warn(f"{newest or run}: {note}")
    _show(future)
    table, measured = future.table(form), forecaster.filled(whole)
    if page is not None:
        say(f"written: {_map(forecaster, future, measured, page, positions)}")
    if output is not None:
        say(f"written: {write_table(table, output)}")
    if plot is not None:
        say(f"written: {save(draw(future, measured), plot)}")


def _measured(
    forecaster: "Forecaster", newest: Path | None, unit: list[str] | None, start: str | None, before: str | None
) -> "TrafficSeries":
    """Return what was measured, also after the time that the forecast is to be made at, where one is given."""
    from stgraph.forecasting import read_newest, reopen_series

    if newest is not None:
        return read_newest(forecaster, newest, unit=unit, start=start, before=before)
    return forecaster.latest if before is None else reopen_series({**forecaster.provenance, "before": None})


def _show(future: "Forecast") -> None:
    """Print what is forecast, and the head of the table, as wide as 80 columns hold."""
    from stgraph.cli.show import say, show_table

    say(f"{future}")
    table = future.to_dataframe()
    head = table.head(5) if future.coverage is None else table.head(5).drop(columns="lead_minutes")
    show_table(f"first of {len(table)} rows", head.columns, head.itertuples(index=False))


def _map(
    forecaster: "Forecaster", future: "Forecast", measured: "TrafficSeries", page: Path, positions: Path | None
) -> Path:
    from stgraph import plots
    from stgraph.graph import read_places

    places = None if positions is None else read_places(positions, future.sensors)
    return plots.map_page(future, forecaster.graph, measured, page, places=places)
