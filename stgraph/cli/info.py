"""`stgraph info` and `stgraph models`: what is in a run, and what can be fitted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from stgraph.models import ForecastModel


def info(run: Annotated[Path, typer.Argument(help="Run folder that `stgraph fit` wrote.")]) -> None:
    """Say what a run folder holds: model, sensors, data, training."""
    from stgraph.cli.show import show_table
    from stgraph.forecasting import load

    show_table(str(run), ("what", "value"), load(run).describe().items())


def models(
    names: Annotated[list[str] | None, typer.Argument(help="Models to list; all by default.")] = None,
    *,
    time: Annotated[bool, typer.Option("--time", help="Time a step of each, now, on this machine.")] = False,
    batch_size: Annotated[int, typer.Option(min=1, help="Windows in a step, where it is timed.")] = 64,
) -> None:
    """List the models: what they are, and what they can do."""
    from stgraph.cli.show import say, show_table
    from stgraph.models import MODELS, Task, find_model

    found = [find_model(name) for name in names or MODELS]
    built = [cls(Task(sensors=207)) for cls in found]
    columns, rows, size = ["model", "parameters", "inductive", "reach"], [], ""
    for model in built:
        parameters = sum(p.numel() for p in model.parameters())
        reach = "all" if model.reach is None else f"{model.reach} hops"
        rows.append([model.name, f"{parameters:,}", "yes" if model.inductive else "no", reach])
    if time:
        columns += ["training", "forecast"]
        rows = [row + taken for row, taken in zip(rows, _timed(built, batch_size), strict=True)]
        size = f"; seconds per step of {batch_size} windows"
    else:
        columns.append("trained by")
        rows = [[*row, model.trained.replace("_", " ")] for row, model in zip(rows, built, strict=True)]
    show_table(f"models (at 207 sensors, 12 -> 12 steps{size})", columns, rows)
    for cls in found:
        say(f"{cls.name}: {cls.paper}")


def _timed(models: "list[ForecastModel]", batch_size: int) -> list[list[str]]:
    """Return the cells of what a step of each model takes."""
    from rich.progress import track

    from stgraph.cli.show import stderr
    from stgraph.training import random_batch, time_step

    cells = []
    for model in track(models, "timing", console=stderr, transient=True):
        taken = time_step(model, random_batch(model, batch_size), repeats=1)
        cells.append(["-" if taken.training is None else f"{taken.training:.3f}", f"{taken.inference:.3f}"])
    return cells
