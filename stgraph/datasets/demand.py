"""How many vehicles want to enter, when and where: daily profiles that no two days repeat exactly."""

import numpy as np
import pandas as pd

from stgraph.datasets.ctm import Floats
from stgraph.datasets.noise import correlated_noise

DAY_STARTS = 4.0  # hour at which one day's traffic becomes the next's
WEEKDAY_LEVEL = np.array([0.98, 1.02, 1.03, 1.04, 1.05, 0.78, 0.68])  # Monday to Sunday
SCATTER = ((16 * 60, 0.025, 0.04), (45, 0.025, 0.06))  # memory in minutes; deviation shared by all, of each entry


def profile(times: pd.DatetimeIndex, tide: Floats) -> Floats:
    """Return the expected demand as a share of `inflow`, about 1 at the height of the peak, (T, entries).

    On weekdays a morning peak carries traffic into the centre and an evening peak carries it out; at weekends
    there is one broad, lower midday.

    Args:
        times: (T,) local times.
        tide: (entries,) from 1, traffic heads for the centre, to -1, away from it.

    >>> monday = pd.DatetimeIndex(["2024-03-04 03:00", "2024-03-04 07:45", "2024-03-04 17:15"])
    >>> profile(monday, np.array([1.0, -1.0])).round(2)
    array([[0.05, 0.05],
           [0.97, 0.74],
           [0.78, 1.07]])
    """
    hour = ((times.hour + times.minute / 60).to_numpy(dtype=np.float64)[:, None] - DAY_STARTS) % 24 + DAY_STARTS
    weekday = (times - pd.Timedelta(hours=DAY_STARTS)).dayofweek.to_numpy()[:, None]
    into, out = 0.75 + 0.25 * tide, 0.75 - 0.25 * tide
    working = (
        0.45 * _day(hour, 5.6, 20.5) + 0.47 * into * _peak(hour, 7.75, 1.1) + 0.59 * out * _peak(hour, 17.25, 1.35)
    )
    resting = 0.45 * _day(hour, 8.5, 22.0) + 0.48 * _peak(hour, 14.5, 3.0)
    shape: Floats = 0.07 + np.where(weekday < 5, working, resting)
    level: Floats = WEEKDAY_LEVEL[weekday]
    return shape * level


def demand(rng: np.random.Generator, times: pd.DatetimeIndex, inflow: Floats, tide: Floats) -> Floats:
    """Draw the demand in veh/h, (T, entries): the profile times slow and quick random factors.

    Args:
        rng: source of randomness.
        times: (T,) local times, evenly spaced.
        inflow: (entries,) veh/h at the height of the peak.
        tide: (entries,) see `profile`.
    """
    minutes = (times[1] - times[0]) / pd.Timedelta(minutes=1)
    scatter = np.zeros((len(times), len(inflow)))
    for memory, shared, own in SCATTER:
        scatter += shared * correlated_noise(rng, (len(times), 1), memory=memory / minutes)
        scatter += own * correlated_noise(rng, scatter.shape, memory=memory / minutes)
    return inflow * profile(times, tide) * np.exp(scatter)


def _day(hour: Floats, rise: float, fall: float) -> Floats:
    """Rise smoothly from 0 to 1 in the morning and fall back at night."""
    day: Floats = 1 / (1 + np.exp((rise - hour) / 0.35)) / (1 + np.exp((hour - fall) / 1.0))
    return day


def _peak(hour: Floats, at: float, width: float) -> Floats:
    peak: Floats = np.exp(-0.5 * ((hour - at) / width) ** 2)
    return peak
