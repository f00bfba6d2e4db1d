"""Errors by hour of the day: midnight to midnight, named beside the title."""

import numpy as np
import pytest

from stgraph import plots
from stgraph.errors import ShapeError


def test_each_hour_has_its_place_on_the_clock() -> None:
    errors = {"a": [float(hour) for hour in range(24)], "b": [1.0] * 23 + [float("nan")]}
    figure = plots.error_by_hour(errors, unit="mph")
    (axes,) = figure.axes
    for line, values in zip(axes.get_lines(), errors.values(), strict=True):
        np.testing.assert_array_equal(np.asarray(line.get_xdata()), np.arange(24))
        np.testing.assert_array_equal(np.asarray(line.get_ydata()), values)
    shown = dict(zip(axes.get_xticks(), (tick.get_text() for tick in axes.get_xticklabels()), strict=True))
    assert shown[0] == "00:00"
    assert shown[21] == "21:00"
    assert axes.get_ylabel() == "MAE [mph]"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


def test_a_day_has_24_hours() -> None:
    with pytest.raises(ShapeError, match=r"errors of 'a': expected 24, one a hour of the day, found shape \(23,\)"):
        plots.error_by_hour({"a": [1.0] * 23})
