"""The times of spooled rows; of the two hours that one wall-clock time names in autumn, the order of rows tells which.

That needs no more rows in memory than those of these hours, each with the row before and after it: see `_tells`.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.series.axes import Places
from stgraph.series.clock import clock, comes_twice
from stgraph.series.spool import Spool
from stgraph.series.times import Times
from stgraph.series.wide import as_times


def time_axis(spool: Spool, timezone: str | None) -> tuple[Times, str | None, Places]:
    """Return the sorted times of spooled rows, their zone, and the place of each label of time among them.

    A label that stands for two times is split: rows of the second get a label of their own.

    Args:
        spool: all rows.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.

    Raises:
        DataError: a text that is no time, or times that do not fit the zone, see `stgraph.series.clock`.
    """
    moments, zone = _moments(spool, timezone)
    times, places = np.unique(moments, return_inverse=True)
    return times, zone, places


def _moments(spool: Spool, timezone: str | None) -> tuple[Times, str | None]:
    stamps = as_times(pd.Index(list(spool.labels["time"])), spool.place_of_time)
    twice = comes_twice(stamps, timezone)
    once = np.flatnonzero(~twice)
    found, zone = clock(stamps[once], len(once), timezone=timezone, where=lambda k: spool.place_of_time(int(once[k])))
    if not twice.any():
        return found, zone
    numbers, rows = _telling_rows(spool, stamps, twice)
    told, _ = clock(
        stamps,
        len(rows),
        timezone=timezone,
        where=lambda k: spool.place(rows[k]),
        rows=rows["time"],
        sensors=rows["sensor"],
    )
    moments = np.full(len(stamps), np.datetime64("NaT"), dtype="datetime64[ns]")
    moments[once] = found
    first = pd.Series(told).groupby(rows["time"]).min()
    moments[first.index] = first
    late = np.flatnonzero(told > moments[rows["time"]])
    spool.split_times(numbers[late], rows[late])
    return np.concatenate([moments, told[late[np.unique(rows["time"][late], return_index=True)[1]]]]), timezone


def _telling_rows(
    spool: Spool, stamps: pd.DatetimeIndex, twice: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return the numbers and records of the rows by which `clock` tells what it would tell by all rows."""
    local, begin = stamps.to_numpy(), 0
    numbers, kept = np.zeros(0, np.int64), np.zeros(0, spool.kind)
    for records in spool:
        numbers = np.concatenate([numbers, begin + np.arange(len(records))])
        kept = np.concatenate([kept, records])
        begin += len(records)
        times, again = local[kept["time"]], twice[kept["time"]]
        tells = _tells(times, again, kept["sensor"]) | _tells(times, again, np.zeros(len(kept), np.int32))
        numbers, kept = numbers[tells], kept[tells]
    return numbers, kept


def _tells(local: Times, twice: NDArray[np.bool_], sensors: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which rows are needed to tell the pass of those that come twice.

    Rows of a sensor rise but for one step back in each change of the clock, else nothing is told: needed are the rows
    of the change and those beside them, its first and last row (beside which rows may be that come later), and one fall
    outside the change. Rising rows between these say nothing.
    """
    order = np.argsort(sensors, kind="stable")
    t, again, s = local[order], twice[order], sensors[order]
    other = np.diff(s) != 0
    needed = again.copy()
    needed[1:] |= again[:-1] | other
    needed[:-1] |= again[1:] | other
    needed[[0, -1]] = True
    falls = np.flatnonzero(~other & (np.diff(t) < np.timedelta64(0)) & ~(again[1:] & again[:-1]))
    falls = falls[np.unique(s[falls], return_index=True)[1]]
    needed[falls] = needed[falls + 1] = True
    tells = np.empty_like(needed)
    tells[order] = needed
    return tells
