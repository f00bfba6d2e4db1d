"""Where and when traffic breaks down: the moments worth a look."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.series import Ranges, TrafficSeries

SLOW = 0.6  # of a sensor's own free speed


def busiest_step(series: TrafficSeries, ranges: Ranges, *, channel: int = 0) -> int:
    """Return the step of `ranges` at which most sensors are slow.

    A sensor is slow under 60 % of its free speed, which is the 85th percentile of what it measured.

    Args:
        series: with a speed channel.
        ranges: stretches of steps to look at.
        channel: which channel is the speed.
    """
    slow = _shares_of_free_speed(series, channel) < SLOW
    steps = np.concatenate([np.arange(first, last) for first, last in ranges])
    return int(steps[slow[steps].sum(1).argmax()])


def most_changed_sensors(
    series: TrafficSeries, first: int, last: int, *, channel: int = 0, count: int = 4
) -> tuple[str, ...]:
    """Return the sensors whose speed fell and rose most, relative to free speed, between two steps.

    One sensor that was observed throughout speaks for its neighbours: the next one returned has a course of its
    own (correlation under 0.8 with those before it), as long as there is one.
    """
    share = pd.DataFrame(_shares_of_free_speed(series, channel)[first:last]).interpolate(limit_direction="both")
    swing = (share.rolling(6, min_periods=1).mean().max() - share.rolling(6, min_periods=1).mean().min()).fillna(0)
    order = [int(n) for n in np.argsort(-swing.to_numpy(), kind="stable")]
    alike = np.nan_to_num(share.corr().to_numpy())
    chosen: list[int] = []
    for n in order:
        if len(chosen) < count and all(alike[n, m] < 0.8 for m in chosen):
            chosen.append(n)
    chosen += [n for n in order if n not in chosen][: count - len(chosen)]
    return tuple(series.sensors[n] for n in chosen)


def _shares_of_free_speed(series: TrafficSeries, channel: int) -> NDArray[np.float64]:
    """Speed as a share of each sensor's free speed, NaN where unobserved, (T, N)."""
    speed = pd.DataFrame(np.where(series.observed[..., channel], series.values[..., channel], np.nan))
    share: NDArray[np.float64] = (speed / speed.quantile(0.85)).to_numpy()
    return share
