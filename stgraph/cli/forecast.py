"""`stgraph forecast`: the dated future from a run folder."""

from pathlib import Path
from typing import Annotated

import typer


def forecast(
    run: Annotated[Path, typer.Argument(help="Run folder that `stgraph fit` wrote.")],
    newest: Annotated[
        Path | None, typer.Option("--input", help="Newest observations, with holes as they come. Default: the run's.")
    ] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="Unit of each channel of --input, where it is another.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="Time of the first row of --input, where it has no times.")] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="How many. Default: the horizon; fed back beyond it.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Last time to forecast, instead of --steps.")] = None,
    output: Annotated[Path | None, typer.Option(help="CSV or Parquet to write.")] = None,
    form: Annotated[str, typer.Option(help="long, or wide: one row a time, one column a sensor.")] = "long",
    plot: Annotated[Path | None, typer.Option(help="Picture to write: PNG, SVG or PDF, of a few sensors.")] = None,
) -> None:
    """Forecast the steps after the last observation, with dates and units."""
    from stgraph.cli.show import say, show_table, warn
    from stgraph.errors import DataError
    from stgraph.files import check_table
    from stgraph.forecasting import load, read_newest, steps_until
    from stgraph.plots import check_picture, save
    from stgraph.plots import forecast as draw

    if output is not None:
        check_table(output)
    if plot is not None:
        check_picture(plot)
    if (newest is None and (unit or start)) or (steps is not None and until is not None):
        message = "expected --input beside --unit and --start, and --steps or --until, not both"
        raise DataError(message)
    forecaster = load(run)
    known = forecaster.latest
    if newest is not None:
        known = read_newest(forecaster, newest, unit=unit, start=start, tell=warn)
    future = forecaster.forecast(known, steps=steps if until is None else steps_until(until, known))
    for note in future.notes:
        warn(f"{newest or run}: {note}")
    say(f"{future}")
    table = future.to_dataframe()
    head = table.head(5)
    show_table(f"first of {len(table)} rows", head.columns, head.itertuples(index=False))
    if output is not None:
        say(f"written: {future.write(output, form=form)}")
    if plot is not None:
        say(f"written: {save(draw(future, forecaster.filled(known)), plot)}")
