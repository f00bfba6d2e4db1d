"""`stgraph store`: files of any length into a folder that opens at once."""

from pathlib import Path
from typing import Annotated, Any

import typer

from stgraph.cli.options import Country
from stgraph.cli.reading import reads_series

Inputs = Annotated[
    list[Path], typer.Argument(help="A file, or several in long form or of PeMS, or a folder of PeMS station files.")
]


@reads_series
def store(
    inputs: Inputs,
    output: Annotated[Path, typer.Option(help="Folder to make.")],
    *,
    how: dict[str, Any],
    country: Country = None,
    freeway: Annotated[int | None, typer.Option(help="PeMS: stations of this freeway. Default: all.")] = None,
    direction: Annotated[str | None, typer.Option(help="PeMS: of this direction, N, S, E or W. Default: all.")] = None,
    lane_type: Annotated[str, typer.Option(help="PeMS: ML mainline, HV, OR, FR, FF, CD or CH.")] = "ML",
    observed_at_least: Annotated[
        float, typer.Option(help="PeMS: percentage of lanes measured, below which a row is unobserved.")
    ] = 50,
) -> None:
    """Read files of any length, once, into a folder that `--series` of every verb opens at once."""
    from stgraph.cli.show import say, warn
    from stgraph.series import StationChoice, store_files

    choice = StationChoice(freeway, direction, lane_type, observed_at_least)
    stations = None if choice == StationChoice() else choice
    series = store_files(inputs, output, stations=stations, country=country, progress=True, **how)
    say(f"{series}")
    for note in series.notes:
        warn(f"{output}: {note}")
    say(f"written: {output}/ (fit with: stgraph fit --series {output} --adjacency ...)")
