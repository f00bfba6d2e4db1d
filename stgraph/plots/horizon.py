"""How the error grows with the lead time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError, ShapeError
from stgraph.plots.style import INK, PALETTE, bare, blank

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DASHES = ("-", "--", ":", "-.")


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
    leads = np.asarray(lead_minutes, dtype=np.float64)
    lines = {name: np.asarray(values, dtype=np.float64) for name, values in errors.items()}
    _check(lines, leads)
    figure = blank(5, title=f"{metric} by lead time", below="lower is better")
    axes = figure.subplots()
    bare(axes)
    top = max(float(np.nanmax(values)) for values in lines.values()) * 1.08
    ends = _apart([float(values[np.isfinite(values)][-1]) for values in lines.values()], 0.05 * top)
    for k, ((name, values), end) in enumerate(zip(lines.items(), ends, strict=True)):
        colour = PALETTE[k % len(PALETTE)]
        dash = DASHES[k // len(PALETTE) % len(DASHES)]
        axes.plot(leads, values, color=colour, linestyle=dash, linewidth=2, marker="o", markersize=4, label=name)
        axes.annotate(
            name, (leads[-1], end), xytext=(9, 0), textcoords="offset points", va="center", color=colour, fontsize=10
        )
    axes.set_ylim(0, max(top, max(ends) + 0.03 * top))
    axes.set_xlim(leads[0] - 0.02 * np.ptp(leads), None)
    axes.set_xticks(leads[:: max(1, -(-len(leads) // 12))])
    axes.set_xlabel("minutes ahead", color=INK)
    axes.set_ylabel(f"{metric} [{unit}]" if unit else metric, color=INK)
    return figure


def _check(lines: Mapping[str, NDArray[np.float64]], leads: NDArray[np.float64]) -> None:
    if not lines:
        message = "errors: expected at least one model, found none"
        raise DataError(message)
    for name, values in lines.items():
        if values.shape != leads.shape or leads.ndim != 1:
            message = f"errors of {name!r}: expected one for each of {leads.shape} lead times, found {values.shape}"
            raise ShapeError(message)
        if not np.isfinite(values).any():
            message = f"errors of {name!r}: expected numbers, found none"
            raise DataError(message)


def _apart(places: Sequence[float], least: float) -> list[float]:
    """Return places near the given ones, in the same order, at least `least` from each other.

    >>> _apart([3.0, 1.0, 3.0], 1.0)
    [2.5, 1.0, 3.5]
    """
    order = np.argsort(places, kind="stable")
    groups: list[list[float]] = []
    for place in np.asarray(places)[order]:
        groups.append([place])
        while len(groups) > 1 and _bottom(groups[-1], least) < _top(groups[-2], least) + least:
            groups[-2:] = [groups[-2] + groups[-1]]
    spread = [_bottom(group, least) + k * least for group in groups for k in range(len(group))]
    result = np.empty(len(spread))
    result[order] = spread
    return [float(place) for place in result]


def _bottom(group: Sequence[float], least: float) -> float:
    return float(np.mean(group)) - least * (len(group) - 1) / 2


def _top(group: Sequence[float], least: float) -> float:
    return float(np.mean(group)) + least * (len(group) - 1) / 2
