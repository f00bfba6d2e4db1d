"""Stuck values: one value for longer than chance allows, by the sensor's own habit at these hours of the day."""

import numpy as np
from numpy.typing import NDArray

from stgraph.anomaly.health_settings import HealthSettings
from stgraph.anomaly.timeline import HOURS, Record, lower_quantile

RAREST = 0.1
"""No value is taken to change more surely than nine times in ten: a run needs nine steps at least, whatever it is."""
FEWEST_DAYS = 3
"""With fewer days a sensor has no habit of its own, and the network's counts."""
DAY = 24.0

Floats = NDArray[np.float64]


def habit(record: Record, settings: HealthSettings) -> tuple[Floats, NDArray[np.int64]]:
    """Return how often a value is the one before, in each hour of the day, and over how many days that was seen.

    A quantile over days, so that neither a fault of some days nor the quiet of Sundays counts as what is normal.

    Returns:
        (24,) shares, NaN in hours without values, and (24,) days.
    """
    days = int(record.day[-1]) + 1 if len(record) else 1
    slot = record.day * HOURS + record.hour
    seen = np.bincount(slot, minlength=days * HOURS)
    same = np.bincount(slot, weights=_held(record, settings), minlength=days * HOURS)
    with np.errstate(invalid="ignore"):
        share = (same / seen).reshape(days, HOURS)
    return lower_quantile(share, settings.stuck_habit), (~np.isnan(share)).sum(0)


def stuck(
    record: Record,
    own: tuple[Floats, NDArray[np.int64]],
    network: Floats,
    idle: NDArray[np.bool_],
    settings: HealthSettings,
) -> NDArray[np.bool_]:
    r"""Return which values of a record belong to a run of one value that is too long to be chance, (M,).

    A run is stuck where it lasts longer than `stuck_hours` and its surprise is at least `stuck_surprise`:

    .. math:: -\sum_{t} \log p_{hour(t)}

    over its steps from the second on, with p the habit: how often this sensor keeps its value at this hour of the day.
    So an empty road at night is not stuck, nor is a sensor that writes whole numbers; the same zeros at noon are. For
    a run of a day or more p is that of the network where it is lower: a sensor that is always stuck has that habit.
    Chen, Kwon, Rice, Skabardonis and Varaiya (2003, https://doi.org/10.3141/1855-20) judge a whole day by the entropy
    of its occupancies for the same reason: a working detector repeats itself by chance only.

    Args:
        record: of one channel of one sensor.
        own: its `habit`.
        network: (24,) the habit of the network, NaN where there is none.
        idle: (M,) steps that say nothing, as no vehicle passed and that is believed.
        settings: the thresholds.
    """
    if not len(record):
        return np.zeros(0, dtype=np.bool_)
    same = _held(record, settings)
    first = np.flatnonzero(~same)
    last = np.append(first[1:], len(record)) - 1
    hours = (record.step[last] - record.step[first] + 1) * record.interval
    usual = np.where(own[1] >= FEWEST_DAYS, own[0], network)
    strict = np.fmin(usual, network)
    run = np.cumsum(~same) - 1
    counted = same & ~idle
    surprise, long_surprise = (
        np.bincount(run, weights=np.where(counted, _nats(p)[record.hour], 0.0)) for p in (usual, strict)
    )
    enough = np.where(hours >= DAY, long_surprise, surprise) >= settings.stuck_surprise
    found: NDArray[np.bool_] = (enough & (hours > settings.stuck_hours))[run]
    return found


def _held(record: Record, settings: HealthSettings) -> NDArray[np.bool_]:
    """Return which values are the one before, measured not longer ago than a value may stay the same."""
    same = np.zeros(len(record), dtype=np.bool_)
    near = np.diff(record.step) * record.interval <= settings.stuck_hours
    same[1:] = (record.values[1:] == record.values[:-1]) & (near | (np.diff(record.step) == 1))
    return same


def _nats(share: Floats) -> Floats:
    nats: Floats = -np.log(np.clip(np.where(np.isnan(share), 1.0, share), RAREST, 1.0))
    return nats
