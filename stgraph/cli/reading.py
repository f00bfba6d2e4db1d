"""The options that say how a file of measured values is read, for every verb that reads one."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from stgraph.cli.options import SHARE, pairs, resampling


def how_to_read(
    column: Annotated[
        list[str] | None, typer.Option(help="time=NAME, sensor=NAME, speed=NAME: a column's name; repeat.")
    ] = None,
    channel: Annotated[
        list[str] | None, typer.Option(help="What is measured; repeat for several. Default: speed.")
    ] = None,
    unit: Annotated[list[str] | None, typer.Option(help="Unit of each channel, in their order.")] = None,
    missing: Annotated[
        list[float] | None, typer.Option(help="A value that means 'not measured'; repeat for several.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="Time of the first row, where the file has no times.")] = None,
    interval: Annotated[
        str | None, typer.Option(help="Step between rows, such as 5min, where the file has no times.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA zone of the times, such as America/Los_Angeles.")] = None,
    duplicates: Annotated[
        str | None, typer.Option(help="Rows of one time and sensor differ: mean, first or last. Default: an error.")
    ] = None,
    resample: Annotated[str | None, typer.Option(help="Bring times at any distance to steps such as 5min.")] = None,
    resample_by: Annotated[
        list[str] | None,
        typer.Option(help="channel=way: mean, sum, flow-weighted, ...; repeat. Default: flows are summed, else mean."),
    ] = None,
    resample_share: Annotated[float, typer.Option(help="Least share of a step's records; fewer make a hole.")] = SHARE,
    no_header: Annotated[bool, typer.Option("--no-header", help="The first row of the file is data.")] = False,
    key: Annotated[str | None, typer.Option(help="Of the table in an HDF5 file that holds several.")] = None,
) -> dict[str, Any]:
    """Return the arguments of `stgraph.series.read_series`."""
    return {
        "columns": pairs(column or [], "--column"),
        "channel": channel,
        "unit": unit,
        "missing": missing or (),
        "start": start,
        "interval": interval,
        "timezone": timezone,
        "duplicates": duplicates,
        "resample": resampling(resample, resample_by, resample_share),
        "header": not no_header,
        "key": key,
    }


OPTIONS = inspect.signature(how_to_read).parameters
FLAGS = tuple("--" + name.replace("_", "-") for name in OPTIONS)


def reads_series(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the options of reading in the place of its argument `how`, which is what `how_to_read` makes of them.

    >>> @reads_series
    ... def verb(*, how: dict[str, Any]) -> None:
    ...     print(how["unit"])
    >>> verb(**{name: option.default for name, option in OPTIONS.items()} | {"unit": ["mph"]})
    ['mph']
    """

    @functools.wraps(verb)
    def reading(**given: Any) -> None:  # noqa: ANN401 - whatever the verb and the options take
        verb(how=how_to_read(**{name: given.pop(name) for name in OPTIONS}), **given)

    own = inspect.signature(verb).parameters.values()
    asked = [option for one in own for option in (OPTIONS.values() if one.name == "how" else [one])]
    asked = [option.replace(kind=inspect.Parameter.KEYWORD_ONLY) for option in asked]
    reading.__signature__ = inspect.Signature(asked)  # type: ignore[attr-defined]  # what typer looks at
    reading.__annotations__ = {option.name: option.annotation for option in asked}
    return reading
