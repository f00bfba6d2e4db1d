"""What the clock on the wall says: step of day, day of week, public holiday."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import UnknownNameError

FIELDS = ("step_of_day", "day_of_week", "holiday")


def calendar_of(
    local_times: pd.DatetimeIndex, interval: np.timedelta64, country: str | None = None
) -> NDArray[np.int64]:
    """Return the calendar of each time.

    Args:
        local_times: T wall-clock times.
        interval: step of the series, which divides the day into slots.
        country: ISO 3166 code whose public holidays count (``"US"``, ``"NL"``), or None for no holidays.

    Returns:
        (T, 3) int64: step of day, day of week (Monday 0), holiday (0 or 1).

    Raises:
        UnknownNameError: a country that the `holidays` library does not know.

    >>> times = pd.DatetimeIndex(["2012-03-01 00:10", "2012-03-04 23:55"])
    >>> calendar_of(times, np.timedelta64(5, "m"))
    array([[  2,   3,   0],
           [287,   6,   0]])
    """
    naive = local_times.tz_localize(None)
    since_midnight = naive.to_numpy("datetime64[ns]") - naive.normalize().to_numpy("datetime64[ns]")
    step = (since_midnight // interval).astype(np.int64)
    holiday = np.zeros(len(naive), dtype=np.int64)
    if country is not None:
        days = pd.DatetimeIndex(naive.normalize())
        closed = _holidays(country, sorted({int(year) for year in days.year}))
        holiday = np.array([day.date() in closed for day in days], dtype=np.int64)
    return np.stack([step, naive.dayofweek.to_numpy(np.int64), holiday], axis=1)


def _holidays(country: str, years: list[int]) -> set[object]:
    import holidays  # noqa: PLC0415 - 100 ms that only a country needs

    if country not in holidays.list_supported_countries():
        message = f"unknown country {country!r}: expected an ISO 3166 code such as US, NL or JP"
        raise UnknownNameError(message)
    return set(holidays.country_holidays(country, years=years))
