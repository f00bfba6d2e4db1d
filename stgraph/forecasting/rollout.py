"""Forecasting beyond the trained horizon: forecasts are fed back as if they had been measured."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.forecasting.latest import latest_window
from stgraph.forecasting.moment import moment_of
from stgraph.models import Task
from stgraph.series import TimeLike, TrafficSeries
from stgraph.series.times import local_time

Values = NDArray[np.float32]


def roll_out(forecast: Callable[[TrafficSeries], Values], window: TrafficSeries, task: Task, steps: int) -> Values:
    """Return forecasts of `steps` steps, the first `horizon` of them those of the window itself.

    Each round sees the last `history` steps of what was measured and forecast so far::

        y_1..H = f(x_1-T..0),   y_H+1..2H = f(x_1-T+H..0, y_1..H),   ...

    The clock goes on, with its days, holidays and changes to summer time; covariates keep their last value known.
    Channels that are not forecast are unobserved from the first step on.

    Args:
        forecast: a window of T + H steps -> (H, N, C_out).
        window: T steps of history and H empty ones.
        task: says T, H and which channels are forecast.
        steps: at least 1.

    Returns:
        (steps, N, C_out).
    """
    rounds = [forecast(window)]
    while len(rounds) * task.horizon < steps:
        window = _fed_back(window, rounds[-1], task)
        rounds.append(forecast(window))
    return np.concatenate(rounds)[:steps]


def check_steps(task: Task, steps: int, *, bounded: bool) -> None:
    """Check that so many steps can be forecast, with bounds or without.

    Raises:
        DataError: none, or with bounds more than the horizon: how wrong forecasts are beyond it was never measured.
    """
    if steps < 1:
        message = f"steps: expected at least 1, found {steps}"
        raise DataError(message)
    if bounded and steps > task.horizon:
        message = (
            f"coverage: no errors were measured beyond the horizon, so bounds end there; expected at most "
            f"{task.horizon} steps, found {steps}; forecast so far without bounds"
        )
        raise DataError(message)


def caveats(task: Task, channels: tuple[str, ...], steps: int) -> tuple[str, ...]:
    """Say what is not known where forecasts are fed back: channels that are not forecast."""
    others = [name for c, name in enumerate(channels) if c not in task.targets]
    if steps <= task.horizon or not others:
        return ()
    return (f"forecasts are fed back beyond {task.horizon} steps, where {', '.join(others)} count as unobserved",)


def _fed_back(window: TrafficSeries, forecast: Values, task: Task) -> TrafficSeries:
    """Return the window H steps later, in whose history stands what was forecast."""
    values, observed = window.values.copy(), window.observed.copy()
    targets = list(task.targets)
    values[task.history :, :, targets] = forecast
    observed[task.history :] = False
    observed[task.history :, :, targets] = True
    return latest_window(replace(window, values=values, observed=observed), task.history, task.horizon)


def steps_until(until: TimeLike, series: TrafficSeries) -> int:
    """Return how many steps follow the last one of a series up to a time, that of the last step included.

    Args:
        until: on the wall clock of the series, or with a UTC offset where the series has a timezone.
        series: whose end is the issue of the forecast.

    Raises:
        DataError: no time, before the first step after the series, or with an offset where the series has no timezone.
    """
    moment = moment_of("until", until, series)
    steps = int((moment - series.times[-1]) // series.interval)
    if steps < 1:
        first = local_time(series.times[-1] + series.interval, series.timezone)
        message = f"until: expected the first time that can be forecast, {first}, or a later one, found {str(until)!r}"
        raise DataError(message)
    return steps
