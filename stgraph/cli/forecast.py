"""`stgraph forecast`: the dated future from a run folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from stgraph.forecasting import Forecast, Forecaster
    from stgraph.series import TrafficSeries


def forecast(
    run: Annotated[Path, typer.Argument(help="Run folder that `stgraph fit` wrote.")],
    series: Annotated[
        Path | None, typer.Option(help="Newest observations, a file like the one fitted on. Default: the run's own.")
    ] = None,
    coverage: Annotated[
        float | None,
        typer.Option(min=0.5, max=0.99, help="Share that bounds should hold. Default: no bounds."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="CSV or Parquet to write.")] = None,
    page: Annotated[Path | None, typer.Option("--map", help="HTML page to write: the forecast on a map.")] = None,
    positions: Annotated[
        Path | None, typer.Option(help="For the map: CSV of sensor, longitude, latitude, or sensor, x, y in metres.")
    ] = None,
) -> None:
    """Forecast the steps after the last observation, with dates and units."""
    from stgraph.cli.show import say, show_table
    from stgraph.forecasting import load, read_like

    forecaster = load(run)
    newest = None if series is None else read_like(forecaster, series)
    future = forecaster.forecast(newest, coverage=coverage)
    say(f"{future}")
    table = future.to_dataframe()
    head = table.head(5) if coverage is None else table.head(5).drop(columns="lead_minutes")  # what 80 columns hold
    show_table(f"first of {len(table)} rows", head.columns, head.itertuples(index=False))
    if page is not None:
        say(f"written: {_map(forecaster, future, newest or forecaster.latest, page, positions)}")
    if output is not None:
        future.write(output)
        say(f"written: {output}")


def _map(
    forecaster: "Forecaster", future: "Forecast", newest: "TrafficSeries", page: Path, positions: Path | None
) -> Path:
    from stgraph import plots
    from stgraph.graph import read_places

    places = None if positions is None else read_places(positions, future.sensors)
    return plots.map_page(future, forecaster.graph, newest, page, places=places)
