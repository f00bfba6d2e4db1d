"""Times: read from text, and checked to be regular."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.files import is_number

Times = NDArray[np.datetime64]
TimeLike = str | dt.datetime | np.datetime64
StepLike = str | dt.timedelta | np.timedelta64
Where = Callable[[int], str]
"""Spells the place of a row in an error: a line of a file, or a row of a table."""

YEARS = range(1900, 2200)
"""Other years are mistakes."""
SHEET_DAYS = 20_000, 80_000
"""Spreadsheets count days since 1900: these are from 1954 to 2119."""

_CLOCK = r"(?:(?: +|T)(\d{1,2})(:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(r"((?:19|20|21)\d{2})[-/](\d{1,2})[-/](\d{1,2})" + _CLOCK)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20|21)\d{2})" + _CLOCK)


def is_time(text: str) -> bool:
    """Return whether a text is written as a time."""
    return any(pattern.fullmatch(text.strip()) for pattern in (_YEAR_FIRST, _YEAR_LAST))


def parse_times(texts: Sequence[str], where: Where) -> pd.DatetimeIndex:
    """Return the times that texts spell, with a zone where they carry a UTC offset.

    Year-month-day (ISO 8601), or day and month before the year where only one order of the two fits all texts.

    Args:
        texts: at least one.
        where: spells the place of each text for the error.

    Raises:
        DataError: a text that is no time, or day and month that could be either way round.

    >>> parse_times(["2012-03-01 00:05", "2012-03-01T00:10:00"], str)[1]
    Timestamp('2012-03-01 00:10:00')
    >>> parse_times(["10/01/2025 00:00:00", "10/13/2025 00:05:00"], str)[0]
    Timestamp('2025-10-01 00:00:00')
    """
    year_last = _YEAR_LAST.fullmatch(texts[0].strip()) is not None
    parts = [(_YEAR_LAST if year_last else _YEAR_FIRST).fullmatch(text.strip()) for text in texts]
    matches = [match for match in parts if match is not None and bool(match[6]) == bool(parts[0] and parts[0][6])]
    if len(matches) < len(texts):
        k = next((k for k, (a, b) in enumerate(zip(parts, matches, strict=False)) if a is not b), len(matches))
        raise _no_time(where(k), texts[k], texts[0] if k else "2012-03-01 00:05")
    orders = ((3, 1, 2), (3, 2, 1)) if year_last else ((1, 2, 3),)
    readings = [_read(matches, order) for order in orders]
    whole = [times for times in readings if not times.hasnans]
    if not whole:
        k = max(int(times.isna().argmax()) for times in readings)
        raise _no_time(where(k), texts[k], texts[0] if k else "2012-03-01 00:05")
    if not whole[0].equals(whole[-1]):
        message = (
            f"{where(0)}: {texts[0]!r} may be month/day or day/month, and no other time settles it; "
            "write times as 2012-03-01 00:05"
        )
        raise DataError(message)
    return whole[0]


def _read(matches: Sequence[re.Match[str]], order: tuple[int, int, int]) -> pd.DatetimeIndex:
    """Return the times with the date's groups in the `order` year, month, day; NaT where that is no date."""
    y, m, d = order
    iso = [f"{p[y]}-{p[m]:0>2}-{p[d]:0>2}T{p[4] or '':0>2}{p[5] or ':00'}{p[6] or ''}" for p in matches]
    zoned = bool(matches[0][6])
    times = pd.DatetimeIndex(pd.to_datetime(iso, format="ISO8601", errors="coerce", utc=zoned)).as_unit("ns")
    return times.tz_convert(pd.Timestamp(iso[0]).tz) if zoned and not times.hasnans else times


def _no_time(place: str, found: str, example: str) -> DataError:
    number = found.strip().replace(",", ".")
    counted = is_number(number) and SHEET_DAYS[0] <= float(number) < SHEET_DAYS[1]
    hint = " (a date that a spreadsheet wrote as a number? format it as a date there)" * counted
    return DataError(f"{place}: expected a time such as {example}, found {found!r}{hint}")


def to_step(interval: StepLike) -> np.timedelta64:
    """Return a step of time from text such as ``"5min"``, or from any duration.

    Raises:
        DataError: text that is no duration or has no unit, or a step that is not longer than zero.

    >>> to_step("5min")
    np.timedelta64(300000000000,'ns')
    """
    message = f"interval: expected a duration such as 5min or 1h, found {interval!r}"
    if isinstance(interval, str) and is_number(interval):
        raise DataError(message)
    try:
        step = pd.Timedelta(interval).as_unit("ns")
    except (ValueError, OverflowError) as error:
        raise DataError(message) from error
    if not step > pd.Timedelta(0):
        message = f"interval: expected more than zero, found {interval!r}"
        raise DataError(message)
    return step.to_timedelta64()


def known_zone(timezone: str) -> str:
    """Return the IANA name of a zone.

    Raises:
        DataError: a name that the time zone database does not have.
    """
    try:
        zoneinfo.ZoneInfo(timezone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as error:
        message = f"timezone: expected an IANA name such as Europe/Amsterdam, found {timezone!r}"
        raise DataError(message) from error
    return timezone


def checked_interval(times: Times, interval: np.timedelta64, where: Where) -> np.timedelta64:
    """Return the step of rising times whose every step is a whole multiple of it.

    Args:
        times: (T,) datetime64.
        interval: the step, or NaT to take the most common one.
        where: spells the place of a row for the error.

    Raises:
        DataError: a missing time, times that repeat or fall, a step that is no whole multiple.

    >>> times = np.array(["2012-03-01T00:00", "2012-03-01T00:05", "2012-03-01T00:20"], dtype="M8[ns]")
    >>> checked_interval(times, np.timedelta64("NaT"), str) == np.timedelta64(5, "m")
    np.True_
    """
    steps = np.diff(times)
    if np.isnat(times).any():
        message = f"{where(int(np.isnat(times).argmax()))}: expected a time, found none"
        raise DataError(message)
    if (steps <= np.timedelta64(0)).any():
        k = int((steps <= np.timedelta64(0)).argmax())
        word = "repeats" if steps[k] == np.timedelta64(0) else "is earlier than the one before"
        message = f"{where(k + 1)}: {pd.Timestamp(times[k + 1])} {word}; expected rising times, one row for each"
        raise DataError(message)
    if np.isnat(interval):
        if not len(steps):
            message = f"{where(0)}: a single time does not show the step to the next; give interval (--interval)"
            raise DataError(message)
        lengths, counts = np.unique(steps, return_counts=True)
        interval = lengths[counts.argmax()]
    step = to_step(interval)
    irregular = steps % step != np.timedelta64(0)
    if irregular.any():
        k = int(irregular.argmax())
        message = (
            f"{where(k + 1)}: expected whole multiples of {pd.Timedelta(step)}, found a step of "
            f"{pd.Timedelta(steps[k])} from {pd.Timestamp(times[k])} to {pd.Timestamp(times[k + 1])}; "
            'read it with steps of one length, for example resample="5min" (--resample 5min)'
        )
        raise DataError(message)
    return step


def local_time(time: np.datetime64, timezone: str | None) -> pd.Timestamp:
    """Return a time as the wall clock shows it: the naive one itself, or UTC converted to a zone.

    >>> print(local_time(np.datetime64("2018-10-28T00:30"), "Europe/Amsterdam"))
    2018-10-28 02:30:00+02:00
    """
    stamp = pd.Timestamp(time)
    return stamp if timezone is None else stamp.tz_localize("UTC").tz_convert(timezone)
