"""A trained model on another network, or on its own with other sensors, without training it anew."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from stgraph.errors import DataError, MismatchError
from stgraph.forecasting.calibrate import calibrate
from stgraph.forecasting.forecaster import Forecaster
from stgraph.forecasting.latest import latest_window
from stgraph.forecasting.newest import on_sensors_of
from stgraph.graph import SensorGraph, haversine
from stgraph.models import moved
from stgraph.series import Profile, TrafficSeries, converted, factors_of
from stgraph.training import Epoch, TrainingLog

SAME_KM = 0.2
"""Sensors of one id that stand further apart are two, as where networks number theirs from 0."""


def put_on(
    forecaster: Forecaster,
    graph: SensorGraph,
    series: TrafficSeries | None = None,
    *,
    recalibrate: bool = False,
    profile: Profile | None = None,
) -> Forecaster:
    """Return what `Forecaster.on` promises; arguments and errors are its. A profile of the network may be known."""
    before, task = forecaster, forecaster.task
    if recalibrate and series is None:
        message = "recalibrate: expected a series of the network to measure errors on, found none"
        raise DataError(message)
    if not before.model.inductive and set(graph.ids) == set(before.graph.ids):
        graph = graph.align(before.graph.ids)  # the order that it knows, should the network be its own
    places = _places(before.graph, graph)
    own = places == list(range(len(before.graph))) and not (graph.adjacency - before.graph.adjacency).count_nonzero()
    model = before.model if own else moved(before.model, len(graph))
    if series is not None:
        series = series.select(channels=before.latest.channels)
        before = in_units(before, series.units)
    latest = _unobserved(before.latest, graph.ids, series)
    bounds = before.calibration
    if before.profile is not None and profile is None:
        profile = before.profile.take(places)
    if series is not None:
        newest, _ = on_sensors_of(series, latest, task.history)
        if profile is not None:
            past = before.split.ranges(newest, "train")  # what follows may be scored
            shown = before.scaling.applied(newest)
            profile = profile.or_else(Profile.of(shown, before.scaler, past, task.targets))
        latest = replace(latest_window(newest, task.history, 0), notes=())
    after = replace(
        before,
        model=model,
        graph=graph,
        latest=latest,
        calibration=bounds if bounds is None or own else bounds.on(places, task.quantiles),
        provenance=_moved_on(before.provenance),
        profile=profile,
    )
    if not recalibrate or series is None:
        return after
    found = calibrate(after, series)
    if found is None:
        message = "recalibrate: expected a window in the validation part of the series, found none; give a longer one"
        raise DataError(message)
    return replace(after, calibration=found)


def _places(before: SensorGraph, graph: SensorGraph) -> list[int | None]:
    """Return where each sensor was before: that of its id, unless it is known to stand elsewhere; None = nowhere."""
    place = {name: n for n, name in enumerate(before.ids)}
    found = [place.get(name) for name in graph.ids]
    if before.positions is None or graph.positions is None:
        return found
    was = before.positions[[place.get(name, 0) for name in graph.ids]]
    moved_km = haversine(*was.T, *graph.positions.T)
    return [n if km <= SAME_KM else None for n, km in zip(found, moved_km.tolist(), strict=True)]


def in_units(forecaster: Forecaster, units: Sequence[str]) -> Forecaster:
    """Return the same forecaster in other units: it takes and gives values, bounds and errors in these.

    Args:
        forecaster: in units of its own.
        units: one for each channel of the signal.

    Raises:
        DataError: a unit that is not known, or measures something else; names the channel and both units.
        MismatchError: the model is shown a physical value for a hole, which is of its own units.
    """
    like, shown = forecaster.latest, forecaster.scaling.shown
    factors = factors_of(like.channels, like.units, units)
    if set(factors) == {1.0}:
        return forecaster
    if shown:
        message = f"units: this model is shown {shown:g} for a hole, in {like.units}; expected these, found {units}"
        raise MismatchError(message)
    bounds, targets = forecaster.calibration, [factors[c] for c in forecaster.task.targets]
    of_errors = targets[0] if len(targets) == 1 else 1.0  # the errors of several are in no unit
    return replace(
        forecaster,
        scaler=forecaster.scaler.times(factors),
        latest=converted(like, units),
        log=_times(forecaster.log, of_errors),
        chosen=None if forecaster.chosen is None else _times(forecaster.chosen, of_errors),
        calibration=None if bounds is None else bounds.times(targets),
    )


def _times(log: TrainingLog, factor: float) -> TrainingLog:
    epochs = (
        Epoch(one.train_mae * factor, one.validation_mae * factor, one.seconds, one.validation_rmse * factor)
        for one in log.epochs
    )
    return replace(log, epochs=tuple(epochs))


def _unobserved(like: TrafficSeries, sensors: tuple[str, ...], series: TrafficSeries | None) -> TrafficSeries:
    """Return the form of a history of other sensors, nothing of it observed, on the clock of their series.

    Holidays are those of the series' country, if the model has learned of holidays at all.
    """
    shape = (len(like), len(sensors), len(like.channels))
    covariates = like.covariates
    if covariates is not None and covariates.shape[1] > 1:
        covariates = np.zeros((len(like), len(sensors), covariates.shape[2]), dtype=np.float32)
    clock: dict[str, Any] = {}
    if series is not None:
        clock = {"timezone": series.timezone, "country": like.country and (series.country or like.country)}
    return replace(
        like,
        values=np.zeros(shape, dtype=np.float32),
        observed=np.zeros(shape, dtype=np.bool_),
        sensors=sensors,
        covariates=covariates,
        **clock,
    )


def _moved_on(provenance: dict[str, Any]) -> dict[str, Any]:
    """Return the provenance of a forecaster on another network: how files are read, and what it was trained on."""
    trained_on = provenance.get("trained_on", provenance.get("series", "given in memory"))
    kept = {name: provenance[name] for name in ("read", "country") if name in provenance}
    return kept | {"trained_on": trained_on, "series": f"another one, after training on: {trained_on}"}
