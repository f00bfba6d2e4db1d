import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from stgraph import plots
from stgraph.errors import ShapeError
from stgraph.plots.horizon import _apart

LEADS = [15, 30, 45, 60]


def ys(line: Line2D) -> list[float]:
    return [float(y) for y in np.asarray(line.get_ydata())]


def test_each_model_has_its_line_and_its_name_at_the_end() -> None:
    errors = {"persistence": [2.0, 3, 4, 5], "PatchNet": [1.5, 2, 2.5, 3]}
    (axes,) = plots.error_by_lead(errors, LEADS).axes
    assert {str(line.get_label()): ys(line) for line in axes.get_lines()} == errors
    assert all(np.array_equal(line.get_xdata(), LEADS) for line in axes.get_lines())
    names = {text.get_text(): text for text in axes.texts if isinstance(text, Annotation)}
    assert set(names) == set(errors)
    for line in axes.get_lines():
        name = names[str(line.get_label())]
        assert list(name.xy) == pytest.approx([60, ys(line)[-1]])
        assert name.get_color() == line.get_color()


def test_axes_say_what_is_drawn_and_start_at_zero() -> None:
    (axes,) = plots.error_by_lead({"a": [1, 2, 3, 4]}, LEADS, metric="RMSE", unit="mph").axes
    assert axes.get_ylabel() == "RMSE [mph]"
    assert axes.get_xlabel() == "minutes ahead"
    assert axes.get_ylim()[0] == 0
    assert list(axes.get_xticks()) == LEADS


def test_a_model_may_lack_a_lead() -> None:
    (axes,) = plots.error_by_lead({"a": [1, 2, 3, float("nan")]}, LEADS).axes
    assert np.isnan(ys(axes.get_lines()[0])[-1])


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8), st.floats(0.1, 10))
def test_names_keep_their_order_and_distance(places: list[float], least: float) -> None:
    spread = _apart(places, least)
    order = np.argsort(places, kind="stable")
    assert (np.diff(np.array(spread)[order]) >= least - 1e-6).all()
    assert min(spread) >= 0, "a name under the axis would be cut off"
    assert np.mean(spread) >= np.mean(places) - 1e-6
    if min(places) > least * len(places):
        assert np.mean(spread) == pytest.approx(np.mean(places), abs=1e-6)
    if len(places) == 1 or np.diff(np.sort(places)).min() >= least:
        assert spread == pytest.approx(places)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"errors of 'a': expected 4, one a lead time, found shape \(3,\)"):
        plots.error_by_lead({"a": [1, 2, 3]}, LEADS)
