"""Lines of errors: told apart, the first above the others, gaps as gaps, what is no error refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError, ShapeError
from stgraph.plots.lines import checked, error_lines

NAN = float("nan")


def test_many_models_stay_apart_and_the_first_lies_above() -> None:
    errors = {str(k): [1.0, 2.0] for k in range(12)}
    (axes,) = error_lines(errors, [1, 2], by="day", metric="MAE", unit="km/h").axes
    looks = {(line.get_color(), line.get_linestyle()) for line in axes.get_lines()}
    assert len(looks) == 12
    heights = [line.get_zorder() for line in axes.get_lines()]
    assert heights == sorted(set(heights), reverse=True)


def test_nan_is_a_gap_and_the_axis_starts_at_zero() -> None:
    figure = error_lines({"a": [1.0, NAN, 3.0], "b": [NAN, 0.0, 0.0]}, [1, 2, 3], by="day", metric="RMSE", unit="")
    (axes,) = figure.axes
    drawn = [np.asarray(line.get_ydata(), dtype=float) for line in axes.get_lines()]
    assert [np.isnan(y).tolist() for y in drawn] == [[False, True, False], [True, False, False]]
    low, high = axes.get_ylim()
    assert low == 0
    assert high > 3
    assert axes.get_ylabel() == "RMSE"
    assert figure.texts[0].get_text() == "RMSE by day"


def test_errors_of_zero_still_have_an_axis() -> None:
    (axes,) = error_lines({"a": [0.0, 0.0]}, [1, 2], by="day", metric="MAE", unit="km/h").axes
    assert axes.get_ylim() == (0, 1)


@given(st.lists(st.floats(0, 100) | st.just(NAN), min_size=1, max_size=5))
def test_errors_pass_as_they_are_or_are_refused(values: list[float]) -> None:
    if all(np.isnan(values)):
        with pytest.raises(DataError, match="errors of 'a': expected numbers"):
            checked({"a": values}, len(values), "day")
    else:
        np.testing.assert_array_equal(checked({"a": values}, len(values), "day")["a"], values)
    with pytest.raises(ShapeError, match=f"expected {len(values) + 1}, one a day, found shape"):
        checked({"a": values}, len(values) + 1, "day")


def test_no_model_is_refused() -> None:
    with pytest.raises(DataError, match="at least one model"):
        checked({}, 3, "day")
