"""Channels that disagree: vehicles that pass without speed, and speeds that change while nobody passes."""

import numpy as np
from numpy.typing import NDArray

from stgraph.anomaly.health_settings import HealthSettings
from stgraph.anomaly.timeline import Timeline


def disagreement(
    timeline: Timeline,
    speed: NDArray[np.float32],
    flow: NDArray[np.float32],
    believed: NDArray[np.bool_],
    settings: HealthSettings,
) -> NDArray[np.bool_]:
    """Return at which steps the speed and the flow of one sensor cannot both be right, (T,).

    That is where vehicles pass at speed zero, and where no vehicle passes for at least `idle_minutes` while the speed
    is above zero and changes at half of the steps or more. A speed that stays the same while nobody passes is the last
    one or a default, and no contradiction. Such tests of one channel against another are those of Jacobson, Nihan and
    Bender (1990), "Detecting erroneous loop detector data in a freeway traffic management system", Transportation
    Research Record 1287. Nothing tells which of the two is wrong: distrust both.

    Args:
        timeline: of the series.
        speed: (T,)
        flow: (T,)
        believed: (T,) both are observed and possible.
        settings: the thresholds.
    """
    found: NDArray[np.bool_] = believed & (flow > 0) & (speed == 0)
    rows = np.flatnonzero(believed & (flow == 0) & (speed > 0))
    if not len(rows):
        return found
    going_on = np.diff(timeline.step[rows], prepend=timeline.step[rows[0]] - 2) == 1
    changed = going_on & (np.diff(speed[rows], prepend=speed[rows[0]]) != 0)
    run = np.cumsum(~going_on) - 1
    steps = np.bincount(run)
    changes = np.bincount(run, weights=changed)
    wrong = (steps * timeline.interval * 60 >= settings.idle_minutes) & (steps > 1) & (2 * changes >= steps)
    found[rows] |= wrong[run]
    return found
