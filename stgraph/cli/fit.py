"""`stgraph fit`: train a model on your series and graph."""

from pathlib import Path
from typing import Annotated

import typer

from stgraph.cli.options import Channel, Country, Interval, Missing, NoHeader, Start, Timezone, Unit, pairs


def fit(
    series: Annotated[Path, typer.Option(help="CSV (wide or long), NPZ or Parquet of measured values.")],
    adjacency: Annotated[Path, typer.Option(help="CSV, NPY or NPZ: entry (i, j) > 0 = traffic runs from i to j.")],
    output: Annotated[Path, typer.Option(help="Run folder to write.")],
    model: Annotated[str, typer.Option(help="A name from `stgraph models`.")] = "patchnet",
    channel: Channel = None,
    unit: Unit = None,
    missing: Missing = None,
    start: Start = None,
    interval: Interval = None,
    timezone: Timezone = None,
    country: Country = None,
    no_header: NoHeader = False,
    target: Annotated[list[str] | None, typer.Option(help="Channel to forecast. Default: the first.")] = None,
    history: Annotated[int, typer.Option(min=1, help="Steps in.")] = 12,
    horizon: Annotated[int, typer.Option(min=1, help="Steps out.")] = 12,
    epochs: Annotated[int, typer.Option(min=1, help="At most so many passes.")] = 30,
    batch_size: Annotated[int, typer.Option(min=1, help="Windows in a batch.")] = 64,
    learning_rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 2e-3,
    patience: Annotated[int, typer.Option(min=1, help="Epochs without progress before stopping.")] = 8,
    seed: Annotated[int, typer.Option(help="Of parameters, dropout and order.")] = 0,
    precision: Annotated[str, typer.Option(help="32 or bf16.")] = "32",
    accelerator: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    settings: Annotated[list[str] | None, typer.Option("--set", help="name=value for the model; repeat.")] = None,
) -> None:
    """Fit a model to a road network and save it as a run folder."""
    from stgraph.cli.show import say
    from stgraph.files import check_folder
    from stgraph.forecasting import fit as fit_forecaster
    from stgraph.forecasting import read_inputs
    from stgraph.training import Training

    check_folder(output)
    how = Training(
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        patience=patience,
        seed=seed,
        precision=precision,  # type: ignore[arg-type]  # checked there
        accelerator=accelerator,
    )
    reading: dict[str, object] = {"channel": channel, "unit": unit, "missing": tuple(missing or ())}
    reading |= {"timezone": timezone, "start": start, "interval": interval, "header": not no_header}
    reading |= {"country": country}
    inputs = read_inputs(series, adjacency, **reading)  # type: ignore[arg-type]  # as declared above
    say(f"{inputs.series}")
    say(f"{inputs.graph}, sensors matched by {inputs.matched_by}")
    forecaster = fit_forecaster(
        inputs.series,
        inputs.graph,
        model,
        history=history,
        horizon=horizon,
        targets=target,
        training=how,
        settings=pairs(settings or []),
        provenance=inputs.provenance,
    )
    forecaster.save(output)
    say(forecaster.describe()["trained"])
    say(f"written: {output}/ (forecast with: stgraph forecast {output})")
