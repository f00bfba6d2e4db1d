"""`Forecaster`: a trained model with all it needs to forecast the dated future."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor

from stgraph.errors import DataError, MismatchError
from stgraph.forecasting.conformal import Calibration, band_for, percent_of
from stgraph.forecasting.forecast import Forecast
from stgraph.forecasting.latest import latest_window
from stgraph.forecasting.loaders import batches_for, windows_at_once
from stgraph.forecasting.newest import in_form_of, on_sensors_of
from stgraph.forecasting.rollout import Values, caveats, check_steps, roll_out
from stgraph.graph import SensorGraph
from stgraph.models import ForecastModel, Task
from stgraph.patches import PatchBatch, PatchLoader, Placed, Window
from stgraph.propagation import build_weights
from stgraph.series import Part, Profile, Scaler, Scaling, Split, TrafficSeries, with_units
from stgraph.training import Training, TrainingLog, Unscaled


@dataclass(frozen=True, eq=False)
class Forecaster:
    """A trained model, its graph, scaler, split and the last history it was given.

    Args:
        model: trained.
        graph: of the sensors, in the order of the model's N axis.
        scaler: of all channels of the signal.
        split: how the series was divided for training.
        latest: the last `history` steps of the series it was fitted on.
        log: how training went.
        provenance: where the series came from (path, SHA-256), for the record.
        scaling: how values were scaled, and what stands for a hole.
        calibration: what the bounds of a forecast rest on; None = it has none.
        training: how it was trained; None = not known, as of runs saved before it was kept.
        chosen: where it was refitted on all data, the log of the fit whose validation chose the number of epochs; else
            None.
        profile: what was usual on each sensor in the training part, where the model asks for that; else None.
    """

    model: ForecastModel
    graph: SensorGraph
    scaler: Scaler
    split: Split
    latest: TrafficSeries
    log: TrainingLog = field(default_factory=TrainingLog)
    provenance: dict[str, Any] = field(default_factory=dict)
    scaling: Scaling = field(default_factory=Scaling)
    calibration: Calibration | None = None
    training: Training | None = None
    chosen: TrainingLog | None = None
    profile: Profile | None = None

    @property
    def task(self) -> Task:
        """What the model forecasts from what."""
        return self.model.task

    @cached_property
    def weights(self) -> tuple[csr_array, ...]:
        """Those that the model propagates with, (N, N) each, normalised on the whole graph."""
        return build_weights(self.graph.adjacency, self.model.weights)

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels forecast."""
        return tuple(self.latest.channels[c] for c in self.task.targets)

    @property
    def units(self) -> tuple[str, ...]:
        """Their units."""
        return tuple(self.latest.units[c] for c in self.task.targets)

    def __repr__(self) -> str:
        """Return one line: model, size and channels."""
        task = self.task
        channels = with_units(self.channels, self.units)
        steps = f"{task.history} -> {task.horizon} steps of {task.interval / 60:g} min"
        return f"Forecaster({self.model.name}, sensors={task.sensors}, {steps}, {channels})"

    def describe(self) -> dict[str, str]:
        """Return the facts of a run, spelled out."""
        from stgraph.forecasting.described import described  # noqa: PLC0415 - that file is about forecasters

        return described(self)

    def forecast(
        self,
        series: TrafficSeries | None = None,
        graph: SensorGraph | None = None,
        *,
        coverage: float | None = None,
        steps: int | None = None,
    ) -> Forecast:
        """Forecast the steps after the last time of `series`.

        What was amiss in the series stands in the `notes` of the forecast.

        Args:
            series: the newest observations, at least one of the last `history` steps; None = what it was
                fitted on. Steps and sensors that are missing count as unobserved, sensors that it does not know are
                left out, and their order means nothing.
            graph: the network as it is now, to make sure that it is still the one it was fitted on.
            coverage: share of the truths that should come to lie within the bounds, 0.5 to 0.99, each value by itself;
                None = no bounds. What it is worth, see `Calibration`.
            steps: how many; None = the `horizon`. Those beyond it rest on forecasts that are fed back (`roll_out`);
                channels that are not forecast are unobserved there.

        Raises:
            MismatchError: none of its sensors is there, or channels, units, interval or covariates differ from those it
                was fitted on, or the graph does.
            DataError: nothing was observed lately, no steps, or there can be no bounds of that coverage, or so far.
        """
        if graph is not None:
            self._check_graph(graph)
        if series is None and not self.latest.observed.any():
            message = "series: expected the newest observations, found none: since `on` this run knows of no history"
            raise DataError(message)
        steps = self.task.horizon if steps is None else steps
        check_steps(self.task, steps, bounded=coverage is not None)
        series, notes = on_sensors_of(self.latest if series is None else series, self.latest, self.task.history)
        window = latest_window(series, self.task.history, self.task.horizon)
        if coverage is None:
            values, lower, upper = roll_out(self._ahead, window, self.task, steps), None, None
        else:
            bounded = self.predict_bounds(self._batch(window), coverage)
            values, lower, upper = (each[0, :steps].numpy() for each in bounded)
        return Forecast(
            values=values,
            lower=lower,
            upper=upper,
            coverage=coverage,
            times=series.times[-1] + np.arange(1, steps + 1) * series.interval,
            sensors=series.sensors,
            channels=self.channels,
            units=self.units,
            issued=series.times[-1],
            timezone=series.timezone,
            notes=notes + caveats(self.task, series.channels, steps),
        )

    def on(self, graph: SensorGraph, series: TrafficSeries | None = None, *, recalibrate: bool = False) -> "Forecaster":
        """Return the same trained model on another network, or on its own with other sensors or edges, as it is.

        The weights that it propagates with are those of the whole new graph; the scaler is that of the training.
        Sensors of the same id, not known to stand 200 m apart, are taken for the same and keep their bounds; the others
        take what holds for the mean of the known ones (`stgraph.forecasting.conformal.margins_of_unseen`). On another
        network that is a guess.

        Args:
            graph: the other network.
            series: newest observations on it, like those of `forecast` but in units and a timezone of their own, in
                which the result then forecasts; None = as trained, and each forecast must be given some.
            recalibrate: measure the bounds anew, on the validation part of `series`, which must have all sensors.

        Raises:
            MismatchError: the model has parameters of single sensors and the network is not its own, or the series has
                no sensor of the graph, or other channels, interval or covariates than those fitted on.
            DataError: units that cannot be converted, nothing observed, or no series to recalibrate on.
        """
        from stgraph.forecasting.transfer import put_on  # noqa: PLC0415 - that file builds forecasters

        return put_on(self, graph, series, recalibrate=recalibrate)

    def _batch(self, window: TrafficSeries) -> PatchBatch:
        """Return the one batch of a window, T + H steps."""
        placed = Window(self.task.history, self.task.horizon).place([(0, len(window))])
        return next(iter(self.loader(self.scaling.applied(window), placed, with_target=False)))

    def _ahead(self, window: TrafficSeries) -> Values:
        """Return (H, N, C_out) forecasts of a window."""
        values: Values = self.predict(self._batch(window))[0].numpy()
        return values

    def filled(self, series: TrafficSeries) -> TrafficSeries:
        """Return newest observations as a forecast takes them: sensors that are missing are unobserved.

        Raises:
            MismatchError: see `forecast`.
            DataError: nothing was observed lately.
        """
        return on_sensors_of(series, self.latest, self.task.history)[0]

    def _check_graph(self, graph: SensorGraph) -> None:
        changed = abs(graph.align(self.graph.ids).adjacency - self.graph.adjacency)
        if changed.nnz and changed.max() > 0:
            message = (
                f"the graph is not the one the model was fitted on: {changed.count_nonzero()} of its "
                f"{self.graph.adjacency.nnz} edges differ; fit again, take it `on` that graph, or forecast without one"
            )
            raise MismatchError(message)

    def save(self, path: str | Path) -> Path:
        """Write a run folder: safetensors and JSON, each whole or not at all; `stgraph.load` reads it.

        Raises:
            DataError: the folder cannot be written.
            RunError: a setting of the model that is not plain data.
        """
        from stgraph.forecasting.run_folder import save  # noqa: PLC0415 - that file builds forecasters

        return save(self, path)

    def predict(self, batch: PatchBatch) -> Tensor:
        """Return (B, H, N, C_out) forecasts in physical units, without gradients."""
        return self.model.point(self._physical(batch))

    def predict_quantiles(self, batch: PatchBatch) -> Tensor:
        """Return (B, H, N, C_out, Q) rising quantiles, as `predict`; without quantiles the point alone, Q = 1."""
        physical = self._physical(batch)
        return physical if self.task.quantiles else physical[..., None]

    def predict_bounds(self, batch: PatchBatch, coverage: float) -> tuple[Tensor, Tensor, Tensor]:
        """Return forecasts as `predict` and their lower and upper bounds, (B, H, N, C_out) each.

        Bounds hold the forecast, also where calibration would narrow a band of quantiles beyond it, and none lies below
        what can be (0 of a channel that was never negative): neither costs coverage.

        Raises:
            DataError: there can be no bounds of that coverage.
        """
        if self.calibration is None:
            message = (
                f"coverage: {coverage:g} needs bounds, and this run has none: fitted without them (bounds=False), its "
                "split left no window of a validation part to calibrate on, or saved before bounds were kept; "
                "fit again"
            )
            raise DataError(message)
        margin = self.calibration.margin(coverage, heard=batch.observed.any(3).any(1))
        quantiles = self.predict_quantiles(batch)
        point = self.model.point(quantiles) if self.task.quantiles else quantiles[..., 0]
        low, high = (quantiles[..., place] for place in band_for(self.task.quantiles, percent_of(coverage)))
        lowest = torch.tensor(self.scaler.select(self.task.targets).lowest)
        return point, torch.minimum(low - margin, point).maximum(lowest), torch.maximum(high + margin, point)

    def _physical(self, batch: PatchBatch) -> Tensor:
        self.model.check(batch)
        with torch.inference_mode():
            physical: Tensor = Unscaled(self.model, self.scaler.select(self.task.targets)).eval()(batch)
        return physical

    def batches(self, series: TrafficSeries, part: Part = "test", *, batch_size: int = 64) -> PatchLoader:
        """Return every window of a part of a series with its target, in order: what an evaluation runs over.

        Of a large network a batch has fewer windows than `batch_size`.

        Raises:
            MismatchError: see `forecast`.
            DataError: no window fits the part.
        """
        series = self.aligned(series)
        placed = Window(self.task.history, self.task.horizon).place_part(series, self.split, part)
        size = windows_at_once(len(series.sensors), batch_size)
        return self.loader(series, placed, batch_size=size)

    def loader(self, series: TrafficSeries, placed: Placed, **how: Any) -> PatchLoader:  # noqa: ANN401 - see below
        """Return windows of a series that is `aligned`, in batches as the model takes them.

        Args:
            series: to draw them from.
            placed: the windows.
            how: further keywords of `stgraph.forecasting.loaders.batches_for`.
        """
        own: dict[str, Any] = {"scaling": self.scaling, "profile": self.profile}
        return batches_for(self.model, series, self.weights, self.scaler, placed, **own, **how)

    def aligned(self, series: TrafficSeries) -> TrafficSeries:
        """Return the series with this forecaster's sensors and channels, in its order, and its holidays.

        Raises:
            MismatchError: sensors, channels, units, interval or covariates differ from those it was fitted on.
        """
        mine = self.latest
        missing = sorted(set(mine.sensors) - set(series.sensors))
        extra = sorted(set(series.sensors) - set(mine.sensors))
        if missing or extra:
            message = (
                f"the series has other sensors than the model was fitted on: {len(missing)} missing {missing[:5]}, "
                f"{len(extra)} unknown {extra[:5]}"
            )
            raise MismatchError(message)
        return self.scaling.applied(in_form_of(series.select(sensors=mine.sensors, channels=mine.channels), mine))
