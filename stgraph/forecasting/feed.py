"""The newest observations from a file, which need not look like the file that was fitted on."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stgraph.errors import DataError, MismatchError, StgraphError
from stgraph.forecasting.forecaster import Forecaster
from stgraph.forecasting.moment import measured_before
from stgraph.series import (
    Resampling,
    TimeLike,
    TrafficSeries,
    converted,
    holds_pems,
    is_own_npz,
    is_store,
    open_series,
    read_series,
)
from stgraph.series.hdf import HDF_ENDINGS


def read_newest(
    forecaster: Forecaster,
    path: Path,
    *,
    unit: Sequence[str] | None = None,
    start: TimeLike | None = None,
    before: TimeLike | None = None,
) -> TrafficSeries:
    """Read newest observations for `Forecaster.forecast`: a table, wide or long, of any form that `read_series` knows.

    Columns, missing values, zone, header and resampling are those of the fit; channels and interval are the
    forecaster's. Where rows differ, the rule of the fit says what counts, else the last value measured does. A file
    that names no units has those of the forecaster. Covariates of a table are columns of its own, beside the channels.
    What was put right stands in the `notes` of the series.

    Args:
        forecaster: says what to look for.
        path: the file.
        unit: one a channel, in the order of the forecaster's: of the values in the file, which are converted.
        start: time of the first row, where the file has no times.
        before: what was measured from this time on is not to be forecast from; the file is read whole all the same.

    Raises:
        DataError: the file is not of its form, nothing in it was observed, or a unit cannot be converted.
        MismatchError: it has none of the forecaster's sensors, not its channels or covariates, or other units.
    """
    like = forecaster.latest
    how, named = _how(forecaster, path, start)
    series = read_series(path, **how)
    try:
        series = _with_covariates(series, like).select(channels=like.channels)
        series = _in_units_of(series, like, unit)
        _check_steps(series, like)
        if not named:
            _check_count(series, like)
        known = series if before is None else measured_before(series, before)
        forecaster.filled(known)  # errors that a forecast would raise, with the file that they are about
    except StgraphError as error:
        message = f"{path}: {error}"
        raise type(error)(message) from error
    return series


def _how(forecaster: Forecaster, path: Path, start: TimeLike | None) -> tuple[dict[str, Any], bool]:
    """Return the arguments of `read_series`, and whether the sensors of the file have names."""
    like, fitted = forecaster.latest, forecaster.provenance.get("read", {})
    rule, header = fitted.get("resample"), fitted.get("header", True)
    how: dict[str, Any] = {"start": start, "resample": None if rule is None else Resampling(**rule)}
    if is_store(path) and open_series(path).interval == like.interval:
        how["resample"] = None  # made of steps brought to this length before
    if is_store(path) or (path.suffix == ".npz" and is_own_npz(path)):
        return how, True  # a start is refused there
    if holds_pems(path):
        how |= {"channel": like.channels, "timezone": like.timezone}
        return how | {"duplicates": fitted.get("duplicates") or "last"}, True
    how |= {"missing": fitted.get("missing", ()), "timezone": like.timezone}
    how["interval"] = like.interval if rule is None else fitted.get("interval")
    if path.suffix == ".npz":
        return how | {"channel": fitted.get("channel")}, False
    how |= {"columns": fitted.get("columns"), "channel": like.channels + like.covariate_names, "header": header}
    how |= {"duplicates": fitted.get("duplicates") or "last"}
    how |= {"key": fitted.get("key")} if path.suffix in HDF_ENDINGS else {}
    return how, header


def _with_covariates(series: TrafficSeries, like: TrafficSeries) -> TrafficSeries:
    """Return a series with the covariates that stand among its channels, each hole the last value known before it."""
    names = like.covariate_names
    if like.covariates is None or series.covariates is not None or not set(names) <= set(series.channels):
        return series
    columns = [series.channels.index(name) for name in names]
    values, known = series.values[:, :, columns], series.observed[:, :, columns]
    if like.covariates.shape[1] == 1:  # one value a step, the same in the rows of all sensors
        values = np.where(known, values, -np.inf).max(1, keepdims=True)
        known = np.isfinite(values)
    if not known.any(0).all():
        message = f"covariates: expected values of {', '.join(names)} for each sensor, found a sensor without any"
        raise DataError(message)
    latest = np.maximum.accumulate(np.where(known, np.arange(len(series))[:, None, None], -1))
    filled = np.take_along_axis(values, np.where(latest < 0, known.argmax(0), latest), axis=0)
    return replace(series, covariates=filled, covariate_names=names)


def _in_units_of(series: TrafficSeries, like: TrafficSeries, unit: Sequence[str] | None) -> TrafficSeries:
    """Return a series in the units of `like`: converted from those that were said, never from others; and say so."""
    found = tuple(unit or (own or its for own, its in zip(series.units, like.units, strict=True)))
    if found != like.units and not unit:
        message = (
            f"units: the model was fitted on {like.units}, found {found}; "
            "say what the values are in (--unit), and they are converted"
        )
        raise MismatchError(message)
    in_units = converted(replace(series, units=found), like.units)
    changed = [of for of in zip(like.channels, found, like.units, strict=True) if of[1] != of[2]]
    notes = [f"{channel} converted from {one} to {other}" for channel, one, other in changed]
    return replace(in_units, notes=(*in_units.notes, *notes))


def _check_steps(series: TrafficSeries, like: TrafficSeries) -> None:
    """Check that a series of other steps is not taken for one with holes."""
    steps = np.diff(series.times)
    if len(steps) > 1 and steps.min() > like.interval:
        expected, found = pd.Timedelta(like.interval), pd.Timedelta(steps.min())
        message = f"interval: the model was fitted on steps of {expected}, found none shorter than {found}"
        raise MismatchError(message)


def _check_count(series: TrafficSeries, like: TrafficSeries) -> None:
    """Check that sensors without names are all there: else nobody knows which one is missing."""
    if len(series.sensors) != len(like.sensors):
        message = (
            f"expected {len(like.sensors)} sensors, which have no names and go by their order, found "
            f"{len(series.sensors)}"
        )
        raise MismatchError(message)
