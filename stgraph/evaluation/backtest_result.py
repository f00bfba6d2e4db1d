"""`Backtest`: forecasts issued at many origins beside what was measured afterwards."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.evaluation.evaluation import Evaluation
from stgraph.files import write_table
from stgraph.forecasting import Forecast
from stgraph.metrics import ErrorTable
from stgraph.series import Split, Times, with_units
from stgraph.shapes import check_shape


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts issued at K origins, what was measured afterwards, and the errors; checked on construction.

    Args:
        forecasts: (K, H, N, C) float32, in the units of the channels.
        measured: (K, H, N, C) float32, what came; NaN where unobserved.
        origins: (K,) datetime64, last observed time that each forecast knows: local wall-clock time, or UTC where
            `timezone` is given.
        times: (K, H) datetime64 that each value is for.
        fitted: (K,) datetime64, last observed time that the fit behind each forecast knew.
        evaluation: errors pooled over all origins: by lead, sensor and hour of the day.
        per_origin: metric -> (K, C) errors pooled over steps and sensors, and ``"count"`` -> how many values.
        split: how each fit divided what it knew.
        timezone: IANA name if the times are UTC, else None.

    Raises:
        ShapeError: an array does not fit origins, steps, sensors or channels.
        DataError: a forecast for a time that its origin or its fit knew.
    """

    forecasts: NDArray[np.float32]
    measured: NDArray[np.float32]
    origins: Times
    times: Times
    fitted: Times
    evaluation: Evaluation
    per_origin: dict[str, NDArray[np.float64]]
    split: Split
    timezone: str | None = None

    def __post_init__(self) -> None:
        """Check the shapes, and that no forecast is for a time already known."""
        sizes = {"N": len(self.sensors), "C": len(self.channels), "K": len(self.origins)}
        sizes["H"] = len(self.evaluation.lead_minutes)
        check_shape(self.forecasts, "K H N C", name="forecasts", **sizes)
        check_shape(self.measured, "K H N C", name="measured", **sizes)
        check_shape(self.times, "K H", name="times", **sizes)
        check_shape(self.fitted, "K", name="fitted", **sizes)
        for name, figures in self.per_origin.items():
            check_shape(figures, "K C", name=f"per_origin, {name}", **sizes)
        if (self.times <= self.origins[:, None]).any() or (self.fitted > self.origins).any():
            message = "times: expected all after their origin, and no fit that knew more than the origin"
            raise DataError(message)

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.evaluation.model

    @property
    def sensors(self) -> tuple[str, ...]:
        """N ids."""
        return self.evaluation.sensors

    @property
    def channels(self) -> tuple[str, ...]:
        """C channels forecast."""
        return self.evaluation.channels

    @property
    def units(self) -> tuple[str, ...]:
        """C units."""
        return self.evaluation.units

    @property
    def errors(self) -> ErrorTable:
        """Errors pooled over all origins."""
        return self.evaluation.errors[self.model]

    @property
    def fits(self) -> int:
        """How often the model was fitted."""
        return len(np.unique(self.fitted))

    def __len__(self) -> int:
        """Return the number of origins, K."""
        return len(self.origins)

    def __repr__(self) -> str:
        """Return one line: model, size, channels and period of the origins."""
        size = f"origins={len(self)}, fits={self.fits}, steps={self.times.shape[1]}, sensors={len(self.sensors)}"
        span = f"{pd.Timestamp(self.origins[0])} .. {pd.Timestamp(self.origins[-1])}"
        return f"Backtest({self.model}, {size}, {with_units(self.channels, self.units)}, {span})"

    def forecast(self, origin: int) -> Forecast:
        """Return the forecast of one origin, counted from 0: to draw it, for example."""
        return Forecast(
            values=self.forecasts[origin],
            times=self.times[origin],
            sensors=self.sensors,
            channels=self.channels,
            units=self.units,
            issued=self.origins[origin],
            timezone=self.timezone,
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a long table, a row a value: origins rise, then times, then sensors, channels.

        Columns: issued (the origin), time, sensor, channel, forecast, measured (NaN where unobserved), unit,
        lead_minutes. Times are local.
        """
        k, h, n, c = self.forecasts.shape
        return pd.DataFrame(
            {
                "issued": self._local(self.origins).repeat(h * n * c),
                "time": self._local(self.times.reshape(-1)).repeat(n * c),
                "sensor": np.tile(np.repeat(np.array(self.sensors, dtype=object), c), k * h),
                "channel": np.tile(np.array(self.channels, dtype=object), k * h * n),
                "forecast": self.forecasts.reshape(-1),
                "measured": self.measured.reshape(-1),
                "unit": np.tile(np.array(self.units, dtype=object), k * h * n),
                "lead_minutes": np.tile(self.evaluation.lead_minutes.repeat(n * c), k),
            }
        )

    def summary(self) -> pd.DataFrame:
        """Return the errors over all origins, at 15, 30 and 60 minutes and on average, as `Evaluation.summary`."""
        return self.evaluation.summary()

    def by_origin(self) -> pd.DataFrame:
        """Return a row for each channel and origin, over all steps and sensors, with the `count` of values scored.

        Errors are NaN where nothing was observed.
        """
        issued, fitted = self._local(self.origins), self._local(self.fitted)
        tables = [
            pd.DataFrame(
                {"issued": issued, "fitted": fitted, "channel": channel, "unit": self.units[c]}
                | {name: figures[:, c] for name, figures in self.per_origin.items()}
            )
            for c, channel in enumerate(self.channels)
        ]
        return pd.concat(tables, ignore_index=True)

    def write(self, path: str | Path) -> Path:
        """Write `to_dataframe` as CSV (``.csv``, ``.csv.gz``) or Parquet (``.parquet``), whole or not at all.

        Raises:
            DataError: the file name ends in something else, or the file cannot be written.
        """
        return write_table(self.to_dataframe(), path)

    def _local(self, times: Times) -> pd.DatetimeIndex:
        index = pd.DatetimeIndex(times)
        return index if self.timezone is None else index.tz_localize("UTC").tz_convert(self.timezone)
