"""When each value was measured: whole steps, hours of the day and days; and the record of one sensor."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.series import TrafficSeries

HOURS = 24
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Timeline:
    """The times of a series as numbers.

    Args:
        step: (T,) whole intervals since the first time; a gap skips some.
        hour: (T,) local hour of the day, 0 to 23.
        day: (T,) local day, 0 for the first.
        interval: hours between two steps.
    """

    step: Ints
    hour: Ints
    day: Ints
    interval: float

    @classmethod
    def of(cls, series: TrafficSeries) -> "Timeline":
        """Return the timeline of a series."""
        local = pd.DatetimeIndex(series.local_times).tz_localize(None)
        days = local.normalize().to_numpy("datetime64[D]").astype(np.int64)
        return cls(
            step=(series.times - series.times[0]) // series.interval,
            hour=local.hour.to_numpy(np.int64),
            day=days - days[0],
            interval=float(series.interval / np.timedelta64(1, "h")),
        )

    def record(self, values: NDArray[np.float32], believed: NDArray[np.bool_]) -> "Record":
        """Return the record of one channel of one sensor: its (T,) values where they are believed."""
        rows = np.flatnonzero(believed)
        return Record(values[rows], rows, self.step[rows], self.hour[rows], self.day[rows], self.interval)


@dataclass(frozen=True, eq=False)
class Record:
    """What one channel of one sensor reported, holes left out: M values.

    Args:
        values: (M,)
        rows: (M,) rows of the series.
        step: (M,) as in `Timeline`.
        hour: (M,) likewise.
        day: (M,) likewise.
        interval: hours between two steps.
    """

    values: NDArray[np.float32]
    rows: Ints
    step: Ints
    hour: Ints
    day: Ints
    interval: float

    def __len__(self) -> int:
        """Return M."""
        return len(self.rows)


def lower_quantile(table: NDArray[np.floating], share: float) -> NDArray[np.float64]:
    """Return a quantile down each column, without its NaN, rounded down to a value of the column; NaN if empty.

    >>> lower_quantile(np.array([[1.0, np.nan], [5.0, np.nan], [3.0, np.nan]]), 0.5)
    array([ 3., nan])
    """
    ordered = np.sort(np.asarray(table, dtype=np.float64), axis=0)  # NaN last
    known = (~np.isnan(ordered)).sum(0)
    place = np.floor(share * np.maximum(known - 1, 0)).astype(np.int64)
    picked: NDArray[np.float64] = np.take_along_axis(ordered, place[None], 0)[0]
    return picked
