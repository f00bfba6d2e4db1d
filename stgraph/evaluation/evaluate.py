"""Evaluate a forecaster on a part of a series, beside the baselines."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from stgraph.errors import DataError, MismatchError, UnknownNameError
from stgraph.evaluation.evaluation import Evaluation
from stgraph.evaluation.protocol import Protocol
from stgraph.evaluation.scored import Scored, with_bar
from stgraph.forecasting import Forecaster, fit
from stgraph.forecasting.conformal import percent_of
from stgraph.metrics import ErrorTable, MaskedErrors, MaskedIntervals
from stgraph.patches import PatchBatch
from stgraph.series import Part, TrafficSeries
from stgraph.shapes import check_shape
from stgraph.training import Training

BASELINES = ("persistence", "historical-average", "linear-regression")


def evaluate(
    forecasters: Mapping[str, Forecaster],
    series: TrafficSeries,
    part: Part = "test",
    *,
    threshold: float | None = None,
    protocol: Protocol | None = None,
    parts: Mapping[str, NDArray[np.bool_]] | None = None,
    coverage: float = 0.9,
    batch_size: int = 64,
    progress: bool = False,
) -> Evaluation:
    """Score forecasters on every window of a part, with streaming masked sums in physical units.

    Args:
        forecasters: by the name to show, the one to report on first; all of the same channels, steps and split.
        series: the whole series, as it was fitted on.
        part: train, validation or test.
        threshold: smallest ``|target|`` that MAPE counts, in the unit of the channel; None = the protocol's, else 1.
        protocol: whose windows to score, and what counts as measured; the forecasts stay those of the forecasters,
            which see what they were fitted to see. None = the split they were fitted with.
        parts: targets to score apart as well: name -> (T, N) bool, of the steps and sensors of `series`; for the hard
            ones see `peak_hours`, `abrupt_changes` and `incident_steps`.
        coverage: what the bounds are asked to cover, 0.5 to 0.99; scored of each forecaster that has such bounds.
        batch_size: windows forecast at once; no figure depends on it.
        progress: draw a bar for each forecaster, where standard error is a terminal.

    Raises:
        MismatchError: the series differs from what a forecaster was fitted on, or the forecasters from each other.
        DataError: no forecaster, no window that fits the part, nothing observed in it, a threshold that is not
            positive, or a coverage that bounds cannot have.
        UnknownNameError: no such part of the split.
        ShapeError: a mask in `parts` of other steps or sensors.
    """
    check_part(part)
    percent_of(coverage)
    one = alike(forecasters, split=protocol is None)  # else all are scored by the protocol's
    if threshold is None:
        threshold = 1.0 if protocol is None else protocol.threshold
    masks = _checked(parts or {}, series)
    scored = {name: Scored.of(each, series, part, protocol, batch_size) for name, each in forecasters.items()}
    steps = next(iter(scored.values())).placed.steps()[0][:, one.task.history :]  # (M, H), the same of all
    local = series.local_times
    hours = torch.from_numpy(local.hour.to_numpy(np.int64))
    errors, intervals = {}, {}
    for name, forecaster in forecasters.items():
        batches = with_bar(scored[name], f"scoring {name}") if progress else scored[name]
        places = torch.from_numpy(pd.Index(series.sensors).get_indexer(pd.Index(forecaster.latest.sensors)))
        mine = {label: mask[:, places] for label, mask in masks.items()}
        bounds = _bounds_of(forecaster, coverage)
        table = _score(
            forecaster, batches, torch.from_numpy(steps), hours=hours, parts=mine, threshold=threshold, bounds=bounds
        )
        errors[name] = _in_order(table, forecaster.latest.sensors, series.sensors)
        if bounds is not None:
            intervals[name] = bounds.compute()
    if not any(table.count.any() for table in errors.values()):
        message = f"the {part} part of the series: nothing was observed, so nothing can be scored"
        raise DataError(message)
    return Evaluation(
        errors=errors,
        sensors=series.sensors,
        lead_minutes=np.arange(1, one.task.horizon + 1) * one.task.interval / 60,
        channels=one.channels,
        units=one.units,
        part=part,
        windows=len(steps),
        period=(local[steps.min()], local[steps.max()]),
        protocol=protocol,
        selection=one.split.selection,
        intervals=intervals,
    )


def fit_baselines(
    forecaster: Forecaster, series: TrafficSeries, protocol: Protocol | None = None
) -> dict[str, Forecaster]:
    """Fit persistence, the weekly profile and ridge on the same series and task, but not what it is itself.

    With the split and scaling that the forecaster was fitted with, or those of a protocol.
    """
    rules = forecaster if protocol is None else protocol
    series, task = forecaster.aligned(series), forecaster.task
    return {
        name: fit(
            series,
            forecaster.graph,
            name,
            history=task.history,
            horizon=task.horizon,
            targets=forecaster.channels,
            split=rules.split,
            scaling=rules.scaling,
            training=Training(progress=False),
        )
        for name in BASELINES
        if name != forecaster.model.name
    }


def check_part(part: str) -> Part:
    """Return the part of that name.

    Raises:
        UnknownNameError: there is none.
    """
    for known in get_args(Part):
        if part == known:
            return known  # type: ignore[no-any-return]  # get_args says Any of a Literal's values
    raise UnknownNameError.of("part", part, get_args(Part))


def alike(forecasters: Mapping[str, Forecaster], *, split: bool = True) -> Forecaster:
    """Return the first of forecasters that all forecast the same, with `split` from the same windows."""
    if not forecasters:
        message = "forecasters: expected at least one, found none"
        raise DataError(message)
    first = next(iter(forecasters))
    wanted = _scope(forecasters[first])
    for name, forecaster in forecasters.items():
        for what, found in _scope(forecaster).items():
            if (split or what != "split") and found != wanted[what]:
                message = f"{what}: expected the same for all, found {wanted[what]} ({first}) and {found} ({name})"
                raise MismatchError(message)
    return forecasters[first]


def _scope(forecaster: Forecaster) -> dict[str, object]:
    task = forecaster.task
    return {
        "channels": forecaster.channels,
        "units": forecaster.units,
        "history": task.history,
        "horizon": task.horizon,
        "split": forecaster.split,
    }


def _checked(parts: Mapping[str, NDArray[np.bool_]], series: TrafficSeries) -> dict[str, Tensor]:
    for name, mask in parts.items():
        check_shape(mask, "T N", name=f"parts[{name!r}]", T=len(series), N=len(series.sensors))
    return {name: torch.from_numpy(np.array(mask, dtype=np.bool_, order="C")) for name, mask in parts.items()}


def _score(
    forecaster: Forecaster,
    batches: Iterable[PatchBatch],
    steps: Tensor,
    *,
    hours: Tensor,
    parts: Mapping[str, Tensor],
    threshold: float,
    bounds: MaskedIntervals | None,
) -> ErrorTable:
    """Score batches that come in the order of the target `steps`, (M, H); `hours` are (T,), `parts` (T, N).

    The bounds are scored into `bounds`, where there are any.
    """
    scores, done = MaskedErrors(threshold), 0
    for batch in batches:
        if batch.target is not None and batch.target_observed is not None:
            now = steps[done : done + len(batch.target)]
            these = {name: mask[now] for name, mask in parts.items()}
            if bounds is None:
                forecast = forecaster.predict(batch)
            else:
                forecast, lower, upper = forecaster.predict_bounds(batch, bounds.coverage)
                bounds.update(lower, upper, batch.target, batch.target_observed)
            scores.update(forecast, batch.target, batch.target_observed, hours[now], these)
            done += len(now)
    return scores.compute()


def _bounds_of(forecaster: Forecaster, coverage: float) -> MaskedIntervals | None:
    """Return what scores the bounds of a forecaster; None where it has none of that coverage."""
    found = forecaster.calibration
    return MaskedIntervals(coverage) if found is not None and coverage <= found.highest else None


def _in_order(table: ErrorTable, found: tuple[str, ...], wanted: tuple[str, ...]) -> ErrorTable:
    """Return the table with its sensors in the wanted order."""
    places = pd.Index(found).get_indexer(pd.Index(wanted))
    return replace(table, per_sensor={name: part[places] for name, part in table.per_sensor.items()})
