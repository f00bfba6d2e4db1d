"""`Evaluation`: the errors of several models on the same windows, as tables."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.evaluation.protocol import Protocol
from stgraph.metrics import INTERVAL_METRICS, METRICS, ErrorTable, IntervalTable
from stgraph.series import Part

FIGURES = (*METRICS, "count")
SHOWN_MINUTES = (15, 30, 60)
Place = tuple[str, int | tuple[int, int], str | int]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Errors of several models on the same windows of the same part.

    Args:
        errors: model -> its errors by lead, sensor, hour of the day and part; the first model is the one reported on.
        sensors: N ids.
        lead_minutes: (H,) minutes ahead of each step.
        channels: C_out channels scored.
        units: their units.
        part: train, validation or test.
        windows: how many windows were scored.
        period: local time of the first and of the last target step.
        protocol: under which it was scored; None = the split that the models were fitted with.
        selection: the part that chose the epoch.
        intervals: model -> coverage, width and score of its bounds, of the models that have any.
    """

    errors: dict[str, ErrorTable]
    sensors: tuple[str, ...]
    lead_minutes: NDArray[np.float64]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    part: Part
    windows: int
    period: tuple[pd.Timestamp, pd.Timestamp]
    protocol: Protocol | None = None
    selection: Part = "validation"
    intervals: dict[str, IntervalTable] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The model reported on."""
        return next(iter(self.errors))

    @property
    def threshold(self) -> float:
        """Smallest ``|target|`` that MAPE counts."""
        return self.errors[self.model].threshold

    @property
    def coverage(self) -> float | None:
        """What the bounds were asked to cover; None where no model has bounds."""
        return next((table.asked for table in self.intervals.values()), None)

    @property
    def leads(self) -> tuple[str, ...]:
        """What the H + 1 rows of leads are called: ``@15 min`` is that step alone, ``avg<=60 min`` all up to it."""
        return (*(f"@{minutes:g} min" for minutes in self.lead_minutes), f"avg<={self.lead_minutes[-1]:g} min")

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the targets scored apart as well."""
        return self.errors[self.model].parts

    def rival(self, channel: int = 0) -> str | None:
        """Return the other model with the lowest MAE over all steps; None where there is no other."""
        others = [name for name in self.errors if name != self.model]
        return min(others, key=lambda name: float(self.errors[name].up_to["MAE"][-1, channel]), default=None)

    def shown_steps(self, minutes: Sequence[float] = SHOWN_MINUTES) -> list[int]:
        """Return the steps at the given minutes ahead, and the last one where none of them is there."""
        steps = [int(k) for m in minutes for k in np.flatnonzero(np.isclose(self.lead_minutes, m))]
        return steps or [len(self.lead_minutes) - 1]

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each model, channel and lead.

        `lead` says what a row is: ``@15 min`` is that step alone, ``avg<=60 min`` pools all steps up to it.
        MAE and RMSE are in the unit of the channel, MAPE and WAPE in percent, the others shares of 1. Where a model has
        bounds, so are coverage, the share of the truths inside, and in the unit of the channel the mean width and
        interval score (`stgraph.metrics.interval_score`); NaN for a model without.
        """
        places: list[Place] = [("at", k, lead) for k, lead in enumerate(self.leads[:-1])]
        return self._leads([*places, ("up_to", -1, self.leads[-1])])

    def summary(self) -> pd.DataFrame:
        """Return the figures at 15, 30 and 60 minutes and on average: at those steps, or as the protocol has it."""
        steps = self.shown_steps()
        if self.protocol is not None and self.protocol.headline == "up_to":
            steps = [k for k in steps if k != len(self.lead_minutes) - 1]
            places: list[Place] = [("up_to", k, f"avg<={self.lead_minutes[k]:g} min") for k in steps]
        else:
            places = [("at", k, self.leads[k]) for k in steps]
        return self._leads([*places, ("up_to", -1, self.leads[-1])])

    def per_sensor(self) -> pd.DataFrame:
        """Return one row for each model, channel and sensor, over all steps, with the `count` of values scored.

        Errors are NaN where nothing was observed.
        """
        return self._rows("sensor", [("per_sensor", n, sensor) for n, sensor in enumerate(self.sensors)], FIGURES)

    def per_hour(self) -> pd.DataFrame:
        """Return one row for each model, channel and hour of the day (local time of the target), as `per_sensor`."""
        return self._rows("hour", [("per_hour", hour, hour) for hour in range(24)], FIGURES)

    def per_part(self) -> pd.DataFrame:
        """Return one row for each model, channel, part and lead, as `summary`, with the `count` of values scored.

        Errors are NaN where nothing of the part was observed; there is no row where no part was scored.
        """
        tables = []
        for k, part in enumerate(self.parts):
            at = [("part_at", (k, step), self.leads[step]) for step in self.shown_steps()]
            table = self._rows("lead", [*at, ("part_up_to", (k, -1), self.leads[-1])], FIGURES)
            table.insert(3, "part", part)
            tables.append(table)
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def _leads(self, places: Sequence[Place]) -> pd.DataFrame:
        """Return the rows of leads: the errors, and what the bounds came to where there are any."""
        table = self._rows("lead", places, METRICS)
        for figure in INTERVAL_METRICS if self.intervals else ():
            table[figure] = [
                float(getattr(self.intervals[name], field)[figure][k][c]) if name in self.intervals else np.nan
                for name in self.errors
                for c in range(len(self.channels))
                for field, k, _ in places
            ]
        return table

    def _rows(self, by: str, places: Sequence[Place], figures: Sequence[str]) -> pd.DataFrame:
        """Return a row for each place (field of `ErrorTable`, index, label) of each model and channel."""
        rows = [
            {"model": name, "channel": channel, "unit": self.units[c], by: label}
            | {figure: float(getattr(table, field)[figure][k][c]) for figure in figures}
            for name, table in self.errors.items()
            for c, channel in enumerate(self.channels)
            for field, k, label in places
        ]
        return pd.DataFrame(rows)

    def worst_sensors(self, channel: int = 0) -> pd.DataFrame:
        """Return the MAE of `model`, and of its rival, on each sensor, from the worst sensor of `model` to the best.

        One column a model, one row a sensor; sensors that were never observed are left out.
        """
        shown = [self.model, *filter(None, [self.rival(channel)])]
        maes = {name: self.errors[name].per_sensor["MAE"][:, channel] for name in shown}
        table = pd.DataFrame(maes, index=pd.Index(self.sensors, name="sensor")).dropna()
        return table.sort_values(self.model, ascending=False, kind="stable")

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, for JSON; None stands for an error of nothing."""
        return {
            "model": self.model,
            "part": self.part,
            "windows": self.windows,
            "targets_from": self.period[0].isoformat(),
            "targets_to": self.period[1].isoformat(),
            "mape_threshold": self.threshold,
            "coverage_asked": self.coverage,
            "protocol": None if self.protocol is None else self.protocol.describe(),
            "errors": _records(self.to_dataframe()),
            "per_sensor": _records(self.per_sensor()),
            "per_hour": _records(self.per_hour()),
            "per_part": _records(self.per_part()),
        }


def _records(table: pd.DataFrame) -> list[dict[Hashable, Any]]:
    plain: list[dict[Hashable, Any]] = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    return plain
