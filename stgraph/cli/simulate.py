"""`stgraph simulate`: the built-in dataset as files."""

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    output: Annotated[Path, typer.Option(help="Folder to write.")] = Path("runs/synthetic"),
    days: Annotated[int, typer.Option(min=1, help="Days to simulate.")] = 28,
    seed: Annotated[int, typer.Option(help="Same seed, same traffic.")] = 0,
) -> None:
    """Simulate a freeway network; write series.npz, adjacency.csv, sensors.csv and incidents.csv."""
    from stgraph.cli.show import say
    from stgraph.datasets import synthetic, write_files

    traffic = synthetic(days, seed=seed)
    write_files(traffic, output)
    say(f"{traffic.series}")
    say(f"{traffic.graph}, {len(traffic.incidents)} incidents")
    say(f"written: {output}/")
