"""The clock of a source: its times as `TrafficSeries` keeps them, naive local ones or UTC with a zone."""

import datetime as dt
import zoneinfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.times import YEARS, StepLike, TimeLike, Times, Where, known_zone, parse_times, to_step

Codes = NDArray[np.intp]
ONE_CHANGE = np.timedelta64(12, "h")
"""Times further apart than this are not of one change of the clock."""


def clock(
    stamps: pd.DatetimeIndex | None,
    steps: int,
    *,
    start: TimeLike | None = None,
    interval: StepLike | None = None,
    timezone: str | None = None,
    where: Where,
    rows: Codes | None = None,
    sensors: Codes | None = None,
) -> tuple[Times, str | None]:
    """Return the time of each row as `TrafficSeries` keeps it, and the zone: naive local and None, or UTC and its name.

    The hour that comes twice in autumn is told apart by order, where rows rise: all together, or sensor by sensor.

    Args:
        stamps: times of the source, or None where it has none: then they are counted from `start`.
        steps: how many rows the source has.
        start: the first time, only where the source has none.
        interval: the step, needed where the source has no times.
        timezone: IANA name of the zone on whose wall clock times without a UTC offset are.
        where: spells the place of a row for the error.
        rows: the number of each row's stamp; None = one row a stamp, in order.
        sensors: the number of each row's sensor; None = all rows are about the same.

    Raises:
        DataError: no times and no start and interval; times and a start; an unknown or a missing zone; a time that the
            zone skips in spring; one that comes twice in autumn where nothing tells which it is.
    """
    if stamps is not None:
        if start is not None:
            message = f"{where(0)}: has a time of its own, {stamps[0]}; leave out start (--start)"
            raise DataError(message)
        rows = np.arange(steps) if rows is None else rows
        return _on_one_clock(stamps, timezone, where, rows, np.zeros(steps, np.intp) if sensors is None else sensors)
    if start is None or interval is None:
        message = (
            f"{where(0)}: found no times; give the time of the first row and the step between rows, for example "
            'start="2012-03-01" and interval="5min" (on the command line --start and --interval)'
        )
        raise DataError(message)
    first = parse_times([start], lambda _: "start") if isinstance(start, str) else pd.DatetimeIndex([start])
    one = np.zeros(1, np.intp)
    kept, zone = _on_one_clock(first, timezone, lambda _: "start", one, one)
    step = to_step(interval)
    if step > (np.datetime64(f"{YEARS[-1] + 1}-01-01", "ns") - kept[0]) // steps:
        message = f"interval: {steps} rows {pd.Timedelta(step)} apart do not end before {YEARS[-1] + 1}"
        raise DataError(message)
    return kept[0] + np.arange(steps) * step, zone


def comes_twice(stamps: pd.DatetimeIndex, timezone: str | None) -> NDArray[np.bool_]:
    """Return which times the wall clock of a zone shows twice, since it is set back after the first.

    >>> comes_twice(pd.DatetimeIndex(["2018-10-28 01:30", "2018-10-28 02:30"]), "Europe/Amsterdam")
    array([False,  True])
    """
    twice = np.zeros(len(stamps), dtype=bool)
    if timezone is None or stamps.tz is not None:
        return twice
    sane = ~_strange(stamps)
    first, second = _both_passes(stamps[sane], known_zone(timezone))
    twice[sane] = first < second
    return twice


def _strange(stamps: pd.DatetimeIndex) -> NDArray[np.bool_]:
    return np.asarray((stamps.year < YEARS[0]) | (stamps.year > YEARS[-1]))


def _on_one_clock(
    stamps: pd.DatetimeIndex, timezone: str | None, where: Where, rows: Codes, sensors: Codes
) -> tuple[Times, str | None]:
    def place(bad: NDArray[np.bool_]) -> str:
        return where(int(bad[rows].argmax()))

    if stamps.hasnans:
        message = f"{place(np.asarray(stamps.isna()))}: expected a time, found none"
        raise DataError(message)
    strange = _strange(stamps)
    if strange.any():
        found = stamps[int(strange.argmax())]
        message = f"{place(strange)}: expected a time from {YEARS[0]} to {YEARS[-1]}, found {found}"
        raise DataError(message)
    if timezone is not None:
        known_zone(timezone)
    if stamps.tz is not None:
        utc = stamps.tz_convert("UTC").tz_localize(None)
        return _kept(utc)[rows], timezone or _zone_of(stamps, where)
    local = _kept(stamps)
    if timezone is None:
        return local[rows], None
    first, second = _both_passes(stamps, timezone)
    if np.isnat(first).any():
        found = stamps[int(np.isnat(first).argmax())]
        message = (
            f"{place(np.isnat(first))}: {found} is a nonexistent time in {timezone}, whose clock skips it; "
            "leave timezone out if the clock of the times never changes"
        )
        raise DataError(message)
    twice = (first != second)[rows]
    if not twice.any():
        return first[rows], timezone
    again = _second_pass(local[rows], twice, sensors, lambda k: f"{where(k)}: {stamps[rows[k]]}", timezone)
    return np.where(again, second[rows], first[rows]), timezone


def _kept(stamps: pd.DatetimeIndex) -> Times:
    return stamps.as_unit("ns").to_numpy("datetime64[ns]")


def _zone_of(stamps: pd.DatetimeIndex, where: Where) -> str:
    """Return the name of the zone of times that carry one."""
    if not isinstance(stamps.tz, dt.timezone):
        return known_zone(str(stamps.tz))
    if stamps.tz.utcoffset(None):
        message = f"{where(0)}: times with the UTC offset {stamps.tz} need the zone too; give timezone (--timezone)"
        raise DataError(message)
    return "UTC"


def _both_passes(stamps: pd.DatetimeIndex, timezone: str) -> tuple[Times, Times]:
    """Return the UTC that a wall clock shows each time at first and at last; NaT where it never does."""
    zone = zoneinfo.ZoneInfo(timezone)
    passes = [
        _kept(
            stamps.tz_localize(zone, ambiguous=np.full(len(stamps), summer), nonexistent="NaT")
            .tz_convert("UTC")
            .tz_localize(None)
        )
        for summer in (True, False)
    ]
    return np.minimum(*passes), np.maximum(*passes)


def _second_pass(local: Times, twice: NDArray[np.bool_], sensors: Codes, spell: Where, zone: str) -> NDArray[np.bool_]:
    """Return True for rows in the second of two passes of the clock, told by a step back in rows that rise.

    Args:
        local: (R,) wall-clock times.
        twice: (R,) which of them come twice.
        sensors: (R,) numbers of sensors.
        spell: place and time of a row, for the error.
        zone: name of the zone.

    Raises:
        DataError: rows that do not rise, or that have no step back: then nothing tells which pass they are in.
    """
    order = np.argsort(sensors, kind="stable")
    again, told = np.empty_like(twice), np.empty_like(twice)
    again[order], told[order] = _told(local[order], twice[order], sensors[order], hourly=True)
    if not told.all() and told[twice].any():  # rows of all sensors may rise together: then one tells of the others
        together, all_told = _told(local, twice, np.zeros_like(sensors), hourly=False)
        again, told = np.where(told, again, together), told | all_told
    if not told.all():
        message = (
            f"{spell(int((~told).argmax()))} comes twice in {zone}, whose clock is set back, and the order of rows "
            "does not tell which of the two it is; write times with their UTC offset, as in 2018-10-28 02:30+02:00, "
            "or leave timezone out if the clock of the times never changes"
        )
        raise DataError(message)
    return again


def _told(
    local: Times, twice: NDArray[np.bool_], sensors: Codes, *, hourly: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows are in the second pass, and which rows are told to be in one of the two.

    Rows of a sensor follow each other, and rise but for one step back in each change of the clock. Where they may be
    `hourly`, two rows of one time and no other are such a step too.
    """
    steps, same = np.diff(local), np.diff(sensors) == 0
    falls, stays = steps < np.timedelta64(0), (steps == np.timedelta64(0)) & hourly
    inside = same & twice[1:] & twice[:-1] & (abs(steps) < ONE_CHANGE)
    run = np.concatenate([[0], np.cumsum(~inside)])  # stretches of rows within one change of the clock
    back = inside & (falls | (stays & (np.bincount(run)[run[1:]] == 2)))
    before = np.concatenate([[0], np.cumsum(back)])
    begun = before[np.unique(run, return_index=True)[1]][run]
    once = np.bincount(run[1:], weights=back, minlength=run[-1] + 1)[run] == 1
    unsorted = np.isin(sensors, sensors[1:][same & falls & ~inside])
    return twice & (before > begun), ~twice | (once & ~unsorted)
