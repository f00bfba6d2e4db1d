"""Options that several verbs share, each written once."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from stgraph.series import Resampling

SHARE = 0.5
Column = Annotated[list[str] | None, typer.Option(help="time=NAME, sensor=NAME, speed=NAME: a column's name; repeat.")]
Channel = Annotated[list[str] | None, typer.Option(help="What is measured; repeat for several. Default: speed.")]
Unit = Annotated[list[str] | None, typer.Option(help="Unit of each channel, in their order.")]
Missing = Annotated[list[float] | None, typer.Option(help="A value that means 'not measured'; repeat for several.")]
Start = Annotated[str | None, typer.Option(help="Time of the first row, where the file has no times.")]
Interval = Annotated[str | None, typer.Option(help="Step between rows, such as 5min, where the file has no times.")]
Duplicates = Annotated[
    str | None, typer.Option(help="Rows of one time and sensor differ: mean, first or last. Default: an error.")
]
Resample = Annotated[str | None, typer.Option(help="Bring times at any distance to steps such as 5min.")]
ResampleBy = Annotated[
    list[str] | None,
    typer.Option(help="channel=way: mean, sum, flow-weighted, ...; repeat. Default: flows are summed, else mean."),
]
ResampleShare = Annotated[float, typer.Option(help="Least share of a step's records; fewer make a hole.")]
Timezone = Annotated[str | None, typer.Option(help="IANA zone of the times, such as America/Los_Angeles.")]
Country = Annotated[str | None, typer.Option(help="ISO code, such as US: its public holidays count.")]
Key = Annotated[str | None, typer.Option(help="Of the table in an HDF5 file that holds several.")]
NoHeader = Annotated[bool, typer.Option("--no-header", help="The first row of the file is data.")]

KILOMETRES = {"km": 1.0, "m": 0.001, "mi": 1.609344}


def kilometres(text: str) -> float:
    """Read a length such as ``2km``, ``800m`` or ``1.5mi``; a number alone is in kilometres.

    Raises:
        typer.BadParameter: anything else.

    >>> kilometres("800m")
    0.8
    """
    number = text.strip().rstrip("kmi ")
    unit = text.strip()[len(number) :].strip() or "km"
    try:
        return float(number) * KILOMETRES[unit]
    except (ValueError, KeyError):
        message = f"expected a length such as 2km, 800m or 1.5mi, found {text!r}"
        raise typer.BadParameter(message) from None


def others_given(ctx: typer.Context, name: str) -> list[str]:
    """Return the options that stand on the command line beside the one called `name`, as they are written there."""
    given = [p for p in ctx.command.params if p.name is not None and p.name != name]
    return [p.opts[0] for p in given if getattr(ctx.get_parameter_source(str(p.name)), "name", "") == "COMMANDLINE"]


def pairs(settings: list[str], flag: str = "--set") -> dict[str, str]:
    """Read ``name=value`` texts, which a flag gave.

    Raises:
        typer.BadParameter: one without an equals sign.
    """
    for text in settings:
        if "=" not in text:
            message = f"expected name=value, found {text!r}"
            raise typer.BadParameter(message, param_hint=flag)
    return dict(text.split("=", 1) for text in settings)


def resampling(interval: str | None, ways: list[str] | None, share: float) -> "Resampling | None":
    """Return the rule that the flags of resampling give, None where there are none.

    Raises:
        DataError: a way or a share without a length of steps, or one that is none.
    """
    from stgraph.errors import DataError
    from stgraph.series import Resampling

    by = pairs(ways or [], "--resample-by")
    if interval is not None:
        return Resampling(interval, by, share)  # type: ignore[arg-type]  # ways are checked there
    if by or share != SHARE:
        message = "--resample-by and --resample-share: expected --resample too, for example --resample 5min"
        raise DataError(message)
    return None
