"""The look that all pictures share, and the one way to save them."""

from pathlib import Path
from typing import TYPE_CHECKING

from stgraph.errors import DataError
from stgraph.files import check_folder, written_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 10
INK = "#2b2f36"
GREY = "#8a919c"
FAINT = "#e3e6ea"
STRONG = "#d55e00"
PALE = "#fdf1e7"
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#5d4b9c", "#8a919c")
"""Okabe and Ito, Color Universal Design (2008, https://jfly.uni-koeln.de/color/), its yellow and black replaced."""
ENDINGS = (".png", ".svg", ".pdf")


def bare(axes: "Axes") -> None:
    """Leave of the frame only what is read: a base line, faint horizontal lines, ticks without marks."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GREY)
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK, labelsize=9, pad=5)


def blank(height: float, *, title: str = "", below: str = "") -> "Figure":
    """Return an empty figure 10 inches (1200 pixels) wide, with room for a title and a quieter line under it.

    Args:
        height: in inches.
        title: what the picture shows.
        below: what else to know.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine  # noqa: PLC0415 - a third of a second, for pictures

    from stgraph.plots.picture import Picture  # noqa: PLC0415 - likewise

    room = 0.75 if title else 0.0
    engine = ConstrainedLayoutEngine(rect=(0, 0, 1, 1 - room / height))
    figure = Picture(figsize=(WIDTH, height), dpi=120, layout=engine)
    figure.text(0.015, 1 - 0.14 / height, title, va="top", fontsize=13, fontweight="bold", color=INK)
    figure.text(0.015, 1 - 0.42 / height, below, va="top", fontsize=10, color=GREY)
    return figure


def legend(figure: "Figure") -> None:
    """Name each kind of mark once, beside the title."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    named = dict(zip(labels, handles, strict=True))
    figure.legend(named.values(), named.keys(), loc="upper right", ncols=len(named), frameon=False, fontsize=10)


def save(figure: "Figure", path: str | Path) -> Path:
    """Write a picture as PNG, SVG or PDF, whole or not at all.

    Raises:
        DataError: another ending, or a folder that cannot be written to.
    """
    target = check_picture(path)
    with written_whole(target) as temporary:
        figure.savefig(temporary, format=target.suffix.lower()[1:], facecolor="white")
    return target


def check_picture(path: str | Path) -> Path:
    """Return the path of a picture that `save` can write: ask before the work, not after.

    Raises:
        DataError: another ending, or a folder that cannot be written to.
    """
    target = Path(path)
    if target.suffix.lower() not in ENDINGS:
        message = f"{target}: expected a name ending in {', '.join(ENDINGS)}"
        raise DataError(message)
    check_folder(target.parent)
    return target
