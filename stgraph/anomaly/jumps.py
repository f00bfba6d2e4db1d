"""Jumps: single values far from those before and after them, by the Hampel identifier."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from stgraph.anomaly.health_settings import HealthSettings
from stgraph.anomaly.timeline import HOURS, Record

WINDOW = 7
"""Values in the running median: three before and three after."""
TO_SIGMA = 1.4826
"""A normal deviation is so many times the median absolute deviation."""
CLOSE = 4
"""Steps from the value before to the value after: two, and a hole or two."""
RETURN = 0.25
"""The values before and after differ by less than this share of the jump: traffic that breaks down does not return."""


def jumps(record: Record, least: float, settings: HealthSettings) -> NDArray[np.bool_]:
    r"""Return which values of a record stand alone, (M,).

    With m the median of seven values around x, that is where :math:`|x - m| > k s`, and x differs as much from the
    value before and the one after, which are alike. The scale s is 1.4826 times the running median of
    :math:`|x - m|` or its median over all days at that hour, whichever is larger: the Hampel identifier (Davies and
    Gather 1993, https://doi.org/10.1080/01621459.1993.10476339; as a filter: Pearson 2002,
    https://doi.org/10.1109/87.974338), which here knows that few vehicles scatter more. k is `jump_sigmas`.

    Args:
        record: of one channel of one sensor.
        least: the smallest jump, in the unit of the channel.
        settings: the thresholds.
    """
    x = record.values
    found = np.zeros(len(x), dtype=np.bool_)
    if len(x) < WINDOW:
        return found
    away = np.abs(x - median_filter(x, WINDOW, mode="nearest"))
    before, after = x[1:-1] - x[:-2], x[1:-1] - x[2:]
    alone = np.minimum(np.minimum(np.abs(before), np.abs(after)), away[1:-1])
    close = record.step[2:] - record.step[:-2] <= CLOSE
    alike = np.abs(before - after) <= RETURN * alone
    suspect = np.flatnonzero(close & alike & (before * after > 0) & (alone > least))
    if not len(suspect):
        return found
    near = median_filter(away, WINDOW, mode="nearest")[1:-1][suspect]
    scale = TO_SIGMA * np.maximum(near, _usual(away, record.hour)[record.hour[1:-1][suspect]])
    found[1:-1][suspect] = alone[suspect] > settings.jump_sigmas * scale
    return found


def _usual(away: NDArray[np.float32], hour: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the median deviation at each hour of the day, (24,)."""
    return np.array([np.median(away[hour == h]) if (hour == h).any() else 0.0 for h in range(HOURS)])
