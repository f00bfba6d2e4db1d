"""How the error grows with the lead time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from stgraph.plots.lines import error_lines
from stgraph.plots.style import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def error_by_lead(
    errors: Mapping[str, Sequence[float]], lead_minutes: Sequence[float], *, metric: str = "MAE", unit: str = "km/h"
) -> "Figure":
    """Draw the error of each model by lead time, one line a model, named at its end.

    Args:
        errors: for each model its error at each of the H lead times; NaN is left out.
        lead_minutes: H lead times in minutes.
        metric: what the errors are.
        unit: their unit.

    Returns:
        A figure 1200 pixels wide, for `save`.

    Raises:
        DataError: no model, or a model without a single number.
        ShapeError: a model with another number of errors than there are lead times.
    """
    figure = error_lines(errors, lead_minutes, by="lead time", metric=metric, unit=unit)
    axes = figure.axes[0]
    top = axes.get_ylim()[1]
    drawn = [(line, np.asarray(line.get_ydata(), dtype=np.float64)) for line in axes.get_lines()]
    ends = _apart([float(values[np.isfinite(values)][-1]) for _, values in drawn], 0.05 * top)
    for (line, _), end in zip(drawn, ends, strict=True):
        axes.annotate(
            str(line.get_label()),
            (lead_minutes[-1], end),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            color=line.get_color(),
            fontsize=10,
        )
    axes.set_ylim(0, max(top, max(ends) + 0.03 * top))
    axes.set_xticks(lead_minutes[:: max(1, -(-len(lead_minutes) // 12))])
    axes.set_xlabel("minutes ahead", color=INK)
    return figure


def _apart(places: Sequence[float], least: float) -> list[float]:
    """Return places near the given ones, in the same order, at least `least` from each other, none under zero.

    >>> _apart([3.0, 1.0, 3.0], 1.0)
    [2.5, 1.0, 3.5]
    >>> _apart([0.0, 0.0], 1.0)
    [0.0, 1.0]
    """
    order = np.argsort(places, kind="stable")
    groups: list[list[float]] = []
    for place in np.asarray(places)[order]:
        groups.append([place])
        while len(groups) > 1 and _bottom(groups[-1], least) < _top(groups[-2], least) + least:
            groups[-2:] = [groups[-2] + groups[-1]]
    spread = [_bottom(group, least) + k * least for group in groups for k in range(len(group))]
    result = np.empty(len(spread))
    result[order] = np.maximum(spread, least * np.arange(len(spread)))
    return [float(place) for place in result]


def _bottom(group: Sequence[float], least: float) -> float:
    return float(np.mean(group)) - least * (len(group) - 1) / 2


def _top(group: Sequence[float], least: float) -> float:
    return float(np.mean(group)) + least * (len(group) - 1) / 2
