"""By how much one model is better than another, and how sure that is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.plots.style import GREY, INK, PALETTE, bare, blank
from stgraph.shapes import check_shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ONE, OTHER = PALETTE[:2]


def difference_by_lead(
    differences: Sequence[Sequence[float]],
    lead_minutes: Sequence[float],
    *,
    names: tuple[str, str] = ("one", "other"),
    pooled: Sequence[float] = (),
    metric: str = "MAE",
    unit: str = "km/h",
    below: str = "",
) -> "Figure":
    """Draw the error of one model less that of another by lead time, a dot with its interval a lead.

    Args:
        differences: for each of the H lead times the difference, and the low and the high end of its interval.
        lead_minutes: H lead times in minutes, rising.
        names: of the one and the other model; under zero the one is better.
        pooled: the same three numbers over all leads, to stand apart at the right; none = not drawn.
        metric: what the errors are.
        unit: their unit.
        below: what else to know: the level of the intervals, how many days they rest on.

    Returns:
        A figure 1200 pixels wide, for `save`.

    Raises:
        ShapeError: not three numbers for each lead time.
        DataError: a number that is not finite, or ends that do not enclose each other.
    """
    places = np.asarray(lead_minutes, dtype=np.float64)
    rows = np.asarray(differences, dtype=np.float64)
    check_shape(rows, "H 3", name="differences", H=len(places))
    ticks = places[:: max(1, -(-len(places) // 12))].tolist()
    labels = [f"{minutes:g}" for minutes in ticks]
    if pooled:
        rows = np.vstack([rows, np.asarray(pooled, dtype=np.float64)])
        places = np.append(places, places[-1] + 1.5 * (places[-1] - places[0]) / max(len(places) - 1, 1) + 1)
        ticks, labels = [*ticks, float(places[-1])], [*labels, "all"]
    if not np.isfinite(rows).all() or (rows[:, 1] > rows[:, 2]).any():
        message = "differences: expected finite numbers, each low end at most its high end"
        raise DataError(message)
    note = f"{names[0]} less {names[1]}"
    figure = blank(5, title=f"Difference of {metric} by lead time", below=f"{note}; {below}" if below else note)
    axes = figure.subplots()
    bare(axes)
    axes.axhline(0, color=INK, linewidth=1.2, zorder=2)
    for colour, which in _by_colour(rows):
        axes.vlines(places[which], rows[which, 1], rows[which, 2], color=colour, linewidth=4, alpha=0.35, zorder=3)
        axes.scatter(places[which], rows[which, 0], s=52, color=colour, linewidths=0, zorder=4)
    axes.set_xticks(ticks, labels)
    axes.set_xlabel("minutes ahead", color=INK)
    axes.set_ylabel(f"difference [{unit}]" if unit else "difference", color=INK)
    _name_sides(axes, rows, names)
    return figure


def _by_colour(rows: NDArray[np.float64]) -> list[tuple[str, NDArray[np.bool_]]]:
    """Return the colour of intervals under zero, over zero and across it, and which rows have it."""
    under, over = rows[:, 2] < 0, rows[:, 1] > 0
    return [(ONE, under), (OTHER, over), (GREY, ~under & ~over)]


def _name_sides(axes: "Axes", rows: NDArray[np.float64], names: tuple[str, str]) -> None:
    """Say who is better over zero and under it, in strips at the edges that hold nothing else."""
    low, high = min(0.0, float(rows.min())), max(0.0, float(rows.max()))
    strip = 0.14 * ((high - low) or 1)
    axes.set_ylim(low - strip, high + strip)
    for place, sign, name, colour in ((1.0, "▲", names[1], OTHER), (0.0, "▼", names[0], ONE)):
        axes.annotate(
            f"{sign} {name} is better",
            (0.01, place),
            xytext=(0, -6 if place else 6),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top" if place else "bottom",
            color=colour,
            fontsize=10,
        )
