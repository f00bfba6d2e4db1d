"""The `stgraph` command: its verbs are in the files beside this one."""

import sys

import typer

from stgraph.cli.backtest import backtest
from stgraph.cli.bench import bench
from stgraph.cli.check import check
from stgraph.cli.compare import compare
from stgraph.cli.data import app as data
from stgraph.cli.demo import demo
from stgraph.cli.evaluate import evaluate
from stgraph.cli.fit import fit
from stgraph.cli.forecast import forecast
from stgraph.cli.graph import app as graph
from stgraph.cli.info import info, models
from stgraph.cli.refit import refit
from stgraph.cli.simulate import simulate
from stgraph.cli.store import store
from stgraph.errors import StgraphError
from stgraph.training.world import World

LONGEST = 600
"""Characters of an error that are shown: it begins with the place, and may quote a cell of any length."""

app = typer.Typer(
    help="Forecast the flows and speeds of a road network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for verb in (demo, simulate, store, check, fit, evaluate, backtest, compare, bench, forecast, refit, info, models):
    app.command()(verb)
app.add_typer(graph, name="graph")
app.add_typer(data, name="data")


def main() -> None:
    """Run the command line; an error of the user's input is one line and exit code 1."""
    try:
        app()
    except (StgraphError, OSError) as error:
        line = " ".join(str(error).splitlines())
        shown = line if len(line) <= LONGEST else f"{line[:LONGEST]} ..."
        world = World.here()
        who = "stgraph" if world.size == 1 else f"stgraph, process {world.rank} of {world.size}"
        print(f"{who}: {shown}", file=sys.stderr)  # noqa: T201 - the one place that speaks to a terminal's stderr
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
