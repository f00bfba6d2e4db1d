"""`Health`: what is wrong with the data of a sensor network, where and when."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.anomaly.findings import RULES, Findings, found_by
from stgraph.anomaly.health_settings import HealthSettings
from stgraph.errors import MismatchError
from stgraph.series import TrafficSeries
from stgraph.shapes import check_shape


@dataclass(frozen=True, eq=False)
class Health:
    """What `check` found in a series.

    Args:
        series: what was checked.
        findings: (T, N, C) uint8, one bit a rule, in the order of `RULES`; 0 where nothing is wrong or observed.
        lag_minutes: (N,) by how much the clock of a sensor is late, NaN where it is right.
        settings: the thresholds.

    Raises:
        ShapeError: an array does not fit the series.
    """

    series: TrafficSeries
    findings: Findings
    lag_minutes: NDArray[np.float64]
    settings: HealthSettings

    def __post_init__(self) -> None:
        """Check the arrays against the series."""
        steps, sensors, channels = self.series.observed.shape
        check_shape(self.findings, "T N C", name="findings", T=steps, N=sensors, C=channels)
        check_shape(self.lag_minutes, "N", name="lag_minutes", N=sensors)

    def __repr__(self) -> str:
        """Return the verdict."""
        return f"Health({self.verdict()})"

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where a value was observed and is not to be trusted, (T, N, C)."""
        distrusted: NDArray[np.bool_] = self.findings != 0
        return distrusted

    def applied(self, series: TrafficSeries) -> TrafficSeries:
        """Return a series with every distrusted value counted as unobserved.

        Args:
            series: the one checked, or another with the same times, sensors and channels.

        Raises:
            MismatchError: other times, sensors or channels.
        """
        ours = self.series
        for field in ("sensors", "channels"):
            if getattr(series, field) != getattr(ours, field):
                message = f"expected the {field} that were checked, found others: {getattr(series, field)[:5]}"
                raise MismatchError(message)
        if not np.array_equal(series.times, ours.times):
            message = f"expected the {len(ours)} times that were checked, found {series}"
            raise MismatchError(message)
        return replace(series, observed=series.observed & (self.findings == 0))

    def table(self) -> pd.DataFrame:
        """Return one row a sensor and channel, in the order of the series.

        Returns:
            sensor, channel, observed (share of all steps), distrusted and one column a rule (shares of what was
            observed; NaN where nothing was), lag_minutes (NaN where the clock is right).
        """
        seen = self.series.observed.sum(0)
        steps, sensors, channels = self.series.observed.shape
        columns = {
            "sensor": np.repeat(self.series.sensors, channels),
            "channel": np.tile(self.series.channels, sensors),
            "observed": (seen / steps).ravel(),
            "distrusted": _share(np.count_nonzero(self.findings, axis=0), seen).ravel(),
        }
        columns |= {rule: _share(found_by(rule, self.findings).sum(0), seen).ravel() for rule in RULES}
        return pd.DataFrame(columns | {"lag_minutes": np.repeat(self.lag_minutes, channels)})

    def per_sensor(self) -> pd.DataFrame:
        """Return one row a sensor, the most distrusted first.

        Returns:
            sensor, observed, distrusted (shares over its channels), findings in words, such as
            ``"stuck 12.0 % (speed), clock 60 min late"``.
        """
        table = self.table()
        seen = self.series.observed.sum((0, 2))
        rows = pd.DataFrame(
            {
                "sensor": self.series.sensors,
                "observed": self.series.observed.mean((0, 2)),
                "distrusted": _share(np.count_nonzero(self.findings, axis=(0, 2)), seen),
                "findings": [self._in_words(part) for _, part in table.groupby("sensor", sort=False)],
            }
        )
        return rows.sort_values("distrusted", ascending=False, kind="stable", na_position="last")

    def _in_words(self, rows: pd.DataFrame) -> str:
        if not rows["observed"].any():
            return "never observed"
        words = []
        for rule in RULES:
            hit = rows[rows[rule] > 0]
            if rule == "clock" and len(hit):
                lag = float(hit["lag_minutes"].iloc[0])
                words.append(f"clock {abs(lag):g} min {'late' if lag > 0 else 'early'}")
            elif len(hit):
                where = "" if len(hit) == len(rows) else f" ({', '.join(hit['channel'])})"
                words.append(f"{rule} {100 * hit[rule].max():.3g} %{where}")
        return ", ".join(words)

    def verdict(self) -> str:
        """Return one line: how many sensors have values to distrust, how many values, and what is wrong with them."""
        sensors = self.series.sensors
        seen, wrong = int(self.series.observed.sum()), int(np.count_nonzero(self.findings))
        silent = int((~self.series.observed.any((0, 2))).sum())
        unheard = f"; {silent} never observed" if silent else ""
        if not wrong:
            return f"nothing to distrust on {len(sensors)} sensors{unheard}"
        hit = int((self.findings != 0).any((0, 2)).sum())
        counts = {rule: int(found_by(rule, self.findings).any((0, 2)).sum()) for rule in RULES}
        kinds = ", ".join(f"{rule} {count}" for rule, count in counts.items() if count)
        has = "has" if hit == 1 else "have"
        share = f"{100 * wrong / seen:.2g} % of all"
        return f"{hit} of {len(sensors)} sensors {has} values to distrust, {share}: {kinds}{unheard}"


def _share(part: NDArray[np.integer], whole: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return shares, NaN of nothing."""
    share: NDArray[np.float64] = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
    return share
