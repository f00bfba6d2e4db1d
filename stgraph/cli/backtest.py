"""`stgraph backtest`: what a model would have forecast, from one origin after another."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from stgraph.cli.options import Common, Country, DataDir, pairs
from stgraph.cli.reading import reads_series
from stgraph.cli.source import Adjacency, Dataset, Series, files_or_dataset

BEGIN = "First time forecast: a share of the steps such as 0.6, a step number, or a time."
STRIDE = "From one origin to the next, in steps or as 1h. Default: the horizon."
WINDOW = "What each fit knows before its origin, in steps or as 30D. Default: everything."


@reads_series
def backtest(
    ctx: typer.Context,
    series: Series = None,
    adjacency: Adjacency = None,
    dataset: Dataset = None,
    data_dir: DataDir = None,
    output: Annotated[Path | None, typer.Option(help="CSV or Parquet of all forecasts to write.")] = None,
    model: Annotated[str, typer.Option(help="A name from `stgraph models`.")] = "patchnet",
    begin: Annotated[str, typer.Option(help=BEGIN)] = "0.6",
    stride: Annotated[str | None, typer.Option(help=STRIDE)] = None,
    refit: Annotated[int, typer.Option(min=0, help="Fit again at every n-th origin; 0 = fit once.")] = 0,
    window: Annotated[str | None, typer.Option(help=WINDOW)] = None,
    *,
    how: dict[str, Any],
    common: Common = False,
    country: Country = None,
    target: Annotated[list[str] | None, typer.Option(help="Channel to forecast. Default: the first.")] = None,
    history: Annotated[int, typer.Option(min=1, help="Steps in.")] = 12,
    horizon: Annotated[int, typer.Option(min=1, help="Steps out.")] = 12,
    epochs: Annotated[int, typer.Option(min=1, help="At most so many passes, each fit.")] = 30,
    seed: Annotated[int, typer.Option(help="Of parameters, dropout and order.")] = 0,
    threshold: Annotated[float, typer.Option(help="Smallest true value that MAPE counts, in its unit.")] = 1.0,
    settings: Annotated[list[str] | None, typer.Option("--set", help="name=value for the model; repeat.")] = None,
) -> None:
    """Forecast from one origin after another as if the rest had not happened yet, and score it."""
    from stgraph.cli.evaluate import show_errors
    from stgraph.cli.show import say, show_series
    from stgraph.evaluation.backtest import backtest as forecast_from_origins
    from stgraph.files import check_table
    from stgraph.training import Training

    if output is not None:
        check_table(output)
    inputs = files_or_dataset(ctx, series, adjacency, dataset, data_dir, how | {"country": country, "common": common})
    show_series(inputs.series, inputs.provenance["series"])
    say(f"{inputs.graph}, sensors matched by {inputs.matched_by}")
    found = forecast_from_origins(
        inputs.series,
        inputs.graph,
        model,
        start=_number(begin),
        stride=None if stride is None else _number(stride),  # type: ignore[arg-type]  # a share is refused there
        refit=refit,
        history=history,
        horizon=horizon,
        targets=target,
        training=Training(epochs=epochs, seed=seed),
        settings=pairs(settings or []),
        expanding=True if window is None else _number(window),  # type: ignore[arg-type]  # likewise
        threshold=threshold,
        progress=True,
    )
    say(f"{found}")
    show_errors(found.evaluation)
    if output is not None:
        say(f"written: {found.write(output)}")


def _number(text: str) -> float | str:
    """Read a text as a whole number or another one, where it is one."""
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text
