"""Steps of one length over times of any kind: where they begin, how many there are, and which one holds a time."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.times import Times, Where, local_time

Codes = NDArray[np.intp]
SMALL, SPARSE = 100_000, 20
"""A grid of more steps than the first, and than this many for each that holds a time, comes of a time that is wrong."""


@dataclass(frozen=True)
class Grid:
    """The steps [t, t + step) from that of the first time to that of the last.

    Args:
        times: (T,) at which the steps begin.
        step: their length.
    """

    times: Times
    step: np.timedelta64

    def places(self, times: Times) -> Codes:
        """Return the number of the step that each time lies in."""
        places: Codes = ((times - self.times[0]) // self.step).astype(np.intp)
        return places


def source_step(times: Times, sensors: Codes | None) -> np.timedelta64 | None:
    """Return the median time from one record of a sensor to its next; None where there is no next.

    Args:
        times: (R,) of the records, in any order.
        sensors: (R,) numbers of their sensors; None = every record is about all of them.

    >>> times = np.array(["2012-03-01T00:00", "2012-03-01T00:10", "2012-03-01T00:05"], dtype="M8[ns]")
    >>> source_step(times, None) == np.timedelta64(5, "m")
    np.True_
    """
    owners = np.zeros(len(times), np.intp) if sensors is None else sensors
    order = np.lexsort((times, owners))
    steps = np.diff(times[order])[np.diff(owners[order]) == 0]
    steps = np.sort(steps[steps > np.timedelta64(0)])
    return steps[(len(steps) - 1) // 2] if len(steps) else None


def grid_of(times: Times, step: np.timedelta64, source: np.timedelta64, zone: str | None, where: Where) -> Grid:
    """Return the grid over times.

    Its steps begin at the local midnight of the first day; where all times are whole steps of the source apart, as late
    after it as they are, so that a regular series is its own grid.

    Args:
        times: (R,) of records, in any order.
        step: length of a step of the grid.
        source: length of a step of the source.
        zone: IANA name if `times` are UTC.
        where: spells the place of a record.

    Raises:
        DataError: nearly all steps would be empty: a time must be wrong.
    """
    first = times.min()
    local = local_time(first, zone).tz_localize(None)
    midnight = first - (local - local.normalize()).to_timedelta64()
    late = (times - midnight) % source
    begin = midnight + (late[0] if (late == late[0]).all() else np.timedelta64(0, "ns"))
    begin += (first - begin) // step * step
    places = (times - begin) // step
    count, held = int(places.max()) + 1, len(np.unique(places))
    if count > max(SMALL, SPARSE * held):
        order = np.argsort(times, kind="stable")
        k = int(np.diff(times[order]).argmax())
        message = (
            f"{where(int(order[k + 1]))}: {pd.Timestamp(times[order[k + 1]])} comes after "
            f"{pd.Timestamp(times[order[k]])}, and {held} of {count} steps of {pd.Timedelta(step)} hold a record; "
            "is this time right?"
        )
        raise DataError(message)
    return Grid(begin + np.arange(count) * step, step)
