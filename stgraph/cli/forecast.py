"""`stgraph forecast`: the dated future from a run folder."""

from pathlib import Path
from typing import Annotated

import typer


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
) -> None:
    """Forecast the steps after the last observation, with dates and units."""
    from stgraph.cli.show import say, show_table
    from stgraph.forecasting import load, read_like

    forecaster = load(run)
    future = forecaster.forecast(None if series is None else read_like(forecaster, series), coverage=coverage)
    say(f"{future}")
    table = future.to_dataframe()
    head = table.head(5) if coverage is None else table.head(5).drop(columns="lead_minutes")  # what 80 columns hold
    show_table(f"first of {len(table)} rows", head.columns, head.itertuples(index=False))
    if output is not None:
        future.write(output)
        say(f"written: {output}")
