"""`stgraph store`: files of any length into a folder that opens at once."""

from pathlib import Path
from typing import Annotated

import typer

from stgraph.cli.options import Channel, Country, Interval, Missing, NoHeader, Start, Timezone, Unit

Inputs = Annotated[
    list[Path], typer.Argument(help="A file, or several in long form or of PeMS, or a folder of PeMS station files.")
]


def store(
    inputs: Inputs,
    output: Annotated[Path, typer.Option(help="Folder to make.")],
    channel: Channel = None,
    unit: Unit = None,
    missing: Missing = None,
    start: Start = None,
    interval: Interval = None,
    timezone: Timezone = None,
    country: Country = None,
    no_header: NoHeader = False,
    freeway: Annotated[int | None, typer.Option(help="PeMS: stations of this freeway. Default: all.")] = None,
    direction: Annotated[str | None, typer.Option(help="PeMS: of this direction, N, S, E or W. Default: all.")] = None,
    lane_type: Annotated[str, typer.Option(help="PeMS: ML mainline, HV, OR, FR, FF, CD or CH.")] = "ML",
    observed_at_least: Annotated[
        float, typer.Option(help="PeMS: percentage of lanes measured, below which a row is unobserved.")
    ] = 50,
) -> None:
    """Read files of any length, once, into a folder that `--series` of every verb opens at once."""
    from stgraph.cli.show import say
    from stgraph.series import StationChoice, store_files

    choice = StationChoice(freeway, direction, lane_type, observed_at_least)
    series = store_files(
        inputs,
        output,
        stations=None if choice == StationChoice() else choice,
        channel=channel,
        unit=unit,
        missing=missing or (),
        start=start,
        interval=interval,
        timezone=timezone,
        header=not no_header,
        country=country,
        progress=True,
    )
    say(f"{series}")
    say(f"written: {output}/ (fit with: stgraph fit --series {output} --adjacency ...)")
