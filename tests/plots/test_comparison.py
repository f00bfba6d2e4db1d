"""Differences by lead: every dot at its difference, every bar its interval, the colour of who is better."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.text import Annotation

from stgraph import plots
from stgraph.errors import DataError, ShapeError
from stgraph.plots.comparison import ONE, OTHER
from stgraph.plots.style import GREY

ROWS = [(-2.0, -3.0, -1.0), (0.1, -0.5, 0.6), (1.0, 0.5, 2.0), (0.0, 0.0, 0.0)]
LEADS = [15, 30, 45, 60]
Row = tuple[float, ...]


def drawn(axes: Axes) -> dict[str, tuple[list[Row], list[list[Row]]]]:
    """Colour -> the places of dots, and the ends of bars."""
    found: dict[str, tuple[list[Row], list[list[Row]]]] = {}
    kinds = ([some for some in axes.collections if isinstance(some, kind)] for kind in (LineCollection, PathCollection))
    for bars, dots in zip(*kinds, strict=True):
        places = [tuple(map(float, xy)) for xy in np.asarray(dots.get_offsets())]
        ends = [[tuple(map(float, xy)) for xy in np.asarray(bar)] for bar in bars.get_segments()]
        colours = {
            to_hex(tuple(np.asarray(some.get_edgecolor() if some is bars else some.get_facecolor())[0][:3]))
            for some in (bars, dots)
        }
        if places:
            (colour,) = colours
            found[colour] = (places, ends)
    return found


def test_dots_bars_and_colours_are_those_of_the_numbers() -> None:
    (axes,) = plots.difference_by_lead(ROWS, LEADS, names=("patchnet", "gru"), unit="mph").axes
    assert drawn(axes) == {
        ONE: ([(15, -2)], [[(15, -3), (15, -1)]]),
        OTHER: ([(45, 1)], [[(45, 0.5), (45, 2)]]),
        GREY: ([(30, 0.1), (60, 0)], [[(30, -0.5), (30, 0.6)], [(60, 0), (60, 0)]]),
    }
    assert [list(map(float, np.asarray(line.get_ydata()))) for line in axes.get_lines()] == [[0, 0]], "the zero line"
    assert axes.get_ylabel() == "difference [mph]"


def test_it_says_which_side_is_whose_in_strips_without_data() -> None:
    figure = plots.difference_by_lead(ROWS, LEADS, names=("patchnet", "gru"), metric="RMSE", below="over 9 days")
    (axes,) = figure.axes
    sides = {text.get_text(): text.xy[1] for text in axes.texts if isinstance(text, Annotation)}
    assert sides == {"▲ gru is better": 1.0, "▼ patchnet is better": 0.0}
    low, high = axes.get_ylim()
    assert low <= -3 - 0.14 * 5
    assert high >= 2 + 0.14 * 5
    assert [text.get_text() for text in figure.texts] == [
        "Difference of RMSE by lead time",
        "patchnet less gru; over 9 days",
    ]


def test_zero_is_always_shown() -> None:
    (axes,) = plots.difference_by_lead([(2.0, 1.0, 3.0)], [15]).axes
    assert axes.get_ylim()[0] < 0
    (axes,) = plots.difference_by_lead([(0.0, 0.0, 0.0)], [15]).axes
    assert axes.get_ylim()[0] < 0 < axes.get_ylim()[1]


@pytest.mark.parametrize("count", [1, 2, 12, 30])
def test_the_pooled_difference_stands_apart_at_the_right(count: int) -> None:
    leads = [5.0 * k for k in range(1, count + 1)]
    (axes,) = plots.difference_by_lead([(1.0, 0.5, 1.5)] * count, leads, pooled=(2.0, 1.0, 3.0)).axes
    ((dots, bars),) = drawn(axes).values()
    assert dots[-1][1] == 2
    assert [y for _, y in bars[-1]] == [1, 3]
    assert dots[-1][0] - leads[-1] > (5 if count > 1 else 0)
    assert axes.get_xticklabels()[-1].get_text() == "all"
    assert axes.get_xticks()[-1] == dots[-1][0]
    assert len(axes.get_xticks()) <= 13


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"differences: expected shape \(H \[H=2\], 3\), found \(1, 3\)"):
        plots.difference_by_lead([(1.0, 0.0, 2.0)], [15, 30])
    with pytest.raises(DataError, match="each low end at most its high end"):
        plots.difference_by_lead([(1.0, 2.0, 0.0)], [15])
    with pytest.raises(DataError, match="finite"):
        plots.difference_by_lead([(1.0, float("nan"), 2.0)], [15])
