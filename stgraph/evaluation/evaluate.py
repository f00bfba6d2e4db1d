"""Evaluate a forecaster on a part of a series, beside the baselines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.forecasting import Forecaster, fit
from stgraph.metrics import METRICS, ErrorTable, MaskedErrors
from stgraph.series import Part, TrafficSeries
from stgraph.training import Training

BASELINES = ("persistence", "historical-average", "linear-regression")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Errors of several models on the same windows of the same part.

    Args:
        errors: model -> its errors at each lead and on average.
        lead_minutes: (H,) minutes ahead of each step.
        channels: C_out channels scored.
        units: their units.
        part: train, validation or test.
        windows: how many windows were scored.
        threshold: smallest ``|target|`` that MAPE counts.
    """

    errors: dict[str, ErrorTable]
    lead_minutes: NDArray[np.float64]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    part: Part
    windows: int
    threshold: float

    def shown_steps(self, minutes: Sequence[float] = (15, 30, 60)) -> list[int]:
        """Return the steps at the given minutes ahead, and the last one where none of them is there."""
        steps = [int(k) for m in minutes for k in np.flatnonzero(np.isclose(self.lead_minutes, m))]
        return steps or [len(self.lead_minutes) - 1]

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each model, channel and lead.

        `lead` says what a row is: ``@15 min`` is that step alone, ``avg<=60 min`` pools all steps up to it.
        MAE and RMSE are in the unit of the channel, MAPE and WAPE in percent.
        """
        last = len(self.lead_minutes) - 1
        leads = [("at", k, f"@{m:g} min") for k, m in enumerate(self.lead_minutes)]
        leads.append(("up_to", last, f"avg<={self.lead_minutes[last]:g} min"))
        rows = [
            {"model": name, "channel": channel, "unit": self.units[c], "lead": label}
            | {metric: float(getattr(table, kind)[metric][k, c]) for metric in METRICS}
            for name, table in self.errors.items()
            for c, channel in enumerate(self.channels)
            for kind, k, label in leads
        ]
        return pd.DataFrame(rows)

    def summary(self) -> pd.DataFrame:
        """Return `to_dataframe` at 15, 30 and 60 minutes and on average only."""
        table = self.to_dataframe()
        shown = [f"@{self.lead_minutes[k]:g} min" for k in self.shown_steps()]
        return table[table["lead"].isin(shown) | table["lead"].str.startswith("avg")].reset_index(drop=True)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, for JSON."""
        return {
            "part": self.part,
            "windows": self.windows,
            "mape_threshold": self.threshold,
            "errors": self.to_dataframe().to_dict(orient="records"),
        }


def evaluate(
    forecasters: Mapping[str, Forecaster], series: TrafficSeries, part: Part = "test", *, threshold: float = 1.0
) -> Evaluation:
    """Score forecasters on every window of a part, with streaming masked sums in physical units.

    Args:
        forecasters: by the name to show; all of the same task and split.
        series: the whole series, as it was fitted on.
        part: which part to score.
        threshold: smallest ``|target|`` that MAPE counts, in the unit of the channel.

    Raises:
        MismatchError: the series differs from what a forecaster was fitted on.
        DataError: no window fits the part.
    """
    errors, windows = {}, 0
    for name, forecaster in forecasters.items():
        scores = MaskedErrors(threshold)
        batches = forecaster.batches(series, part)
        for batch in batches:
            if batch.target is not None and batch.target_observed is not None:
                scores.update(forecaster.predict(batch), batch.target, batch.target_observed)
        errors[name], windows = scores.compute(), len(batches.placed)
    one = next(iter(forecasters.values()))
    minutes = np.arange(1, one.task.horizon + 1) * one.task.interval / 60
    return Evaluation(errors, minutes, one.channels, one.units, part, windows, threshold)


def fit_baselines(forecaster: Forecaster, series: TrafficSeries) -> dict[str, Forecaster]:
    """Fit persistence, the weekly profile and ridge on the same series, split and task."""
    series, task = forecaster.aligned(series), forecaster.task
    return {
        name: fit(
            series,
            forecaster.graph,
            name,
            history=task.history,
            horizon=task.horizon,
            targets=forecaster.channels,
            split=forecaster.split,
            training=Training(progress=False),
        )
        for name in BASELINES
    }
