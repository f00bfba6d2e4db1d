"""`stgraph fit --also`: one model trained on several networks, and a run folder for each."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stgraph.cli.options import pairs

if TYPE_CHECKING:
    from stgraph.forecasting import Inputs

Also = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SERIES=ADJACENCY",
        help="Files of another network, read alike, that teach the same model; repeat. Each gets a folder in --output.",
    ),
]


def fit_also(
    inputs: "Inputs", also: list[str], asked: dict[str, Any], how: dict[str, Any], output: Path | None
) -> None:
    """Fit one model to the network of `inputs` and to others, and say what came of it.

    Args:
        inputs: of the first network, whose units count.
        also: ``series=adjacency`` of each other one.
        asked: arguments of `stgraph.forecasting.fit`.
        how: arguments of `read_inputs`.
        output: folder in which each network gets a run folder; None = a dry run, which there is none of.

    Raises:
        DataError: a dry run, or two networks of one name; or see `read_inputs` and `fit_networks`.
    """
    from stgraph.cli.show import say, show_series
    from stgraph.errors import DataError
    from stgraph.forecasting import fit_networks, read_inputs

    if output is None:
        message = "--also: not together with --dry-run; try each network alone"
        raise DataError(message)
    every = [inputs, *(read_inputs(Path(one), Path(other), **how) for one, other in pairs(also, "--also").items())]
    named = {_name(one): one for one in every}
    if len(named) < len(every):
        message = f"--also: expected networks of different names, found {', '.join(map(_name, every))}"
        raise DataError(message)
    for name, one in named.items():
        show_series(one.series, name)
        say(f"{name}: {one.graph}, sensors matched by {one.matched_by}")
    protocol = asked.pop("provenance")["protocol"]
    try:
        found = fit_networks(
            {name: (one.series, one.graph) for name, one in named.items()},
            provenance={name: one.provenance | {"protocol": protocol} for name, one in named.items()},
            folder=output,
            **asked,
        )
    except KeyboardInterrupt:
        say("\ninterrupted: the same command goes on after the last whole epoch")
        raise typer.Exit(130) from None
    say(found[_name(inputs)].describe()["trained"])
    for name, forecaster in found.items():
        say(f"bounds of {name}: {forecaster.describe()['bounds']}")
        say(f"written: {output / name}/ (forecast with: stgraph forecast {output / name})")


def _name(inputs: "Inputs") -> str:
    """Return the name of a dataset, or that of a series' file without its ending."""
    return str(inputs.provenance.get("dataset") or Path(inputs.provenance["series"]).stem)
