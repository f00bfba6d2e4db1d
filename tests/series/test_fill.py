"""Rows that repeat others: what is kept of them is what a loop keeps, in pieces and blocks of any size."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError, UnknownNameError
from stgraph.series import blocks, spool
from stgraph.series.duplicates import Duplicates
from stgraph.series.join import joined
from stgraph.series.rows import Rows
from stgraph.series.traffic_series import TrafficSeries

TIMES = pd.date_range("2012-03-01", periods=4, freq="5min")
NUMBER = st.sampled_from([0.0, 1.0, 2.5, None])
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), NUMBER, NUMBER), min_size=1, max_size=20)
Row = tuple[int, int, float | None, float | None]


def read(rows: list[Row], rule: Duplicates | None, files: int = 1) -> TrafficSeries:
    """The series of rows, in as many files."""
    pieces = [
        Rows(
            times=pd.Categorical(TIMES[[row[0] for row in part]]),
            sensors=pd.Categorical(["ab"[row[1]] for row in part]),
            values=np.array([[np.nan if x is None else x for x in row[2:]] for row in part], dtype=np.float32),
            columns=("speed", "flow"),
            lines=np.arange(len(part)) + 2,
            source=f"{k}.csv, line",
        )
        for k, part in enumerate(np.split(np.array(rows, dtype=object), files))
    ]
    return joined(pieces, interval="5min", timezone=None, files=files, progress=False, duplicates=rule)


@settings(deadline=None)
@given(ROWS, st.sampled_from([None, *get_args(Duplicates)]), st.integers(1, 9), st.integers(1, 30))
def test_what_is_kept_is_what_a_loop_keeps(rows: list[Row], rule: Duplicates | None, at_once: int, cells: int) -> None:
    said: dict[tuple[int, int, int], list[float]] = {}
    again = 0
    for row in rows:
        known = [said.setdefault((*row[:2], c), []) for c in range(2)]
        again += any(there and value is not None for there, value in zip(known, row[2:], strict=True))
        for there, value in zip(known, row[2:], strict=True):
            there.extend([] if value is None else [value])
    differ = any(len(set(values)) > 1 for values in said.values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "CELLS", cells)
        patch.setattr(spool, "AT_ONCE", at_once)
        if rule is None and differ:
            with pytest.raises(DataError, match=r"^0\.csv, line \d+: .* repeats line \d+ with another value in column"):
                read(rows, rule)
            return
        series = read(rows, rule)
    for (t, n, c), values in said.items():
        k, m = series.times.tolist().index(TIMES[t].value), series.sensors.index("ab"[n])
        assert series.observed[k, m, c] == bool(values)
        if values:
            slow = np.mean(values) if rule == "mean" else values[-1 if rule == "last" else 0]
            assert series.values[k, m, c] == np.float32(slow)
    assert series.observed.sum() == sum(bool(values) for values in said.values())
    assert len(series.notes) == bool(again)
    assert ("more like it" in "".join(series.notes)) == (again > 1)


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_both_rows_are_named_in_one_file_and_in_several(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "AT_ONCE", at_once)
    rows: list[Row] = [(0, 0, 1.0, 2.0), (1, 0, 1.0, 2.0), (1, 0, None, 2.0), (0, 0, 1.0, 2.5)]
    words = (
        r"line 5: 2012-03-01 00:00:00 of sensor a repeats line 2 with another value in column 'flow', 2 there and 2.5 "
    )
    with pytest.raises(DataError, match=rf"^0\.csv, {words}here; say which counts, .*--timezone"):
        read(rows, None)
    words = "2012-03-01 00:00:00 of sensor a repeats 0.csv, line 2 with another value"
    with pytest.raises(DataError, match=rf"^1\.csv, line 3: {words}"):
        read(rows, None, files=2)
    note = f"1.csv, line 3: {words}: the first counts, and 1 more like it"
    assert read(rows, "first", files=2).notes == (note,)
    same = "line 4: 2012-03-01 00:05:00 of sensor a repeats line 3 with the same values: kept once"
    assert read(rows[:3], "mean").notes == (same,)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'mean'"):
        read([(0, 0, 1.0, 1.0)], "maen")  # type: ignore[arg-type]
