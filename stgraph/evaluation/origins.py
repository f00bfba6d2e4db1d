"""Where the origins of a backtest stand on the clock of a series."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError, ShapeError
from stgraph.forecasting.moment import moment_of
from stgraph.series import TrafficSeries
from stgraph.series.times import StepLike, local_time, to_step

Start = float | str | datetime | np.datetime64
Length = int | StepLike
Steps = NDArray[np.int64]


def place_origins(series: TrafficSeries, start: Start, stride: Length, horizon: int) -> Steps:
    """Return the steps that the origins of a backtest are: what each forecast knows as the latest.

    The first origin is the interval before `start`; the others follow at `stride` on the clock, also over a gap.
    One that is in a gap itself, or has a gap or the end of the series within its horizon, is left out.

    Args:
        series: with its gaps.
        start: the first time forecast: a share of the steps between 0 and 1, a step number, a time on the clock of
            `times`, or text: a time on the wall clock of the series, or with a UTC offset where it has a timezone.
        stride: from one origin to the next, in steps or as a duration.
        horizon: steps forecast.

    Returns:
        (K,) rising step numbers of the series, K > 0.

    Raises:
        DataError: a start with nothing before it or no whole horizon after it; a stride that is no whole steps.

    >>> times = np.datetime64("2024-01-01", "ns") + np.delete(np.arange(20), 11) * np.timedelta64(1, "h")
    >>> series = TrafficSeries(np.zeros((19, 1, 1)), np.ones((19, 1, 1)), times, ("a",), ("speed",), ("km/h",))
    >>> place_origins(series, "2024-01-01 06:00", "2h", horizon=3)  # 05, 07, 13 and 15 o'clock; 11 is in the gap
    array([ 5,  7, 12, 14])
    """
    first = _first_step(series, start)
    every = steps_of("stride", stride, series.interval) * series.interval
    begin, end = series.times[first] - series.interval, series.times[-1] - horizon * series.interval
    clock = np.arange(begin, end + np.timedelta64(1, "ns"), every)
    step = np.searchsorted(series.times, clock)
    end = np.searchsorted(series.times, clock + horizon * series.interval, side="right")
    whole = (series.times[step] == clock) & (end - step == horizon + 1)
    if not whole.any():
        message = (
            f"start: expected {horizon} steps without a gap after an origin, found none from "
            f"{pd.Timestamp(series.times[first])} ({start!r}) to the end, {pd.Timestamp(series.times[-1])}"
        )
        raise DataError(message)
    kept: Steps = step[whole]
    return kept


def _first_step(series: TrafficSeries, start: Start) -> int:
    """Return the step that `start` is, with at least one before it."""
    if isinstance(start, float):
        first = round(len(series) * start) if 0 < start < 1 else 0
    elif isinstance(start, str):
        first = int(np.searchsorted(series.times, moment_of("start", start, series)))
    else:
        try:
            first = len(series.slice(None, start))
        except ShapeError:  # no step lies before it
            first = 0
        except DataError as error:
            message = f"start: {str(error).removeprefix('slice: ')}"
            raise DataError(message) from error
    if not 0 < first < len(series):
        ends = [local_time(series.times[k], series.timezone) for k in (0, -1)]
        message = (
            f"start: expected a share between 0 and 1, or a step or time after {ends[0]} and not after {ends[1]}, "
            f"found {start!r}"
        )
        raise DataError(message)
    return first


def steps_of(name: str, length: Length, interval: np.timedelta64) -> int:
    """Return a number of steps, given as such or as a duration.

    Args:
        name: of the argument, for the error.
        length: steps, or a duration such as ``"1h"``.
        interval: of one step.

    Raises:
        DataError: not a whole number of steps, or less than one.

    >>> steps_of("stride", "1h", np.timedelta64(5, "m")), steps_of("stride", 3, np.timedelta64(5, "m"))
    (12, 3)
    """
    message = (
        f"{name}: expected a number of steps above 0, or a duration of whole steps of "
        f"{pd.Timedelta(interval).total_seconds() / 60:g} min, found {length!r}"
    )
    count = 0
    if isinstance(length, str | timedelta | np.timedelta64):
        try:
            duration = to_step(length)
        except DataError as error:
            raise DataError(message) from error
        count = 0 if duration % interval else int(duration // interval)
    elif isinstance(length, int | np.integer):
        count = int(length)
    if count < 1:
        raise DataError(message)
    return count
