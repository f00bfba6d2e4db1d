"""`stgraph store`: files of any length into a folder that opens at once."""

from pathlib import Path
from typing import Annotated, Any

import typer

from stgraph.cli.options import (
    SHARE,
    Channel,
    Column,
    Country,
    Duplicates,
    Interval,
    Key,
    Missing,
    NoHeader,
    Resample,
    ResampleBy,
    ResampleShare,
    Start,
    Timezone,
    Unit,
    pairs,
    resampling,
)

Inputs = Annotated[
    list[Path], typer.Argument(help="A file, or several in long form or of PeMS, or a folder of PeMS station files.")
]


def store(
    inputs: Inputs,
    output: Annotated[Path, typer.Option(help="Folder to make.")],
    column: Column = None,
    channel: Channel = None,
    unit: Unit = None,
    missing: Missing = None,
    start: Start = None,
    interval: Interval = None,
    timezone: Timezone = None,
    duplicates: Duplicates = None,
    resample: Resample = None,
    resample_by: ResampleBy = None,
    resample_share: ResampleShare = SHARE,
    country: Country = None,
    no_header: NoHeader = False,
    key: Key = None,
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
    how_read: dict[str, Any] = {"columns": pairs(column or [], "--column"), "channel": channel, "unit": unit}
    how_read |= {"missing": missing or (), "start": start, "interval": interval, "timezone": timezone, "key": key}
    how_read |= {"duplicates": duplicates, "resample": resampling(resample, resample_by, resample_share)}
    stations = None if choice == StationChoice() else choice
    series = store_files(
        inputs, output, stations=stations, country=country, header=not no_header, progress=True, **how_read
    )
    say(f"{series}")
    for note in series.notes:
        warn(f"{output}: {note}")
    say(f"written: {output}/ (fit with: stgraph fit --series {output} --adjacency ...)")
