"""Shifted clocks: a sensor that sees the traffic of its neighbours earlier or later than they do."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stgraph.anomaly.health_settings import HealthSettings
from stgraph.anomaly.lag_curves import UNKNOWN, consensus, quick_part
from stgraph.anomaly.neighbours import nearest
from stgraph.anomaly.subject import Subject
from stgraph.anomaly.timeline import Timeline

VOTERS = 6
"""Neighbours that a sensor is compared with; more than half of them must see the lag."""
SMOOTHED_HOURS = 3.0
"""What changes more slowly is taken off: the daily wave correlates at every lag, rush hours and incidents do not."""
FEWEST_SHARE = 0.5
"""Of the steps of a window that must be believed."""
AGREEING = 2
"""Windows that must agree on a lag, to within this many steps or ten minutes."""
AGREEING_MINUTES = 10.0

DAY = 24.0

Floats = NDArray[np.float64]


def clock_shift(subject: Subject, believed: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Floats]:
    """Return at which steps the clock of a sensor is shifted, (T, N), and by how much, (N,) minutes.

    In windows of `clock_days`, the cross-correlation of the sensor with each of its nearest neighbours is taken, of
    the flow where there is one (it changes at every hour) and else of all channels, without what is slower than three
    hours. What more than half of the neighbours reach at a lag is its correlation, so that a neighbour whose clock is
    wrong proves nothing. A window speaks for a lag where that is `clock_correlation` or more, and more by `clock_gain`
    than at the lags up to half of `clock_minutes`. Two windows must agree; then every window whose best lag is that
    one is shifted. Without a graph nothing is found: rush hours differ by hours between places that are far apart.

    Args:
        subject: what is checked.
        believed: (T, N, C) values that no other rule distrusts.

    Returns:
        The steps, and the minutes by which the sensor is late (below zero: early), NaN where its clock is right.
    """
    series, timeline, settings = subject.series, subject.timeline, subject.settings
    flow = subject.channel("flow")
    channels = list(range(len(series.channels))) if flow is None else [flow]
    windows = _windows(timeline, round(settings.clock_days * DAY / timeline.interval))
    found, minutes = np.zeros(believed.shape[:2], dtype=np.bool_), np.full(len(series.sensors), np.nan)
    if len(windows) < AGREEING or subject.graph is None:
        return found, minutes
    voters, best = nearest(subject.graph, VOTERS), []
    for rows in windows:
        grids = [_on_a_grid(series.values[rows, :, c], believed[rows, :, c], timeline.step[rows]) for c in channels]
        best.append(_best_lag(grids, voters, timeline.interval, settings))
    lags, gains, strong = (np.stack(parts) for parts in zip(*best, strict=True))  # (windows, N) each
    near = max(round(AGREEING_MINUTES / 60 / timeline.interval), 1)
    for n in np.flatnonzero(strong.sum(0) >= AGREEING):
        spoken = lags[strong[:, n], n]
        votes = (np.abs(spoken[:, None] - spoken) <= near).sum(1)
        if votes.max() < AGREEING:
            continue
        lag = spoken[votes.argmax()]
        minutes[n] = round(lag * timeline.interval * 60, 3)
        for k in np.flatnonzero((np.abs(lags[:, n] - lag) <= near) & (gains[:, n] > 0)):
            found[windows[k], n] = True
    return found, minutes


def _windows(timeline: Timeline, length: int) -> list[slice]:
    """Return the rows of windows of `length` steps; the last one takes what is left over."""
    steps = int(timeline.step[-1]) + 1
    begins = np.arange(max(steps // length, 1)) * length
    rows = [int(row) for row in np.searchsorted(timeline.step, [*begins, steps])]
    return [slice(first, last) for first, last in pairwise(rows) if last > first]


def _on_a_grid(
    values: NDArray[np.float32], known: NDArray[np.bool_], step: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return values and what is known of them with a row for each step, also where the series has a gap."""
    place = step - step[0]
    grid, there = np.zeros((place[-1] + 1, values.shape[1])), np.zeros((place[-1] + 1, values.shape[1]), dtype=np.bool_)
    grid[place], there[place] = np.where(known, values, 0.0), known
    return grid, there


def _best_lag(
    grids: list[tuple[Floats, NDArray[np.bool_]]],
    voters: NDArray[np.int64],
    interval: float,
    settings: HealthSettings,
) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_]]:
    """Return of each sensor the best lag of one window in steps, how much better it is than none, and if enough."""
    signals = []
    for values, known in grids:
        signal = quick_part(values, known, round(SMOOTHED_HOURS / interval))
        signals.append(np.where(known.mean(0) >= FEWEST_SHARE, signal, 0.0))
    most = min(round(settings.clock_hours / interval), len(signals[0]) // 2)
    curves = consensus(signals, voters, most)
    least = max(int(np.ceil(settings.clock_minutes / 60 / interval - 1e-9)), 1)
    lags = np.abs(np.arange(-most, most + 1))
    there = np.where(lags >= least, curves, UNKNOWN)
    gains = there.max(1) - np.where(2 * lags <= least, curves, UNKNOWN).max(1)
    strong = (gains >= settings.clock_gain) & (there.max(1) >= settings.clock_correlation)
    return there.argmax(1) - most, gains, strong
