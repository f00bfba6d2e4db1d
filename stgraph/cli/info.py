"""`stgraph info` and `stgraph models`: what is in a run, and what can be fitted."""

from pathlib import Path
from typing import Annotated

import typer


def info(run: Annotated[Path, typer.Argument(help="Run folder that `stgraph fit` wrote.")]) -> None:
    """Say what a run folder holds: model, sensors, data, training."""
    from stgraph.cli.show import show_table
    from stgraph.forecasting import load

    show_table(str(run), ("what", "value"), load(run).describe().items())


def models() -> None:
    """List the models: what they are, and what they can do."""
    from stgraph.cli.show import say, show_table
    from stgraph.models import MODELS, Task

    rows = []
    for name, cls in MODELS.items():
        model = cls(Task(sensors=207))
        parameters = sum(p.numel() for p in model.parameters())
        reach = "whole graph" if model.reach is None else f"{model.reach} hops"
        new = "yes" if model.inductive else "no"
        rows.append((name, cls.trained.replace("_", " "), f"{parameters:,}", new, reach))
    columns = ("model", "trained by", "parameters", "new sensors", "reach")
    show_table("models (parameters at 207 sensors, 12 -> 12 steps)", columns, rows)
    for name, cls in MODELS.items():
        say(f"{name}: {cls.paper}")
