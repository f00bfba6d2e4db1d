"""Options that several verbs share, each written once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from stgraph.series import Resampling

SHARE = 0.5
"""Of the records of a step that a resampled value takes, where nothing was said of it."""
Country = Annotated[str | None, typer.Option(help="ISO code, such as US: its public holidays count.")]
Before = Annotated[
    str | None,
    typer.Option(help="As if it were this time: only what was measured before it counts. Default: all."),
]
Common = Annotated[
    bool, typer.Option("--common", help="Leave out sensors that only the series or only the adjacency has.")
]
DataDir = Annotated[
    Path | None, typer.Option(help="Folder of datasets. Default: $STGRAPH_DATA, else a cache: `stgraph data path`.")
]

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
