from collections.abc import Callable
from statistics import fmean

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError, UnknownNameError
from stgraph.series.resample import How, resample
from stgraph.series.wide import from_wide

SLOW: dict[str, Callable[[list[float]], float]] = {"mean": fmean, "sum": sum, "min": min, "max": max}
ROWS = st.lists(st.tuples(st.integers(0, 3600), st.floats(0, 100) | st.none()), min_size=2, max_size=30)
START = pd.Timestamp("2012-03-01")


@given(ROWS, st.sampled_from(["mean", "sum", "min", "max"]))
def test_each_step_holds_what_was_measured_in_it(rows: list[tuple[int, float | None]], how: How) -> None:
    index = pd.DatetimeIndex([START + pd.Timedelta(seconds=s) for s, _ in rows])
    frame = pd.DataFrame({"a": [np.nan if v is None else v for _, v in rows]}, index=index)
    grid = resample(frame, "5min", how=how)["a"]
    assert (np.diff(grid.index) == np.timedelta64(5, "m")).all()
    steps = (pd.DatetimeIndex(grid.index) - START) // pd.Timedelta("5min")
    assert {s // 300 for s, _ in rows} <= set(steps)
    for step, found in zip(steps, grid, strict=True):
        inside = [v for s, v in rows if v is not None and s // 300 == step]
        assert found == pytest.approx(SLOW[how](inside)) if inside else np.isnan(found)


def test_irregular_times_become_a_series() -> None:
    index = pd.DatetimeIndex(["2012-03-01 00:00:00", "2012-03-01 00:05:02", "2012-03-01 00:09:58", "2012-03-01 00:20"])
    frame = pd.DataFrame({"007": [60.0, 62.0, 64.0, 66.0]}, index=index)
    with pytest.raises(DataError, match=r"use stgraph\.series\.resample first"):
        from_wide(frame)
    series = from_wide(resample(frame, "5min"))
    assert series.observed.ravel().tolist() == [True, True, False, False, True]
    assert series.values[series.observed].tolist() == [60, 63, 66]


def test_bad_tables_and_names_are_refused() -> None:
    frame = pd.DataFrame({"a": [1.0]}, index=pd.DatetimeIndex(["2012-03-01"]))
    with pytest.raises(DataError, match="DatetimeIndex"):
        resample(frame.reset_index(drop=True), "5min")
    with pytest.raises(DataError, match="interval"):
        resample(frame, "often")
    with pytest.raises(UnknownNameError, match="did you mean 'mean'"):
        resample(frame, "5min", how="maen")  # type: ignore[arg-type]
