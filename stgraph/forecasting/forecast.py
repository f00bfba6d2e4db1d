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
        lower: (H, N, C) float32 lower bounds, none above its value; None = no bounds.
        upper: (H, N, C) float32 upper bounds, none below its value; None = no bounds.
        coverage: share of the truths that should come to lie within the bounds; None = no bounds.

    Raises:
        ShapeError: an array does not fit times, sensors or channels.
        DataError: a value or bound that is not finite, a value outside its bounds, bounds without a coverage between 0
            and 1, or a time at or before `issued`.
    """

    values: NDArray[np.float32]
    times: Times
    sensors: tuple[str, ...]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    issued: np.datetime64
    timezone: str | None = None
    lower: NDArray[np.float32] | None = None
    upper: NDArray[np.float32] | None = None
    coverage: float | None = None

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
        self._check_finite("values", self.values)
        self._check_bounds()
        if (self.times <= self.issued).any():
            message = f"times: expected all after the issue at {self.issued}, found {self.times.min()}"
            raise DataError(message)

    def _check_finite(self, name: str, array: NDArray[np.float32]) -> None:
        if not np.isfinite(array).all():
            h, s, _ = (int(i) for i in np.argwhere(~np.isfinite(array))[0])
            message = f"{name}: expected finite numbers, found {array[h, s]} for sensor {self.sensors[s]}"
            raise DataError(message)

    def _check_bounds(self) -> None:
        if self.lower is None or self.upper is None or self.coverage is None:
            given = [name for name in ("lower", "upper", "coverage") if getattr(self, name) is not None]
            if given:
                message = f"bounds: expected lower, upper and coverage together, found {' and '.join(given)} alone"
                raise DataError(message)
            return
        if not 0 < self.coverage < 1:
            message = f"coverage: expected a share between 0 and 1, found {self.coverage}"
            raise DataError(message)
        for name in ("lower", "upper"):
            bound = np.asarray(getattr(self, name), dtype=np.float32)
            object.__setattr__(self, name, bound)
            check_shape(bound, "H N C", name=name, **dict(zip("HNC", self.values.shape, strict=True)))
            self._check_finite(name, bound)
        outside = (self.values < self.lower) | (self.values > self.upper)
        if outside.any():
            h, s, c = (int(i) for i in np.argwhere(outside)[0])
            found = f"{self.values[h, s, c]} outside {self.lower[h, s, c]} to {self.upper[h, s, c]}"
            message = f"bounds: expected each value within its own, found {found} for sensor {self.sensors[s]}"
            raise DataError(message)

    def __repr__(self) -> str:
        """Return one line: size, channels, period, and how much the bounds should cover."""
        channels = with_units(self.channels, self.units)
        span = f"{pd.Timestamp(self.times[0])} .. {pd.Timestamp(self.times[-1])}"
        bounds = "" if self.coverage is None else f", {100 * self.coverage:g} % bounds"
        return f"Forecast(steps={len(self.times)}, sensors={len(self.sensors)}, {channels}, {span}{bounds})"

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
        """Return a long table: time, sensor, channel, value, unit, lead_minutes; times rise, then sensors, channels.

        With bounds, lower and upper stand beside the value.
        """
        steps, n, c = self.values.shape
        columns = {
            "time": self.local_times.repeat(n * c),
            "sensor": np.tile(np.repeat(np.array(self.sensors, dtype=object), c), steps),
            "channel": np.tile(np.array(self.channels, dtype=object), steps * n),
            "value": self.values.reshape(-1),
            "lower": None if self.lower is None else self.lower.reshape(-1),
            "upper": None if self.upper is None else self.upper.reshape(-1),
            "unit": np.tile(np.array(self.units, dtype=object), steps * n),
            "lead_minutes": self.lead_minutes.repeat(n * c),
        }
        return pd.DataFrame({name: column for name, column in columns.items() if column is not None})

    def write(self, path: str | Path) -> Path:
        """Write the long table as CSV (``.csv``, ``.csv.gz``) or Parquet (``.parquet``), whole or not at all.

        Raises:
            DataError: the file name ends in something else, or the file cannot be written.
        """
        return write_table(self.to_dataframe(), path)
