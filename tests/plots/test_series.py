from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from stgraph import plots
from stgraph.errors import DataError, MismatchError, UnknownNameError
from stgraph.forecasting.forecast import Forecast
from stgraph.plots.style import STRONG
from stgraph.series.traffic_series import TrafficSeries

START = np.datetime64("2018-03-01T22:00", "ns")
STEP = np.timedelta64(5, "m")
STEPS, ISSUE = 60, 47


def series(**changes: Any) -> TrafficSeries:
    """Give five sensors of which each later one varies more, over the midnight of 2 March 2018."""
    t, n = np.ogrid[:STEPS, :5]
    values = (80 + (n + 1) * np.sin(t / 5)).astype(np.float32)[:, :, None]
    fields: dict[str, Any] = {
        "values": values,
        "observed": np.ones_like(values, dtype=bool),
        "times": START + np.arange(STEPS) * STEP,
        "sensors": tuple("abcde"),
        "channels": ("speed",),
        "units": ("km/h",),
    }
    return TrafficSeries(**{**fields, **changes})


def issued(at: int, of: TrafficSeries, steps: int = 12) -> Forecast:
    values = np.full((steps, len(of.sensors), 1), 70 + at, np.float32)
    times = of.times[at] + np.arange(1, steps + 1) * STEP
    return Forecast(values, times, of.sensors, of.channels, of.units, of.times[at], of.timezone)


def lines(axes: Axes, label: str) -> list[Line2D]:
    return [line for line in axes.get_lines() if line.get_label() == label]


def test_the_four_sensors_that_vary_most_are_shown() -> None:
    figure = plots.forecast(issued(ISSUE, series()), series())
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["e", "d", "c", "b"]
    assert {axes.get_ylabel() for axes in figure.axes} == {"speed [km/h]"}


def test_measured_values_stand_at_their_times_and_stop_at_the_window() -> None:
    (axes,) = plots.forecast(issued(ISSUE, series()), series(), sensors=["c"], hours=1).axes
    (line,) = lines(axes, "measured")
    assert np.array_equal(line.get_xdata(), series().times[ISSUE - 12 :])
    assert np.array_equal(line.get_ydata(), series().values[ISSUE - 12 :, 2, 0])


def test_unobserved_values_and_gaps_in_time_are_gaps() -> None:
    whole = series()
    observed = whole.observed.copy()
    observed[20, 2] = False
    kept = np.r_[0:30, 35:STEPS]
    holed = series(values=whole.values[kept], observed=observed[kept], times=whole.times[kept])
    (axes,) = plots.forecast(issued(ISSUE, whole), holed, sensors=["c"]).axes
    drawn = np.asarray(lines(axes, "measured")[0].get_ydata(), dtype=float)
    assert np.flatnonzero(np.isnan(drawn)).tolist() == [20, 30, 31, 32, 33, 34]


def test_the_forecast_starts_at_the_value_measured_at_its_issue() -> None:
    one = issued(ISSUE, series())
    (axes,) = plots.forecast(one, series(), sensors=["c"]).axes
    (line,) = lines(axes, "forecast")
    assert np.array_equal(line.get_xdata(), [one.issued, *one.times])
    assert np.array_equal(line.get_ydata(), [series().values[ISSUE, 2, 0], *one.values[:, 2, 0]])
    assert to_rgba(line.get_color()) == to_rgba(STRONG)
    assert line.get_markevery() == [0]


def test_without_a_value_at_the_issue_the_forecast_stands_alone() -> None:
    observed = np.ones((STEPS, 5, 1), dtype=bool)
    observed[ISSUE] = False
    one = issued(ISSUE, series())
    (axes,) = plots.forecast(one, series(observed=observed), sensors=["c"]).axes
    assert np.array_equal(lines(axes, "forecast")[0].get_xdata(), one.times)


def test_only_the_latest_of_several_forecasts_is_shaded() -> None:
    whole = series()
    figure = plots.forecast([issued(at, whole) for at in (47, 23, 35, 2)], whole, sensors=["a", "c"], hours=3)
    for axes in figure.axes:
        assert len(lines(axes, "forecast")) == 1
        assert len(lines(axes, "earlier forecasts")) == 2, "what was issued before the hours shown is left out"
        (shade,) = axes.patches
        assert isinstance(shade, Rectangle)
        days = (whole.times[[ISSUE, ISSUE + 12]] - np.datetime64("1970-01-01")) / np.timedelta64(1, "D")
        assert [shade.get_x(), shade.get_x() + shade.get_width()] == pytest.approx(days, abs=1e-9)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["measured", "earlier forecasts", "forecast"]


def test_bounds_are_a_band_that_begins_at_the_last_measured_value() -> None:
    known = series()
    one = issued(ISSUE, known)
    bounded = replace(one, lower=one.values - 3, upper=one.values + 5, coverage=0.9)
    earlier = issued(ISSUE - 12, known)
    figure = plots.forecast([earlier, bounded], known, sensors=["c"])
    (band,) = [x for x in figure.axes[0].collections if isinstance(x, PolyCollection)]
    path = np.asarray(band.get_paths()[0].vertices)
    middle, begun = float(one.values[0, 2, 0]), float(known.values[ISSUE, 2, 0])
    assert np.unique(path[:, 1]).tolist() == [begun, middle - 3, middle + 5]
    assert len(np.unique(path[:, 0])) == 13
    assert figure.texts[1].get_text() == "60 minutes ahead, in bounds that should hold 90 %"
    (plain,) = plots.forecast(one, known, sensors=["c"]).axes
    assert not [x for x in plain.collections if isinstance(x, PolyCollection)]


def test_the_clock_is_local_and_says_the_date_where_a_day_begins() -> None:
    figure = plots.forecast(issued(ISSUE, series()), series(), sensors=["c"])
    texts = [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
    assert "00:00\nFri 2 Mar" in texts
    assert "22:30" in texts
    assert figure.texts[0].get_text() == "Speed, forecast at 01:55 on Friday 2 March 2018"
    there = series(timezone="Asia/Tokyo")
    zoned = plots.forecast(issued(ISSUE, there), there, sensors=["c"])
    assert zoned.texts[0].get_text() == "Speed, forecast at 10:55 on Friday 2 March 2018"
    assert zoned.axes[0].get_xlabel() == "Asia/Tokyo"
    assert zoned.axes[0].get_xticklabels()[0].get_text() == "07:00"


def test_what_does_not_fit_is_refused() -> None:
    whole, one = series(), issued(ISSUE, series())
    with pytest.raises(DataError, match="at least one"):
        plots.forecast([], whole)
    with pytest.raises(MismatchError, match="on one clock, found None and Asia/Tokyo"):
        plots.forecast(one, series(timezone="Asia/Tokyo"))
    with pytest.raises(MismatchError, match="no sensor"):
        plots.forecast(one, whole, sensors=["z"])
    with pytest.raises(UnknownNameError, match="unknown sensor 'c'"):
        plots.forecast(issued(ISSUE, whole.select(sensors=("a",))), whole, sensors=["c"])
    with pytest.raises(MismatchError, match="no channel"):
        plots.forecast(one, whole, channel="flow")
    with pytest.raises(DataError, match="no times from"):
        plots.forecast(one, whole.slice(0, 10), hours=1)
