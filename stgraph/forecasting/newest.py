"""The newest observations, however they come: on the sensors that a model knows, with notes on what was amiss."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError, MismatchError
from stgraph.series import TrafficSeries

SHOWN = 10


def on_sensors_of(series: TrafficSeries, like: TrafficSeries, history: int) -> tuple[TrafficSeries, tuple[str, ...]]:
    """Return newest observations with the sensors and channels of `like`, in its order, and its holidays; and notes.

    A sensor that the series lacks is unobserved; its own covariates, where each sensor has some, are the mean of the
    others'. A sensor that `like` lacks is left out. The notes are those of the series, and name both, and sensors
    without a value in the history.

    Args:
        series: on the clock of `like`, in any order; only the end of it counts.
        like: what the model was fitted on.
        history: steps that the model looks at, up to the last one of the series.

    Raises:
        MismatchError: none of the sensors is there, or channels, units, interval, covariates or timezone differ.
        DataError: nothing was observed in the history.
    """
    there = set(series.sensors)
    known = tuple(name for name in like.sensors if name in there)
    if not known:
        message = (
            f"expected sensors that the model was fitted on, such as {_named(like.sensors[:3])}, found none of them "
            f"among {len(series.sensors)}: {_named(series.sensors[:3])}"
        )
        raise MismatchError(message)
    series_of_known = in_form_of(series.select(sensors=known, channels=like.channels), like)
    unknown, missing = (sorted(there.difference(known)), [name for name in like.sensors if name not in there])
    notes = list(series.notes)
    if missing:
        notes.append(f"{len(missing)} of {len(like.sensors)} sensors missing, taken as unobserved: {_named(missing)}")
    if unknown:
        notes.append(f"{len(unknown)} unknown sensor{'s' * (len(unknown) > 1)} ignored: {_named(unknown)}")
    notes += _silent(series_of_known, history)
    return _with_missing(series_of_known, like.sensors), tuple(notes)


def in_form_of(series: TrafficSeries, like: TrafficSeries) -> TrafficSeries:
    """Return a series with the holidays of `like`, whose units, interval, covariates and timezone it must have.

    Raises:
        MismatchError: they differ.
    """
    for name in ("units", "interval", "covariate_names", "timezone"):
        if getattr(series, name) != getattr(like, name):
            message = f"{name}: the model was fitted on {getattr(like, name)}, found {getattr(series, name)}"
            raise MismatchError(message)
    return series if series.country == like.country else replace(series, country=like.country)


def _silent(series: TrafficSeries, history: int) -> list[str]:
    """Name the sensors without a value in the history, with the time of their newest one."""
    first = np.searchsorted(series.times, series.times[-1] - (history - 1) * series.interval)
    silent = np.logical_not(series.observed[first:].any((0, 2)))
    local = series.local_times
    if silent.all():
        message = f"nothing was observed in the last {history} steps up to {local[-1]}"
        raise DataError(message)
    if not silent.any():
        return []
    names = []
    for n in np.flatnonzero(silent)[:SHOWN]:
        seen = np.flatnonzero(series.observed[:first, n].any(1))
        newest = f"newest of {local[int(seen[-1])]}" if len(seen) else "none known"
        names.append(f"{series.sensors[n]!r} ({newest})")
    count = int(silent.sum())
    having = "sensors have" if count > 1 else "sensor has"
    return [f"{count} {having} no value in the last {history} steps up to {local[-1]}: {_listed(names, count)}"]


def _with_missing(series: TrafficSeries, sensors: tuple[str, ...]) -> TrafficSeries:
    """Return a series with all of `sensors`, those that it lacks unobserved."""
    if series.sensors == sensors:
        return series
    place = {name: n for n, name in enumerate(sensors)}
    at = [place[name] for name in series.sensors]

    def spread(known: NDArray[Any], rest: Any) -> NDArray[Any]:  # noqa: ANN401 - of the kind of the array
        whole = np.empty((len(known), len(sensors), known.shape[2]), dtype=known.dtype)
        whole[:] = rest
        whole[:, at] = known
        return whole

    values, observed, covariates = spread(series.values, 0), spread(series.observed, rest=False), series.covariates
    if covariates is not None and covariates.shape[1] > 1:
        covariates = spread(covariates, covariates.mean(1, keepdims=True))
    return replace(series, values=values, observed=observed, sensors=sensors, covariates=covariates)


def _named(names: Sequence[str]) -> str:
    return _listed([repr(name) for name in names[:SHOWN]], len(names))


def _listed(texts: Sequence[str], count: int) -> str:
    """Join the texts that are shown of so many.

    >>> _listed(["a", "b"], 2), _listed(["a", "b"], 12)
    ('a, b', 'a, b and 10 more')
    """
    return ", ".join(texts) + (f" and {count - len(texts)} more" if count > len(texts) else "")
