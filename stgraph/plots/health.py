"""What is wrong with the data of a network: sensors down, time across, a colour for each kind of fault."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.anomaly import RULES, Health
from stgraph.anomaly.findings import found_by
from stgraph.plots.style import FAINT, GREY, INK, PALETTE, blank

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CELLS = 400
"""Cells across: three pixels each, so that a single value is seen."""
MOST_SENSORS = 320
MOST_NAMES = 40
TICKS = ("1h", "3h", "6h", "12h", "1D", "2D", "4D", "7D", "14D", "28D", "56D", "182D")
MOST_TICKS = 12
SOUND, UNOBSERVED = 0, 1
COLOURS = (FAINT, "white", "#1c1f24", *(PALETTE[k] for k in (0, 2, 4, 3, 1)))
"""Of sound and of unobserved values, then of each rule."""


def health(found: Health) -> "Figure":
    """Draw what `check` found: a row a sensor, in the order of the series, a colour a rule.

    A cell is a stretch of time, of all channels together. It has the colour of the rule that distrusts most values
    in it, however few they are; else it is faint, or white where most of its values are unobserved. Of very many
    sensors the 320 with the largest distrusted share are drawn.

    Args:
        found: of `stgraph.check`.

    Returns:
        A figure 1200 pixels wide, for `save`.
    """
    from matplotlib.colors import ListedColormap  # noqa: PLC0415 - a third of a second that only pictures need

    series = found.series
    shown = _shown(found)
    cells = _cells(found)[:, shown]
    local = pd.DatetimeIndex(series.local_times).tz_localize(None)
    span = local[-1] + pd.Timedelta(series.interval) - local[0]
    height = float(np.clip(0.26 * len(shown), 1.2, 11))
    minutes = span / pd.Timedelta("1min") / len(cells)
    cell = f"{minutes:.3g} minutes" if minutes < 120 else f"{minutes / 60:.3g} hours"
    below = f"a cell is {cell} of a sensor, in the colour of what was found most in it"
    figure = blank(height + 2.1, title=_title(found, len(shown)), below=below)
    axes = figure.subplots()
    axes.imshow(
        cells.T,
        aspect="auto",
        interpolation="nearest",
        cmap=ListedColormap(COLOURS),
        vmin=-0.5,
        vmax=len(COLOURS) - 0.5,
        extent=(0, len(cells), len(shown) - 0.5, -0.5),
    )
    _name(axes, [series.sensors[n] for n in shown])
    _clock(axes, local[0], span, len(cells))
    axes.set_xlabel(series.timezone or "local time", color=GREY)
    _explain(figure, axes, cells)
    return figure


def _title(found: Health, shown: int) -> str:
    sensors = len(found.series.sensors)
    hit = int(found.mask.any((0, 2)).sum())
    of = f"; the {shown} worst are shown" if shown < sensors else ""
    return f"Values to distrust on {hit} of {sensors} sensors{of}"


def _shown(found: Health) -> NDArray[np.int64]:
    """Return the sensors to draw, in the order of the series."""
    wrong = np.count_nonzero(found.findings, axis=(0, 2))
    return np.sort(np.argsort(-wrong, kind="stable")[:MOST_SENSORS])


def _cells(found: Health) -> NDArray[np.int64]:
    """Return for each cell and sensor 0 = sound, 1 = unobserved, 2 and more = the rule that found most."""
    series = found.series
    step = (series.times - series.times[0]) // series.interval
    count = min(int(step[-1]) + 1, CELLS)
    cell = step * count // (int(step[-1]) + 1)
    there, first = np.unique(cell, return_index=True)
    steps = np.diff(np.append(first, len(cell)))[:, None]
    tallies = np.stack([_tally(found_by(rule, found.findings), first) for rule in RULES])
    observed = _tally(series.observed, first) / (steps * len(series.channels))
    kind = np.where(observed < 0.5, UNOBSERVED, SOUND)
    whole = np.full((count, len(series.sensors)), UNOBSERVED)
    whole[there] = np.where(tallies.any(0), tallies.argmax(0) + 2, kind)
    return whole


def _tally(where: NDArray[np.bool_], first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count over the channels and the rows of each cell, (cells, N)."""
    tally: NDArray[np.int64] = np.add.reduceat(where.sum(2, dtype=np.int64), first, axis=0)
    return tally


def _name(axes: "Axes", names: list[str]) -> None:
    """Write the names of sensors, every so manieth where there are many, and part their rows where there are few."""
    every = -(-len(names) // MOST_NAMES)
    axes.set_yticks(range(0, len(names), every), names[::every])
    axes.tick_params(length=0, colors=INK, labelsize=9 if every == 1 else 8, pad=5)
    if every == 1:
        for row in range(1, len(names)):
            axes.axhline(row - 0.5, color="white", linewidth=1.5)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _clock(axes: "Axes", first: pd.Timestamp, span: pd.Timedelta, cells: int) -> None:
    """Write dates below, with the year where it begins, and hours between them where the series is short."""
    every = next((step for step in TICKS if span / pd.Timedelta(step) <= MOST_TICKS), TICKS[-1])
    ticks = pd.date_range(first.normalize(), first + span, freq=every)
    ticks = ticks[ticks >= first]
    labels, year = [], 0
    for tick in ticks:
        day = f"{tick.day} {tick:%b}" if tick == tick.normalize() else f"{tick:%H:%M}"
        labels.append(day if tick.year == year else f"{day}\n{tick.year}")
        year = tick.year
    axes.set_xticks(((ticks - first) / span * cells).to_numpy(), labels)


def _explain(figure: "Figure", axes: "Axes", cells: NDArray[np.int64]) -> None:
    """Name below the picture the colours that are in it."""
    words = ("sound", "unobserved", *RULES)
    for kind in np.unique(cells):
        edge = GREY if kind == UNOBSERVED else COLOURS[kind]
        axes.scatter([], [], marker="s", s=60, color=COLOURS[kind], edgecolors=edge, linewidths=0.6, label=words[kind])
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=len(words), frameon=False, fontsize=10)
