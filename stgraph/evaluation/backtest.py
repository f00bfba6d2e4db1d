"""Rolling-origin backtest: what would have been forecast, had the model run since `start`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.evaluation.backtest_result import Backtest
from stgraph.evaluation.evaluation import Evaluation
from stgraph.evaluation.origins import Length, Start, Steps, place_origins, steps_of
from stgraph.forecasting import Forecaster, fit
from stgraph.forecasting.latest import latest_window
from stgraph.forecasting.prepare import ModelChoice
from stgraph.graph import SensorGraph
from stgraph.metrics import MaskedErrors
from stgraph.models import find_model
from stgraph.patches import Window
from stgraph.series import Split, TrafficSeries
from stgraph.training import Training

SELECTED, UNSELECTED = Split(0.75, 0.25, 0.0), Split(1.0, 0.0, 0.0)
Floats = NDArray[np.float32]


def backtest(
    series: TrafficSeries,
    graph: SensorGraph,
    model: ModelChoice = "patchnet",
    *,
    start: Start = 0.6,
    stride: Length | None = None,
    refit: bool | int = False,
    history: int = 12,
    horizon: int = 12,
    targets: Sequence[str] | None = None,
    training: Training | None = None,
    settings: Mapping[str, Any] | None = None,
    expanding: bool | Length = True,
    threshold: float = 1.0,
    progress: bool = False,
) -> Backtest:
    """Forecast from one origin after another as if the rest of the series had not happened yet, and score it all.

    An origin is the last observed time known: neither fit nor scaler nor forecast sees anything after it (Tashman
    2000, "Out-of-sample tests of forecasting accuracy", https://doi.org/10.1016/S0169-2070(00)00065-0).

    A fit divides the steps it knows: the first 75 % train and the last 25 % choose the epoch, which are the
    proportions of `Split()`. Models that are not trained by gradient choose nothing, and take all steps; of a function
    that makes a model nobody knows that yet.

    Origins stand `stride` apart on the clock. One counts if its whole horizon is on the clock of the series; targets
    unobserved within it are masked. Its history may reach over a gap: what the gap lacks is unobserved, as in
    `Forecaster.forecast`. Unlike there, a history in which nothing was observed is no error: `evaluate` scores it too.

    Args:
        series: values on the sensors, the past and the future of every origin.
        graph: the same sensors, in any order.
        model: a name, a class, or a function that makes a model from a `Task`, as for `fit`.
        start: the first time forecast: a share of the steps between 0 and 1, a step number, or a time, see
            `place_origins`.
        stride: from one origin to the next, in steps or as a duration such as ``"1h"``; None = the horizon.
        refit: False = fitted once, at the first origin; True = at every origin; n = at every n-th origin.
        history: steps in, T.
        horizon: steps out, H.
        targets: channels to forecast; None = the first.
        training: options of gradient training; `batch_size` is that of the forecasts, too. Its bar is not drawn.
        settings: arguments of the model, where `model` is a name or class.
        expanding: True = each fit knows all that precedes its origin; or the length of the window before the origin
            that it knows, in steps or as a duration.
        threshold: smallest ``|target|`` that MAPE counts, in the unit of the channel.
        progress: draw a bar over the origins, where standard error is a terminal.

    Raises:
        DataError: a start, stride, window or refit that cannot be, nothing to fit on, or nothing to score.
        MismatchError: series and graph have different sensors.
        UnknownNameError: no such model or setting; suggests the nearest.
    """
    for name, found, least in (("refit", refit, 0), ("history", history, 1), ("horizon", horizon, 1)):
        if found < least:
            message = f"{name}: expected at least {least}, found {found}"
            raise DataError(message)
    how = replace(training or Training(), progress=False)
    asked: dict[str, Any] = {"history": history, "horizon": horizon, "targets": targets, "settings": settings}
    fitting = partial(fit, graph=graph, model=model, split=_split(model), training=how, bounds=False, **asked)
    kept = None if expanding is True else steps_of("expanding", expanding, series.interval)
    origins = place_origins(series, start, horizon if stride is None else stride, horizon)
    pooled = MaskedErrors(threshold)
    every = int(refit) or len(origins)
    forecasts = np.empty((len(origins), horizon, len(series.sensors), len(targets or "1")), dtype=np.float32)
    with _bar(len(origins), drawn=progress) as advance:
        for first in range(0, len(origins), every):
            forecaster = _fitted(fitting, series, origins[first], kept)
            for rows, values in _issued(forecaster, series, origins[first : first + every], how.batch_size):
                forecasts[first + rows] = values
                advance(len(rows))
    behind = origins[np.arange(len(origins)) // every * every]
    return _scored(
        forecaster, series, forecasts, origins=origins, behind=behind, pooled=pooled, batch_size=how.batch_size
    )


def _split(model: ModelChoice) -> Split:
    """Return how a fit divides what it knows."""
    chosen = find_model(model) if isinstance(model, str) else model
    return SELECTED if getattr(chosen, "trained", "gradient") == "gradient" else UNSELECTED


def _fitted(
    fitting: Callable[[TrafficSeries], Forecaster], series: TrafficSeries, origin: int, kept: int | None
) -> Forecaster:
    """Fit on what is known at an origin, or on the last `kept` steps of its clock."""
    oldest = 0 if kept is None else np.searchsorted(series.times, series.times[origin] - (kept - 1) * series.interval)
    known = series.slice(oldest, origin + 1)
    try:
        return fitting(known)
    except DataError as error:
        message = f"the fit on {len(known)} steps up to {pd.Timestamp(series.times[origin])}: {error}"
        raise DataError(message) from error


def _issued(
    forecaster: Forecaster, series: TrafficSeries, origins: Steps, batch_size: int
) -> Iterator[tuple[Steps, Floats]]:
    """Yield rows of `origins` and their forecasts: in batches, but alone where the history reaches over a gap."""
    history, horizon = forecaster.task.history, forecaster.task.horizon
    oldest = origins + 1 - history
    unbroken = series.times[origins] - series.times[oldest.clip(0)] == (history - 1) * series.interval
    rows = np.flatnonzero(unbroken)
    if len(rows):
        batches = _predictions(forecaster, series, oldest[rows], batch_size)
        for k, values in enumerate(batches):
            yield rows[k * batch_size :][:batch_size], values
    for row in np.flatnonzero(~unbroken):
        known = series.slice(max(oldest[row], 0), origins[row] + 1)
        (values,) = _predictions(forecaster, latest_window(known, history, horizon), np.zeros(1, dtype=np.int64), 1)
        yield np.array([row]), values


def _predictions(forecaster: Forecaster, series: TrafficSeries, oldest: Steps, batch_size: int) -> Iterator[Floats]:
    """Yield (B, H, N, C) forecasts of the windows whose history begins at the given steps."""
    window = Window(forecaster.task.history, forecaster.task.horizon)
    placed = window.place((k, k + len(window)) for k in oldest.tolist())
    for batch in forecaster.loader(series, placed, batch_size=batch_size, with_target=False):
        yield forecaster.predict(batch).numpy()


def _scored(
    forecaster: Forecaster,
    series: TrafficSeries,
    forecasts: Floats,
    *,
    origins: Steps,
    behind: Steps,
    pooled: MaskedErrors,
    batch_size: int,
) -> Backtest:
    """Put the forecasts beside what was measured; `behind` says at which origin each one's fit was."""
    task, local = forecaster.task, series.local_times
    steps = origins[:, None] + np.arange(1, task.horizon + 1)
    values, observed = (of[steps][..., list(task.targets)] for of in (series.values, series.observed))
    measured = np.where(observed, values, np.float32("nan"))
    per_origin = _score(pooled, forecasts, measured, local.hour.to_numpy(np.int64)[steps], batch_size)
    return Backtest(
        forecasts=forecasts,
        measured=measured,
        origins=series.times[origins],
        times=series.times[steps],
        fitted=series.times[behind],
        evaluation=Evaluation(
            errors={forecaster.model.name: pooled.compute()},
            sensors=series.sensors,
            lead_minutes=np.arange(1, task.horizon + 1) * task.interval / 60,
            channels=forecaster.channels,
            units=forecaster.units,
            part="test",
            windows=len(origins),
            period=(local[steps[0, 0]], local[steps[-1, -1]]),
        ),
        per_origin=per_origin,
        split=forecaster.split,
        timezone=series.timezone,
    )


def _score(
    pooled: MaskedErrors, forecasts: Floats, measured: Floats, hours: Steps, batch_size: int
) -> dict[str, NDArray[np.float64]]:
    """Add everything to `pooled`; return the errors of each origin."""
    tables = []
    for k in range(0, len(forecasts), batch_size):
        forecast, target, hour = (torch.from_numpy(x[k : k + batch_size]) for x in (forecasts, measured, hours))
        observed = ~target.isnan()
        pooled.update(forecast, target, observed, hour)
        own = MaskedErrors(pooled.threshold)
        # an origin stands where a sensor stood: (N, H, B, C)
        own.update(forecast.transpose(0, 2), target.transpose(0, 2), observed.transpose(0, 2))
        tables.append(own.compute().per_sensor)
    per_origin = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    if not per_origin["count"].any():
        message = "nothing was observed after the origins, so nothing can be scored"
        raise DataError(message)
    return per_origin


@contextmanager
def _bar(total: int, *, drawn: bool) -> Iterator[Callable[[int], None]]:
    """Give what to call with the number of origins done."""
    from rich.console import Console  # noqa: PLC0415 - only what draws needs it
    from rich.progress import Progress  # noqa: PLC0415 - likewise

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not (drawn and console.is_terminal)) as bar:
        task = bar.add_task("forecasting from origins", total=total)
        yield lambda done: bar.advance(task, done)
