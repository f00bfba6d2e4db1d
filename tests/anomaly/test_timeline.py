from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from stgraph.anomaly.timeline import Timeline, lower_quantile
from tests.anomaly.faults import series_of


def test_steps_skip_a_gap_and_days_begin_at_local_midnight() -> None:
    series = series_of(np.ones((4, 1)), minutes=60)
    times = series.times[0] + np.array([0, 1, 23, 49]) * np.timedelta64(1, "h")
    timeline = Timeline.of(replace(series, times=times))
    assert timeline.step.tolist() == [0, 1, 23, 49]
    assert timeline.hour.tolist() == [0, 1, 23, 1]
    assert timeline.day.tolist() == [0, 0, 0, 2]
    assert timeline.interval == 1
    there = Timeline.of(replace(series, times=times, timezone="Asia/Tokyo"))
    assert there.hour.tolist() == [9, 10, 8, 10]
    assert there.day.tolist() == [0, 0, 1, 2]


def test_a_record_leaves_holes_out() -> None:
    timeline = Timeline.of(series_of(np.ones((4, 1))))
    record = timeline.record(np.array([5, np.nan, 7, 8], np.float32), np.array([True, False, True, False]))
    assert record.values.tolist() == [5, 7]
    assert record.rows.tolist() == record.step.tolist() == [0, 2]
    assert len(record) == 2


@given(
    arrays(np.float64, array_shapes(min_dims=2, max_dims=2), elements=st.sampled_from([1.0, 2.0, 3.0, np.nan])),
    st.floats(0, 1),
)
def test_the_lower_quantile_is_that_of_the_known_values_of_a_column(table: np.ndarray, share: float) -> None:
    for column, found in zip(table.T, lower_quantile(table, share), strict=True):
        known = column[~np.isnan(column)]
        expected = np.quantile(known, share, method="lower") if len(known) else np.nan
        if not np.isclose(share * (len(known) - 1) % 1, [0, 1]).any():  # else rounding decides
            assert found == pytest.approx(expected, nan_ok=True)
