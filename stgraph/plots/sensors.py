"""On which sensors the error is large, and on which it is small."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.plots.lines import checked
from stgraph.plots.style import FAINT, GREY, INK, PALETTE, bare, blank, legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (PALETTE[0], GREY, *PALETTE[1:-1])


def error_by_sensor(
    errors: Mapping[str, Sequence[float]],
    sensors: Sequence[str],
    *,
    most: int = 8,
    metric: str = "MAE",
    unit: str = "km/h",
) -> "Figure":
    """Draw the error on the worst and on the best sensors of the first model, one dot a model.

    Args:
        errors: for each model its error on each sensor; a sensor where one is NaN is left out. The first ranks.
        sensors: N ids.
        most: how many of the worst to draw, and of the best; all of them in one panel, where they are so few.
        metric: what the errors are.
        unit: their unit.

    Returns:
        A figure 1200 pixels wide, for `save`.

    Raises:
        DataError: no model, or no sensor that all models have an error on.
        ShapeError: a model with another number of errors than there are sensors.
    """
    table = np.stack(list(checked(errors, len(sensors), "sensor").values()), axis=1)  # (N, models)
    known = np.flatnonzero(np.isfinite(table).all(1))
    if not len(known):
        message = f"errors: expected a sensor with an error of each of {', '.join(errors)}, found none"
        raise DataError(message)
    order = known[np.argsort(-table[known, 0], kind="stable")]
    panels = {f"all {len(order)}": order}
    if len(order) > 2 * most:
        panels = {f"the worst {most} of {len(order)}": order[:most], f"the best {most}": order[::-1][:most]}
    rows = [len(panel) for panel in panels.values()]
    figure = blank(1.5 + 0.4 * len(rows) + 0.27 * sum(rows), title=f"{metric} by sensor", below="lower is better")
    stacked = figure.subplots(len(rows), 1, sharex=True, squeeze=False, height_ratios=rows)[:, 0]
    for axes, (title, chosen) in zip(stacked, panels.items(), strict=True):
        axes.set_title(title, loc="left", fontsize=10, fontweight="bold", color=INK)
        _dots(axes, table[chosen], [sensors[n] for n in chosen], list(errors))
    stacked[-1].set_xlim(0, 1.05 * float(table[order].max()) or 1)
    stacked[-1].set_xlabel(f"{metric} [{unit}]" if unit else metric, color=INK)
    legend(figure)
    return figure


def _dots(axes: "Axes", table: NDArray[np.float64], names: list[str], models: list[str]) -> None:
    """Draw a row a sensor, the first on top, a dot a model, joined by a line; the first model lies above."""
    bare(axes)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    places = np.arange(len(names))
    axes.hlines(places, table.min(1), table.max(1), color=FAINT, linewidth=5, zorder=1)
    for k, model in enumerate(models):
        colour = COLOURS[k % len(COLOURS)]
        axes.scatter(table[:, k], places, s=52, color=colour, linewidths=0, zorder=3 + len(models) - k, label=model)
    axes.set_yticks(places, names)
    axes.set_ylim(len(names) - 0.4, -0.6)
