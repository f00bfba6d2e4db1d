"""The newest observations from a file, which need not look like the file that was fitted on."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stgraph.errors import DataError, MismatchError, StgraphError
from stgraph.forecasting.forecaster import Forecaster
from stgraph.series import Tell, TimeLike, TrafficSeries, converted, is_own_npz, read_series


def read_newest(
    forecaster: Forecaster,
    path: Path,
    *,
    unit: Sequence[str] | None = None,
    start: TimeLike | None = None,
    tell: Tell,
) -> TrafficSeries:
    """Read newest observations for `Forecaster.forecast`: a wide or long table, Parquet or NPZ.

    Missing values, zone and header are those of the fit; channels and interval are the forecaster's. Several rows of
    one time are one, with the last measured value of each sensor. A file that names no units has those of the
    forecaster. Covariates of a table are columns of its own, beside the channels.

    Args:
        forecaster: says what to look for.
        path: the file.
        unit: one a channel, in the order of the forecaster's: of the values in the file, which are converted.
        start: time of the first row, where the file has no times.
        tell: takes a sentence about what was put right.

    Raises:
        DataError: the file is not of its form, nothing in it was observed, or a unit cannot be converted.
        MismatchError: it has none of the forecaster's sensors, not its channels or covariates, or other units.
    """
    like = forecaster.latest
    how, named = _how(forecaster, path, start)
    series = read_series(path, **how, tell=tell)
    try:
        series = _with_covariates(series, like).select(channels=like.channels)
        series = _in_units_of(series, like, unit, lambda text: tell(f"{path}: {text}"))
        _check_steps(series, like)
        if not named:
            _check_count(series, like)
        forecaster.filled(series)  # errors that a forecast would raise, with the file that they are about
    except StgraphError as error:
        message = f"{path}: {error}"
        raise type(error)(message) from error
    return series


def _how(forecaster: Forecaster, path: Path, start: TimeLike | None) -> tuple[dict[str, Any], bool]:
    """Return the arguments of `read_series`, and whether the sensors of the file have names."""
    like, fitted = forecaster.latest, forecaster.provenance.get("read", {})
    if path.suffix == ".npz" and is_own_npz(path):
        return {"start": start}, True  # refused there, if given
    how = {"missing": fitted.get("missing", ()), "start": start, "interval": like.interval, "timezone": like.timezone}
    if path.suffix == ".npz":
        return how | {"channel": fitted.get("channel")}, False
    header = fitted.get("header", True)
    return how | {"channel": like.channels + like.covariate_names, "header": header}, header


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


def _in_units_of(series: TrafficSeries, like: TrafficSeries, unit: Sequence[str] | None, tell: Tell) -> TrafficSeries:
    """Return a series in the units of `like`: converted from those that were said, never from others."""
    found = tuple(unit or (own or its for own, its in zip(series.units, like.units, strict=True)))
    if found != like.units and not unit:
        message = (
            f"units: the model was fitted on {like.units}, found {found}; "
            "say what the values are in (--unit), and they are converted"
        )
        raise MismatchError(message)
    in_units = converted(replace(series, units=found), like.units)
    for channel, one, other in zip(like.channels, found, like.units, strict=True):
        if one != other:
            tell(f"{channel} converted from {one} to {other}")
    return in_units


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
