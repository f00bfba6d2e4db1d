"""How the command line prints: lines and tables."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stgraph.training.world import World

if TYPE_CHECKING:
    from stgraph.evaluation import Protocol
    from stgraph.series import TrafficSeries

_others = World.here().rank > 0  # of several processes the first one speaks
_console = Console(highlight=False, soft_wrap=True, emoji=False, quiet=_others)
stderr = Console(highlight=False, soft_wrap=True, emoji=False, stderr=True, quiet=_others)


def say(text: str) -> None:
    """Print one line, as it is."""
    _console.print(text, markup=False)


def warn(text: str) -> None:
    """Print one line on stderr: something to know that stops nothing."""
    stderr.print(f"stgraph: warning: {text}", markup=False)


def show_series(series: "TrafficSeries", path: object) -> None:
    """Print one line of a series, and on stderr what one wants to know of it."""
    from stgraph.series import suspects

    if _others:  # to look for what one wants to know is to read it all
        return
    say(f"{series}")
    for finding in suspects(series):
        warn(f"{path}: {finding}")


def show_rules(rules: "Protocol", fitted_by: str | None) -> None:
    """Print under which protocol is fitted or scored, the name of that of the fit, and what is wrong with it."""
    said = rules.describe()
    fitted = "" if fitted_by == rules.name else f", fitted under {fitted_by or 'rules of its own'}"
    say(f"protocol: {said['protocol']}{fitted}; exceptions to our laws: {said['exceptions to our laws']}")


def show_table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table; columns of numbers stand to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    cells = [list(row) for row in rows]
    for k, name in enumerate(columns):
        right = bool(cells) and all(isinstance(row[k], int | float) for row in cells)
        table.add_column(name, justify="right" if right else "left", overflow="fold", no_wrap=k == 0)
    for row in cells:
        table.add_row(*(Text(f"{x:.3f}" if isinstance(x, float) else str(x)) for x in row))
    _console.print(table)
