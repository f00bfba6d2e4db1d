"""Who stands where in a benchmark: a line a model, a dot a lead."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from stgraph.errors import DataError
from stgraph.evaluation import Board, Standing, boards
from stgraph.plots.style import FAINT, GREY, INK, bare, blank

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADES = ("#9ecae9", "#56a0d3", "#0072b2", "#08406b")
"""Of the leads, from the nearest on."""
LINE, ROOM = 0.27, 1.3
"""Inches: of a model, and of what else a panel has."""


def leaderboard(results: pd.DataFrame) -> "Figure":
    """Draw the errors of each model of a benchmark, a panel each task, the best model on top.

    A dot is the mean error over seeds at one lead, the upright mark that over all steps. The dots of a model that has
    no rank, as a training had not converged or a lead is lacking, are hollow. At the right: seconds of an epoch.

    Args:
        results: rows of `stgraph.evaluation.bench`.

    Returns:
        A figure 1200 pixels wide, for `save`.

    Raises:
        DataError: no model has a figure.
    """
    drawn = [(board, scored) for board in boards(results) if (scored := [s for s in board.standings if s.figures])]
    if not drawn:
        message = "results: expected a model with a figure, found none"
        raise DataError(message)
    heights = [LINE * len(scored) + ROOM for _, scored in drawn]
    metrics = " and ".join(dict.fromkeys(board.metrics[0] for board, _ in drawn))
    below = "a dot a lead, the upright mark all steps; hollow: without a rank; lower is better"
    figure = blank(sum(heights) + 0.8, title=f"{metrics} by model", below=below)
    panels = figure.subplots(len(drawn), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    for axes, (board, scored) in zip(panels, drawn, strict=True):
        _panel(axes, board, scored)
    return figure


def _panel(axes: "Axes", board: Board, scored: Sequence[Standing]) -> None:
    metric, pooled = board.metrics[0], board.leads[-1]
    leads = [lead for lead in board.leads if lead.startswith("@")] or list(board.leads)
    for place, standing in enumerate(scored):
        means = [standing.figures[lead, metric].mean for lead in board.leads if (lead, metric) in standing.figures]
        axes.plot([min(means), max(means)], [place, place], color=FAINT, linewidth=3, zorder=1)
    for k, lead in enumerate(leads):
        shade = SHADES[min(k * len(SHADES) // len(leads), len(SHADES) - 1)]
        x, y = _places(scored, lead, metric)
        faces = [shade if scored[place].rank else "white" for place in y]
        axes.scatter(x, y, s=52, facecolors=faces, edgecolors=shade, zorder=3, label=lead)
    if pooled not in leads:
        x, y = _places(scored, pooled, metric)
        axes.scatter(x, y, s=130, marker="|", color=INK, linewidths=2, zorder=4, label=pooled)
    _frame(axes, board, scored)


def _places(scored: Sequence[Standing], lead: str, metric: str) -> tuple[list[float], list[int]]:
    """Return the errors at a lead, and the place of the model of each."""
    there = [k for k, standing in enumerate(scored) if (lead, metric) in standing.figures]
    return [scored[k].figures[lead, metric].mean for k in there], there


def _frame(axes: "Axes", board: Board, scored: Sequence[Standing]) -> None:
    bare(axes)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    axes.set_yticks(range(len(scored)), [standing.label for standing in scored])
    for label, standing in zip(axes.get_yticklabels(), scored, strict=True):
        label.set_color(INK if standing.rank else GREY)
    axes.set_ylim(len(scored) - 0.4, -0.6)
    axes.set_title(f"{board.dataset}, {board.rules}", loc="left", fontsize=10, color=INK, pad=22)
    aside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center", "color": GREY, "fontsize": 9}
    for place, standing in enumerate(scored):
        if not math.isnan(seconds := standing.facts["seconds_per_epoch"].mean):
            spelled = f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.3g}"
            axes.annotate(f"{spelled} s", (1.01, place), **aside)
    if axes.texts:
        axes.annotate("an epoch", (1.01, 1), **aside | {"xycoords": "axes fraction", "va": "bottom"})
    axes.set_xlabel(f"{board.metrics[0]} [{board.unit}]", color=INK)
    above: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0, "borderpad": 0.2}
    axes.legend(frameon=False, fontsize=9, ncols=len(board.leads), handletextpad=0.3, columnspacing=1.2, **above)
