"""Errors of several models as lines, and the check that all pictures of errors share."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError, ShapeError
from stgraph.plots.style import INK, PALETTE, bare, blank

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DASHES = ("-", "--", ":", "-.")


def error_lines(
    errors: Mapping[str, Sequence[float]], places: Sequence[float], *, by: str, metric: str, unit: str
) -> "Figure":
    """Draw one line a model, the first above the others; the axis starts at zero, NaN is a gap.

    Args:
        errors: for each model its error at each place.
        places: on the horizontal axis, rising.
        by: what a place is.
        metric: what the errors are.
        unit: their unit.

    Raises:
        DataError: no model, or a model without a single number.
        ShapeError: a model with another number of errors than there are places.
    """
    lines = checked(errors, len(places), by)
    figure = blank(5, title=f"{metric} by {by}", below="lower is better")
    axes = figure.subplots()
    bare(axes)
    for k, (name, values) in enumerate(lines.items()):
        colour = PALETTE[k % len(PALETTE)]
        dash = DASHES[k // len(PALETTE) % len(DASHES)]
        (line,) = axes.plot(places, values, color=colour, linestyle=dash, linewidth=2, marker="o", markersize=4)
        line.set(label=name, zorder=3 - k / len(lines))
    axes.set_ylim(0, max(float(np.nanmax(values)) for values in lines.values()) * 1.08 or 1)
    axes.set_xlim(places[0] - 0.02 * (places[-1] - places[0]), None)
    axes.set_ylabel(f"{metric} [{unit}]" if unit else metric, color=INK)
    return figure


def checked(errors: Mapping[str, Sequence[float]], count: int, by: str) -> dict[str, NDArray[np.float64]]:
    """Return the errors of each model as an array of `count` numbers, one for each of what `by` names.

    Raises:
        DataError: no model, or a model without a single number.
        ShapeError: a model with another number of errors.
    """
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in errors.items()}
    if not arrays:
        message = "errors: expected at least one model, found none"
        raise DataError(message)
    for name, values in arrays.items():
        if values.shape != (count,):
            message = f"errors of {name!r}: expected {count}, one a {by}, found shape {values.shape}"
            raise ShapeError(message)
        if not np.isfinite(values).any():
            message = f"errors of {name!r}: expected numbers, found none"
            raise DataError(message)
    return arrays
