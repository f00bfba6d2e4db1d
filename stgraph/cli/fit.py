"""`stgraph fit`: train a model on your series and graph, or go on where a training was cut off."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stgraph.cli.networks import Also, fit_also
from stgraph.cli.options import Before, Common, Country, DataDir, others_given, pairs
from stgraph.cli.reading import reads_series
from stgraph.cli.source import Adjacency, Dataset, Series, files_or_dataset

if TYPE_CHECKING:
    from stgraph.forecasting import Forecaster, Inputs

BEGIN = "expected --series and --adjacency, or --dataset, and --output (or --dry-run) to begin a fit, "
BEGIN += "or --resume RUN to go on"
Resume = Annotated[Path | None, typer.Option(help="Run folder of a fit that was cut off: go on; no other option.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it costs, measured on a few steps; write nothing.")]


@reads_series
def fit(
    ctx: typer.Context,
    series: Series = None,
    adjacency: Adjacency = None,
    dataset: Dataset = None,
    data_dir: DataDir = None,
    output: Annotated[Path | None, typer.Option(help="Run folder to write.")] = None,
    resume: Resume = None,
    dry_run: DryRun = False,
    model: Annotated[str, typer.Option(help="A name from `stgraph models`.")] = "patchnet",
    *,
    how: dict[str, Any],
    common: Common = False,
    country: Country = None,
    before: Before = None,
    protocol: Annotated[str, typer.Option(help="Rules of split and scaling: clean, or a published one.")] = "clean",
    target: Annotated[list[str] | None, typer.Option(help="Channel to forecast. Default: the first.")] = None,
    quantile: Annotated[
        list[float] | None, typer.Option(help="Level to forecast beside the median, such as 0.05; repeat.")
    ] = None,
    history: Annotated[int, typer.Option(min=1, help="Steps in.")] = 12,
    horizon: Annotated[int, typer.Option(min=1, help="Steps out.")] = 12,
    epochs: Annotated[int, typer.Option(min=1, help="At most so many passes.")] = 30,
    epoch_share: Annotated[float, typer.Option(help="Of a pass in an epoch: below 1 for very long series.")] = 1.0,
    batch_size: Annotated[int, typer.Option(min=1, help="Windows in a batch.")] = 64,
    learning_rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 2e-3,
    patience: Annotated[int, typer.Option(min=1, help="Epochs without progress before stopping.")] = 8,
    loss: Annotated[str, typer.Option(help="mae, or mse where RMSE is what counts.")] = "mae",
    seed: Annotated[int, typer.Option(help="Of parameters, dropout and order.")] = 0,
    precision: Annotated[str, typer.Option(help="32 or bf16.")] = "32",
    accelerator: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    patches: Annotated[
        str, typer.Option(help="auto, whole, or train on pieces of so many sensors: less memory.", metavar="WHAT")
    ] = "auto",
    blocks: Annotated[int, typer.Option(min=1, help="Patches in a batch, of all processes together.")] = 1,
    settings: Annotated[list[str] | None, typer.Option("--set", help="name=value for the model; repeat.")] = None,
    also: Also = None,
) -> None:
    """Fit a model to a road network and save it as a run folder."""
    from stgraph.cli.show import show_rules
    from stgraph.errors import DataError
    from stgraph.evaluation import find_protocol
    from stgraph.files import check_folder
    from stgraph.forecasting import check_free
    from stgraph.training import Training

    if resume is not None:
        _resume(ctx, resume)
        return
    if output is None and not dry_run:
        raise DataError(BEGIN)
    training = Training(
        epochs=epochs,
        epoch_share=epoch_share,
        batch_size=batch_size,
        learning_rate=learning_rate,
        patience=patience,
        seed=seed,
        precision=precision,  # type: ignore[arg-type]  # checked there
        accelerator=accelerator,  # type: ignore[arg-type]  # likewise
        patches=int(patches) if patches.isdecimal() else patches,  # type: ignore[arg-type]  # likewise
        blocks=blocks,
        loss=loss,  # type: ignore[arg-type]  # likewise
    )
    rules = find_protocol(protocol)
    if output is not None and not dry_run:
        check_free(check_folder(output))
    how |= {"country": country, "before": before, "common": common}
    inputs = files_or_dataset(ctx, series, adjacency, dataset, data_dir, how, BEGIN)
    show_rules(rules, rules.name)
    asked: dict[str, object] = {"history": history, "horizon": horizon, "targets": target, "training": training}
    asked |= {"model": model, "settings": pairs(settings or []), "split": rules.split, "scaling": rules.scaling}
    asked |= {"provenance": inputs.provenance | {"protocol": rules.name}, "quantiles": _with_median(quantile)}
    if also:
        fit_also(inputs, also, asked, how, None if dry_run else output)
    else:
        _begin(inputs, asked, None if dry_run else output)


def _with_median(quantiles: list[float] | None) -> list[float]:
    return sorted({0.5, *quantiles}) if quantiles else []


def _begin(inputs: "Inputs", asked: dict[str, Any], output: Path | None) -> None:
    """Fit what is asked for, or without an output say what it would cost."""
    from stgraph.cli.show import say, show_series, show_table
    from stgraph.forecasting import estimate
    from stgraph.forecasting import fit as fit_forecaster

    show_series(inputs.series, inputs.provenance["series"])
    say(f"{inputs.graph}, sensors matched by {inputs.matched_by}")
    if output is None:
        cost = estimate(inputs.series, inputs.graph, **asked)
        show_table("dry run: nothing is written", ("what", "value"), cost.describe().items())
        return
    _carry_out(output, lambda: fit_forecaster(inputs.series, inputs.graph, folder=output, **asked))


def _resume(ctx: typer.Context, run: Path) -> None:
    from stgraph.cli.show import say
    from stgraph.errors import DataError
    from stgraph.forecasting import progress
    from stgraph.forecasting import resume as resume_fit

    others = others_given(ctx, "resume")
    if others:
        message = f"{', '.join(others)}: not together with --resume, which goes on with the fit as it was begun"
        raise DataError(message)
    say(f"{run}: {progress(run)}, going on")
    _carry_out(run, lambda: resume_fit(run))


def _carry_out(run: Path, fitting: Callable[[], "Forecaster"]) -> None:
    """Fit, and say what came of it; after Ctrl-C say how to go on."""
    from stgraph.cli.show import say
    from stgraph.errors import RunError
    from stgraph.forecasting import progress

    try:
        forecaster = fitting()
    except KeyboardInterrupt:
        with suppress(RunError):  # there is nothing to go on with yet
            say(f"\ninterrupted, {progress(run)}: go on with `stgraph fit --resume {run}`")
        raise typer.Exit(130) from None
    said = forecaster.describe()
    say(said["trained"])
    say(f"bounds: {said['bounds']}")
    say(f"written: {run}/ (forecast with: stgraph forecast {run})")
