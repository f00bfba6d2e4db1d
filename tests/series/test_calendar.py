"""The clock on the wall."""

import numpy as np
import pandas as pd
import pytest

from stgraph.errors import UnknownNameError
from stgraph.series import calendar_of

FIVE = np.timedelta64(5, "m")


def test_every_step_of_a_week_is_counted() -> None:
    times = pd.date_range("2024-01-01", periods=7 * 288, freq="5min")
    calendar = calendar_of(times, FIVE)
    assert calendar[:, 0].tolist() == list(range(288)) * 7
    assert calendar[:, 1].tolist() == [day for day in range(7) for _ in range(288)]
    assert not calendar[:, 2].any()


def test_it_is_local_time_also_when_the_clock_changes() -> None:
    utc = pd.date_range("2024-03-10 09:55", periods=3, freq="5min", tz="UTC")
    local = utc.tz_convert("America/Los_Angeles")  # 01:55, then 03:00: the hour between does not exist
    assert calendar_of(pd.DatetimeIndex(local), FIVE)[:, 0].tolist() == [23, 36, 37]


def test_holidays_of_a_country() -> None:
    times = pd.DatetimeIndex(["2024-07-03 12:00", "2024-07-04 12:00"])
    assert calendar_of(times, FIVE, "US")[:, 2].tolist() == [0, 1]
    assert calendar_of(times, FIVE, "NL")[:, 2].tolist() == [0, 0]
    with pytest.raises(UnknownNameError, match="country 'XX': expected an ISO 3166 code"):
        calendar_of(times, FIVE, "XX")
