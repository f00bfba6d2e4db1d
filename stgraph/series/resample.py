"""Irregular times to a regular grid."""

from typing import Literal, get_args

import pandas as pd

from stgraph.errors import DataError, UnknownNameError
from stgraph.series.times import StepLike, to_step

How = Literal["mean", "median", "sum", "min", "max", "first", "last"]


def resample(frame: pd.DataFrame, interval: StepLike, *, how: How = "mean") -> pd.DataFrame:
    """Return a wide table on a regular grid of times; what has no value in a step stays empty.

    The row at time t holds what was measured in [t, t + interval), so it is complete only at t + interval.
    Steps start at midnight of the first day.

    Args:
        frame: one row a time (a DatetimeIndex, in any order), one column a sensor.
        interval: step of the grid, for example ``"5min"``.
        how: what becomes of the values in one step: ``mean`` for speeds, ``sum`` for counts of vehicles.

    Raises:
        DataError: a table without a DatetimeIndex or without rows, or an interval that is no duration.
        UnknownNameError: another `how`.

    >>> times = pd.DatetimeIndex(["2012-03-01 00:00:07", "2012-03-01 00:03:00", "2012-03-01 00:11:59"])
    >>> resample(pd.DataFrame({"a": [60.0, 62.0, 65.0]}, index=times), "5min")["a"].tolist()
    [61.0, nan, 65.0]
    """
    if how not in get_args(How):
        raise UnknownNameError.of("way to resample", how, get_args(How))
    if not isinstance(frame.index, pd.DatetimeIndex) or frame.empty or frame.index.hasnans:
        message = (
            "table: expected rows with a time each in a DatetimeIndex, found "
            f"{len(frame)} rows with a {type(frame.index).__name__}; use frame.set_index(pd.to_datetime(...))"
        )
        raise DataError(message)
    bins = frame.sort_index().resample(pd.Timedelta(to_step(interval)), origin="start_day")
    return bins.sum(min_count=1) if how == "sum" else bins.agg(how)
