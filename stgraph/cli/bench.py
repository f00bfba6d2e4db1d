"""`stgraph bench`: many models under one protocol, each run once, and a table of what came of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stgraph.cli.options import Common, Country, DataDir, others_given, pairs
from stgraph.cli.reading import FLAGS, reads_series
from stgraph.cli.source import Adjacency, Series

if TYPE_CHECKING:
    import pandas as pd

    from stgraph.evaluation import TrafficSource

MINUTES = "Of each training: as many epochs, or as much of one, as fit in, at most --epochs; so the schedule ends, too."
MODELS = "all, quick, or names from `stgraph models` with commas between them."
SETTINGS = "model.name=value for one of the models; repeat."


@reads_series
def bench(
    ctx: typer.Context,
    dataset: Annotated[list[str] | None, typer.Option(help="A name from `stgraph data list`; repeat.")] = None,
    series: Series = None,
    adjacency: Adjacency = None,
    name: Annotated[str | None, typer.Option(help="What to call --series. Default: the file's name.")] = None,
    data_dir: DataDir = None,
    models: Annotated[str, typer.Option(help=MODELS)] = "quick",
    *,
    how: dict[str, Any],
    common: Common = False,
    country: Country = None,
    protocol: Annotated[str, typer.Option(help="Rules of split, scaling and score.")] = "clean",
    seeds: Annotated[int, typer.Option(help="0, 1, ... so many, of each model that is trained by gradient.")] = 1,
    target: Annotated[str, typer.Option(help="Channel to forecast and to be shown. Default: the first.")] = "",
    history: Annotated[int, typer.Option(help="Steps in.")] = 12,
    horizon: Annotated[list[int] | None, typer.Option(help="Steps out; repeat: a model each. Default: 12.")] = None,
    epochs: Annotated[int, typer.Option(help="At most so many passes.")] = 30,
    minutes: Annotated[float | None, typer.Option(help=MINUTES)] = None,
    patience: Annotated[int, typer.Option(help="Epochs without progress before stopping.")] = 8,
    batch_size: Annotated[int, typer.Option(help="Windows in a batch.")] = 64,
    learning_rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 2e-3,
    loss: Annotated[str, typer.Option(help="mae, or mse where RMSE is what ranks.")] = "mae",
    precision: Annotated[str, typer.Option(help="32 or bf16.")] = "32",
    accelerator: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    settings: Annotated[list[str] | None, typer.Option("--set", help=SETTINGS)] = None,
    output: Annotated[Path, typer.Option(help="Folder of the run folders.")] = Path("runs/bench"),
    results: Annotated[
        Path | None, typer.Option(help="CSV to add to; the table stands beside it. Default: OUTPUT/results.csv.")
    ] = None,
) -> None:
    """Fit and score many models under one protocol, resumed and recorded, into one table."""
    from stgraph.cli.show import say
    from stgraph.evaluation import bench as carry_out
    from stgraph.training import Training

    data = _data(ctx, dataset, series, adjacency, name, target, data_dir, {**how, "country": country, "common": common})
    training = Training(
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        patience=patience,
        precision=precision,  # type: ignore[arg-type]  # checked there
        accelerator=accelerator,  # type: ignore[arg-type]  # likewise
        loss=loss,  # type: ignore[arg-type]  # likewise
    )
    file = results or output / "results.csv"
    try:
        found = carry_out(
            data,
            models if models in {"all", "quick"} else [word.strip() for word in models.split(",")],
            protocol=protocol,
            seeds=seeds,
            history=history,
            horizons=horizon or (12,),
            training=training,
            minutes=minutes,
            settings=_by_model(settings or []),
            output=output,
            results=file,
            report=say,
        )
    except KeyboardInterrupt:
        say("\ninterrupted: the same command goes on from the last whole epoch")
        raise typer.Exit(130) from None
    show_boards(found)
    for path in (file, _page_of(file)):
        say(f"written: {path}")


def _page_of(results: Path) -> Path:
    """Write the tables of a file of results beside it."""
    from stgraph.evaluation import bench_table, read_results
    from stgraph.files import written_whole

    page = results.with_suffix(".md")
    with written_whole(page) as temporary:
        temporary.write_text(bench_table(read_results(results)) + "\n", encoding="utf-8")
    return page


def show_boards(results: "pd.DataFrame") -> None:
    """Print who stands where, a table a task, by the metric that ranks."""
    from stgraph.cli.show import say, show_table
    from stgraph.evaluation import boards

    for board in boards(results):
        metric, task = board.metrics[0], f"{board.dataset}, protocol {board.protocol}"
        if not board.standings:
            say(f"{task}: {board.missing}")
            continue
        rows = [
            [
                f"{each.label} ({'failed' if each.why else each.lacking})" if each.why or each.lacking else each.label,
                "-" if each.rank is None else each.rank,
                *(
                    "-" if (lead, metric) not in each.figures else each.figures[lead, metric].mean
                    for lead in board.leads
                ),
                each.seeds,
            ]
            for each in board.standings
        ]
        show_table(f"{metric} in {board.unit}, {task}", ("model", "rank", *board.leads, "seeds"), rows)


def _data(
    ctx: typer.Context,
    datasets: list[str] | None,
    series: Path | None,
    adjacency: Path | None,
    name: str | None,
    target: str,
    data_dir: Path | None,
    how: dict[str, Any],
) -> "list[TrafficSource]":
    """Return the datasets, or what the files are."""
    from stgraph.errors import DataError
    from stgraph.evaluation import TrafficSource

    given = {"--series", "--adjacency", "--name", "--common", "--country", *FLAGS} & set(others_given(ctx, "dataset"))
    if datasets and not given:
        return [TrafficSource(each, target, data_dir=data_dir) for each in datasets]
    if datasets or series is None or adjacency is None:
        also = f"; found {', '.join(sorted(given))} beside --dataset" if datasets else ""
        message = f"expected --dataset, or --series and --adjacency, to bench models on{also}"
        raise DataError(message)
    return [TrafficSource(name or series.name.split(".")[0], target, series, adjacency, how)]


def _by_model(settings: list[str]) -> dict[str, dict[str, str]]:
    """Read ``model.name=value`` texts.

    Raises:
        typer.BadParameter: one without a dot before the equals sign.
    """
    found: dict[str, dict[str, str]] = {}
    for place, value in pairs(settings).items():
        model, dot, name = place.partition(".")
        if not dot:
            message = f"expected model.name=value, found {place}={value}"
            raise typer.BadParameter(message, param_hint="--set")
        found.setdefault(model, {})[name] = value
    return found
