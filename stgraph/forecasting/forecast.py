"""`Forecast`: what is expected, when, where, and in which units."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.files import write_table
from stgraph.series import Times, with_units
from stgraph.shapes import check_shape


@dataclass(frozen=True, eq=False)
class Forecast:
    """Forecast values with their times, sensors and units; immutable and checked on construction.

    Args:
        values: (H, N, C) float32, finite, in `units`.
        times: (H,) datetime64 each value is for: local wall-clock time, or UTC where `timezone` is given.
        sensors: N ids.
        channels: C names.
        units: C units.
        issued: time of the last observation that the forecast has seen.
        timezone: IANA name if `times` and `issued` are UTC, else None.

    Raises:
        ShapeError: an array does not fit times, sensors or channels.
        DataError: a value that is not finite, or a time at or before `issued`.
    """

    values: NDArray[np.float32]
    times: Times
    sensors: tuple[str, ...]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    issued: np.datetime64
    timezone: str | None = None

    def __post_init__(self) -> None:
        """Check every field; errors name the field, the expected and the found."""
        put = object.__setattr__
        put(self, "values", np.asarray(self.values, dtype=np.float32))
        put(self, "times", np.asarray(self.times, dtype="datetime64[ns]"))
        put(self, "issued", self.issued.astype("datetime64[ns]"))
        n, c = len(self.sensors), len(self.channels)
        check_shape(self.times, "H", name="times")
        check_shape(self.values, "H N C", name="values", H=len(self.times), N=n, C=c)
        check_shape(np.array(self.units), "C", name="units", C=c)
        if not np.isfinite(self.values).all():
            h, s, _ = (int(i) for i in np.argwhere(~np.isfinite(self.values))[0])
            message = f"values: expected finite numbers, found {self.values[h, s]} for sensor {self.sensors[s]}"
            raise DataError(message)
        if (self.times <= self.issued).any():
            message = f"times: expected all after the issue at {self.issued}, found {self.times.min()}"
            raise DataError(message)

    def __repr__(self) -> str:
        """Return one line: size, channels and period."""
        channels = with_units(self.channels, self.units)
        span = f"{pd.Timestamp(self.times[0])} .. {pd.Timestamp(self.times[-1])}"
        return f"Forecast(steps={len(self.times)}, sensors={len(self.sensors)}, {channels}, {span})"

    @property
    def local_times(self) -> pd.DatetimeIndex:
        """Wall-clock times: `times` themselves, or converted from UTC to `timezone`."""
        index = pd.DatetimeIndex(self.times)
        return index if self.timezone is None else index.tz_localize("UTC").tz_convert(self.timezone)

    @property
    def lead_minutes(self) -> NDArray[np.float64]:
        """Minutes from the last observation to each time, (H,)."""
        minutes: NDArray[np.float64] = (self.times - self.issued) / np.timedelta64(60_000_000_000, "ns")
        return minutes

    def to_dataframe(self) -> pd.DataFrame:
        """Return a long table: time, sensor, channel, value, unit, lead_minutes; times rise, then sensors, channels."""
        steps, n, c = self.values.shape
        return pd.DataFrame(
            {
                "time": self.local_times.repeat(n * c),
                "sensor": np.tile(np.repeat(np.array(self.sensors, dtype=object), c), steps),
                "channel": np.tile(np.array(self.channels, dtype=object), steps * n),
                "value": self.values.reshape(-1),
                "unit": np.tile(np.array(self.units, dtype=object), steps * n),
                "lead_minutes": self.lead_minutes.repeat(n * c),
            }
        )

    def write(self, path: str | Path) -> Path:
        """Write the long table as CSV (``.csv``, ``.csv.gz``) or Parquet (``.parquet``), whole or not at all.

        Raises:
            DataError: the file name ends in something else, or the file cannot be written.
        """
        return write_table(self.to_dataframe(), path)
