"""At which hours of the day the error is large."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from stgraph.plots.lines import error_lines
from stgraph.plots.style import INK, legend

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def error_by_hour(errors: Mapping[str, Sequence[float]], *, metric: str = "MAE", unit: str = "km/h") -> "Figure":
    """Draw the error of each model by hour of the day, one line a model.

    Args:
        errors: for each model its error in each of the 24 hours; NaN, an hour without errors, is a gap.
        metric: what the errors are.
        unit: their unit.

    Returns:
        A figure 1200 pixels wide, for `save`.

    Raises:
        DataError: no model, or a model without a single number.
        ShapeError: a model with another number of errors than 24.
    """
    figure = error_lines(errors, range(24), by="hour of the day", metric=metric, unit=unit)
    axes = figure.axes[0]
    axes.set_xticks(range(0, 24, 3), [f"{hour:02d}:00" for hour in range(0, 24, 3)])
    axes.set_xlabel("from this hour to the next, local time", color=INK)
    legend(figure)
    return figure
