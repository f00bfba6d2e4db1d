"""`stgraph refit`: a run trained anew on all data, for tomorrow's forecasts."""

from pathlib import Path
from typing import Annotated

import typer


def refit(
    run: Annotated[Path, typer.Argument(help="Run folder that `stgraph fit` wrote.")],
    output: Annotated[Path, typer.Option(help="Run folder to write, another one.")],
    series: Annotated[
        Path | None, typer.Option(help="A longer series of the same sensors. Default: the very file of the run.")
    ] = None,
    accelerator: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
) -> None:
    """Train a run anew on all its data, for the epochs that its validation chose; nothing is held out."""
    from stgraph.cli.show import say
    from stgraph.forecasting import refit as refit_run

    try:
        forecaster = refit_run(run, series, folder=output, accelerator=accelerator)  # type: ignore[arg-type]  # checked
    except KeyboardInterrupt:
        say("\ninterrupted: the same command goes on after the last whole epoch")
        raise typer.Exit(130) from None
    said = forecaster.describe()
    say(said["trained"])
    say(f"bounds: {said['bounds']}")
    say(f"written: {output}/ (forecast with: stgraph forecast {output})")
