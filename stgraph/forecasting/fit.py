"""`fit`: a series and a graph in, a forecaster out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from stgraph.errors import DataError
from stgraph.forecasting.forecaster import Forecaster
from stgraph.forecasting.latest import latest_window
from stgraph.forecasting.loaders import batches_for
from stgraph.graph import SensorGraph
from stgraph.models import ForecastModel, Task, build_model, find_model
from stgraph.patches import PatchLoader
from stgraph.series import Part, Scaler, Split, TrafficSeries
from stgraph.training import Training, TrainingLog

ModelChoice = str | type[ForecastModel] | Callable[[Task], ForecastModel]


def fit(
    series: TrafficSeries,
    graph: SensorGraph,
    model: ModelChoice = "patchnet",
    *,
    history: int = 12,
    horizon: int = 12,
    targets: Sequence[str] | None = None,
    split: Split | None = None,
    training: Training | None = None,
    settings: Mapping[str, Any] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Forecaster:
    """Fit a model to a road network.

    Args:
        series: values on the sensors; its `observed` says what was measured.
        graph: the same sensors, in any order.
        model: a name (`stgraph models` lists them), a class, or a function that makes a model from a `Task`.
        history: steps in, T.
        horizon: steps out, H.
        targets: channels to forecast; None = the first.
        split: shares for training, validation and test; None = 60/20/20. Only the first two are looked at.
        training: options of gradient training.
        settings: arguments of the model, where `model` is a name or class.
        provenance: where the series came from, for the record; plain data.

    Returns:
        A forecaster with the parameters of the best validation epoch.

    Raises:
        MismatchError: series and graph have different sensors.
        DataError: nothing observed in the training part, or no window fits into it.
        UnknownNameError: no such model or setting; suggests the nearest.
    """
    split, training = split or Split(), training or Training()
    graph = graph.align(series.sensors)
    task = _task(series, history, horizon, targets)
    scaler = Scaler.fit(series, split.ranges(series, "train"))
    with torch.random.fork_rng():  # the caller's random state is not ours to change
        torch.manual_seed(training.seed)
        chosen = _make(model, task, settings)
        log = _train(chosen, series, graph, scaler, split=split, training=training)
    latest = latest_window(series, history, 0)
    return Forecaster(chosen, graph, scaler, split, latest, log, dict(provenance or {}))


def _task(series: TrafficSeries, history: int, horizon: int, targets: Sequence[str] | None) -> Task:
    names = list(targets or series.channels[:1])
    unknown = [name for name in names if name not in series.channels]
    if unknown:
        message = f"targets: the series has channels {series.channels}, found {unknown}"
        raise DataError(message)
    return Task(
        sensors=len(series.sensors),
        channels_in=len(series.channels),
        targets=tuple(series.channels.index(name) for name in names),
        history=history,
        horizon=horizon,
        interval=float(series.interval.astype("int64")) / 1e9,
        steps_per_day=series.steps_per_day,
        covariates=len(series.covariate_names),
    )


def _make(model: ModelChoice, task: Task, settings: Mapping[str, Any] | None) -> ForecastModel:
    if isinstance(model, str):
        model = find_model(model)
    if isinstance(model, type):
        return build_model(model, task, settings)
    if settings:
        message = "settings: expected none beside a function that makes the model; let the function set them"
        raise DataError(message)
    return model(task)


def _train(
    model: ForecastModel,
    series: TrafficSeries,
    graph: SensorGraph,
    scaler: Scaler,
    *,
    split: Split,
    training: Training,
) -> TrainingLog:
    from stgraph.training import train, train_closed  # noqa: PLC0415 - Lightning takes seconds to import

    def batches(part: Part, **how: Any) -> PatchLoader:  # noqa: ANN401 - keywords of batches_for
        ranges = split.ranges(series, part)
        try:
            return batches_for(model, series, graph, scaler, ranges, batch_size=training.batch_size, **how)
        except DataError as error:
            message = f"the {part} part of the series: {error}"
            raise DataError(message) from error

    targets = scaler.select(model.task.targets)
    if model.trained != "gradient":
        return train_closed(model, batches("train", window=model.closed_window()), targets)
    validation = batches("validation") if split.validation else None
    if validation is not None and not any(series.observed[a:b].any() for a, b in split.ranges(series, "validation")):
        message = "the validation part of the series: nothing was observed, so no epoch can be chosen"
        raise DataError(message)
    return train(model, batches("train", shuffle=True, seed=training.seed), validation, targets, training)
