"""Errors by sensor: the worst and the best of the first model, each dot at its error."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from stgraph import plots
from stgraph.errors import DataError, ShapeError

RNG = np.random.default_rng(0)
SENSORS = [f"s{n}" for n in range(40)]
ERRORS = {"model": RNG.permutation(40) + 1.0, "persistence": RNG.permutation(40) + 1.0}
FIRST = dict(zip(SENSORS, ERRORS["model"], strict=True))


def lists(**changes: np.ndarray) -> dict[str, list[float]]:
    return {name: values.tolist() for name, values in {**ERRORS, **changes}.items()}


def rows(axes: Axes) -> list[tuple[str, dict[str, float]]]:
    """Names from top to bottom, with the error that each model is drawn at."""
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    dots = {str(d.get_label()): np.asarray(d.get_offsets()) for d in axes.collections if isinstance(d, PathCollection)}
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the first row is the upper one"
    return [(name, {model: float(xy[k, 0]) for model, xy in dots.items()}) for k, name in enumerate(names)]


def test_the_worst_stand_above_the_best_and_every_dot_at_its_error() -> None:
    figure = plots.error_by_sensor(lists(), SENSORS, most=5, unit="mph")
    worst, best = (rows(axes) for axes in figure.axes)
    ranked = sorted(SENSORS, key=FIRST.__getitem__)
    assert [name for name, _ in worst] == ranked[::-1][:5]
    assert [name for name, _ in best] == ranked[:5]
    for name, drawn in worst + best:
        assert drawn == {model: values[SENSORS.index(name)] for model, values in ERRORS.items()}
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["the worst 5 of 40", "the best 5"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["model", "persistence"]
    low, high = figure.axes[0].get_xlim()
    assert low == 0
    assert high > 40
    assert figure.axes[1].get_xlabel() == "MAE [mph]"


def test_few_sensors_stand_in_one_panel() -> None:
    (axes,) = plots.error_by_sensor({"model": [1.0, 3.0, 2.0]}, ["a", "b", "c"]).axes
    assert [name for name, _ in rows(axes)] == ["b", "c", "a"]
    assert axes.get_title(loc="left") == "all 3"


def test_a_sensor_without_errors_is_left_out() -> None:
    silent = np.where(np.arange(40) == 7, np.nan, ERRORS["model"])
    figure = plots.error_by_sensor(lists(model=silent), SENSORS, most=20)
    assert len(rows(figure.axes[0])) == 39
    assert "s7" not in [name for name, _ in rows(figure.axes[0])]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"errors of 'a': expected 2, one a sensor, found shape \(1,\)"):
        plots.error_by_sensor({"a": [1.0]}, ["x", "y"])
    with pytest.raises(DataError, match="expected numbers"):
        plots.error_by_sensor({"a": [float("nan")]}, ["x"])
    with pytest.raises(DataError, match="a sensor with an error of each of a, b, found none"):
        plots.error_by_sensor({"a": [float("nan"), 1.0], "b": [1.0, float("nan")]}, ["x", "y"])
