"""Options that several verbs share, each written once."""

from typing import Annotated

import typer

Channel = Annotated[list[str] | None, typer.Option(help="What is measured; repeat for several. Default: speed.")]
Unit = Annotated[list[str] | None, typer.Option(help="Unit of each channel, in their order.")]
Missing = Annotated[list[float] | None, typer.Option(help="A value that means 'not measured'; repeat for several.")]
Start = Annotated[str | None, typer.Option(help="Time of the first row, where the file has no times.")]
Interval = Annotated[str | None, typer.Option(help="Step between rows, such as 5min, where the file has no times.")]
Timezone = Annotated[str | None, typer.Option(help="IANA zone of the times, such as America/Los_Angeles.")]
Country = Annotated[str | None, typer.Option(help="ISO code, such as US: its public holidays count.")]
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


def pairs(settings: list[str]) -> dict[str, str]:
    """Read ``name=value`` texts.

    Raises:
        typer.BadParameter: one without an equals sign.
    """
    for text in settings:
        if "=" not in text:
            message = f"expected name=value, found {text!r}"
            raise typer.BadParameter(message, param_hint="--set")
    return dict(text.split("=", 1) for text in settings)
