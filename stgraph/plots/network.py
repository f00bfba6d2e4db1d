"""The network on its map: sensors in their places, coloured by a value."""

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError
from stgraph.graph import SensorGraph, haversine
from stgraph.plots.style import GREY, INK, STRONG, WIDTH, blank
from stgraph.shapes import check_shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EDGE, ARROWS = "#c3c8d0", "#5b6270"
ARROW, APART = 0.12, 0.4
"""Length of an arrow and side of the square that has one at most, in inches: more would hide the road."""
SLOW_IS_RED = "RdYlBu"
"""A diverging map of ColorBrewer (Brewer, 2003, https://colorbrewer2.org) that the colour-blind can read."""


def network(
    graph: SensorGraph, values: ArrayLike | None = None, *, label: str = "speed [km/h]", edges: bool = True
) -> "Figure":
    """Draw sensors at their positions, red where the value is low and blue where it is high.

    Args:
        graph: the network, with positions.
        values: (N,) one value a sensor; NaN = unobserved, drawn hollow; None = no colours.
        label: what the values are, with their unit.
        edges: whether to draw the edges underneath, the heavier the stronger, with arrows on those that run one way,
            here and there where they are many; a sensor without any edge stands in a ring.

    Returns:
        A figure 1200 pixels wide, for `save`.

    Raises:
        DataError: the graph has no positions.
        ShapeError: not one value a sensor.
    """
    if graph.positions is None:
        message = "positions: the graph has none, so there is no map to draw; give SensorGraph(..., positions=...)"
        raise DataError(message)
    places = graph.positions
    stretch = 1 / np.cos(np.radians(places[:, 1].mean()))
    extent = np.ptp(places, axis=0) * (1, stretch)
    figure = blank(float(np.clip(WIDTH * extent[1] / max(extent[0], 1e-9), 4, 11)))
    axes = figure.subplots()
    axes.set_aspect(stretch)
    axes.margins(0.06)
    axes.axis("off")
    if edges and graph.adjacency.nnz:
        _edges(axes, graph.adjacency, places)
        _arrows(axes, graph.adjacency, places, inches=figure.get_size_inches().min() / max(extent.max(), 1e-9))
        _ring(axes, places[graph.isolated()])
    if values is None:
        axes.scatter(
            places[:, 0], places[:, 1], s=_area(len(places)), color=INK, linewidths=0.8, edgecolors="white", zorder=3
        )
    else:
        _colour(figure, axes, places, np.asarray(values, dtype=np.float64), label)
    _scale_bar(axes, places)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="upper right", frameon=False, fontsize=9)
    return figure


def _area(count: int) -> float:
    """Return the area of a dot, in square points: smaller where sensors are many."""
    return float(np.clip(4000 / count, 12, 40))


def _edges(axes: "Axes", adjacency: sp.csr_array[np.float64], places: NDArray[np.float64]) -> None:
    from matplotlib.collections import LineCollection  # noqa: PLC0415 - a third of a second that only pictures need

    coo = adjacency.tocoo()
    lines = np.stack([places[coo.coords[0]], places[coo.coords[1]]], axis=1)
    share = coo.data / coo.data.max(initial=1e-300)  # a light edge, to a far sensor, is faint: the road stands out
    axes.add_collection(LineCollection(list(lines), colors=EDGE, linewidths=2 * share, alpha=share, zorder=1))


def _arrows(axes: "Axes", adjacency: sp.csr_array[np.float64], places: NDArray[np.float64], *, inches: float) -> None:
    """Put an arrow on the heaviest edge without a way back in each square of the paper.

    Args:
        axes: to draw on.
        adjacency: (N, N).
        places: (N, 2) longitude and latitude in degrees.
        inches: of a degree of longitude on the paper, about.
    """
    ahead = sp.csr_array(adjacency - adjacency.multiply(adjacency.T > 0))
    ahead.eliminate_zeros()
    one_way = ahead.tocoo()
    starts, ends = (places[axis] for axis in one_way.coords)
    middle, way = (starts + ends) / 2, ends - starts
    order = np.argsort(-one_way.data, kind="stable")
    order = order[way[order].any(1)]  # two sensors at one place have no direction
    _, first = np.unique((middle[order] * inches // APART).astype(np.int64), axis=0, return_index=True)
    if len(first):
        chosen = order[np.sort(first)]
        unit = way[chosen] / np.hypot(*way[chosen].T)[:, None]
        axes.quiver(
            *middle[chosen].T,
            *unit.T,
            angles="xy",
            units="inches",
            scale_units="inches",
            scale=1 / ARROW,
            pivot="mid",
            color=ARROWS,
            edgecolor="white",
            linewidth=0.6,
            zorder=4,
            width=ARROW,
            headwidth=0.75,
            headlength=1.0,
            headaxislength=0.8,
            minlength=0.0,
        )


def _ring(axes: "Axes", places: NDArray[np.float64]) -> None:
    """Put a ring around sensors that no edge joins to another."""
    if len(places):
        axes.scatter(
            places[:, 0],
            places[:, 1],
            s=150,
            facecolors="none",
            edgecolors=STRONG,
            linewidths=1.4,
            zorder=4,
            label=f"isolated ({len(places)})",
        )


def _colour(
    figure: "Figure", axes: "Axes", places: NDArray[np.float64], values: NDArray[np.float64], label: str
) -> None:
    check_shape(values, "N", name="values", N=len(places))
    seen = np.isfinite(values)
    axes.scatter(
        places[~seen, 0],
        places[~seen, 1],
        s=0.8 * _area(len(places)),
        facecolors="white",
        edgecolors=GREY,
        linewidths=1.1,
        zorder=2,
        label=None if seen.all() else "unobserved",
    )
    order = np.flatnonzero(seen)[np.argsort(-values[seen], kind="stable")]
    dots = axes.scatter(
        places[order, 0],
        places[order, 1],
        c=values[order],
        s=1.3 * _area(len(places)),
        cmap=SLOW_IS_RED,
        edgecolors=INK,
        linewidths=0.5,
        zorder=3,
    )
    bar = figure.colorbar(dots, ax=axes, shrink=0.55, aspect=28, pad=0.02)
    bar.set_label(label, color=INK, fontsize=10)
    bar.ax.tick_params(length=0, colors=INK, labelsize=9)
    bar.outline.set_visible(False)


def _scale_bar(axes: "Axes", places: NDArray[np.float64]) -> None:
    """Draw a bar of 1, 2 or 5 times a power of ten kilometres, at most a quarter of the map, at its lower left."""
    (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
    middle = (south + north) / 2
    size = max(float(haversine(west, middle, east, middle)), float(haversine(west, south, west, north)))
    if not size:
        return
    power = 10.0 ** np.floor(np.log10(size / 4))
    length = max(step * power for step in (1, 2, 5) if step * power <= size / 4 or step == 1)
    degrees = length / float(haversine(0, middle, 1, middle))
    y = south - 0.07 * max(north - south, degrees)
    axes.plot([west, west + degrees], [y, y], color=INK, linewidth=2.2, solid_capstyle="butt", zorder=3)
    text = f"{length:g} km" if length >= 1 else f"{1000 * length:g} m"
    axes.annotate(
        text, (west + degrees / 2, y), xytext=(0, -4), textcoords="offset points", ha="center", va="top", color=INK
    )
