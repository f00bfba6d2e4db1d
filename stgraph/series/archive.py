"""Series in NumPy archives: our own lossless form, and the PEMS04 form of the literature."""

import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError, StgraphError
from stgraph.files import written_whole
from stgraph.series.assemble import assemble
from stgraph.series.clock import clock
from stgraph.series.observed import ObservedRule
from stgraph.series.options import names_of, refuse_options
from stgraph.series.records import Records
from stgraph.series.times import StepLike, TimeLike
from stgraph.series.traffic_series import TrafficSeries

FORM = "stgraph series 1"
PLAN = {
    "values": ("f", 3),
    "observed": ("b", 3),
    "times": ("i", 1),
    "sensors": ("U", 1),
    "channels": ("U", 1),
    "units": ("U", 1),
    "interval": ("i", 0),
    "covariates": ("f", None),
    "covariate_names": ("U", 1),
    "timezone": ("U", 0),
    "country": ("U", 0),
}
"""The arrays of our own form: NumPy's letter for the kind of their cells, and how many axes they have."""
KINDS = {"f": "decimal numbers", "b": "true and false", "i": "whole numbers", "U": "text"}


def write_npz(series: TrafficSeries, path: str | Path) -> Path:
    """Write a series without loss, whole or not at all; `read_npz` gives it back.

    Raises:
        DataError: the folder cannot be made or written to.
    """
    covariates = np.zeros(0, np.float32) if series.covariates is None else series.covariates
    with written_whole(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            form=np.array(FORM),
            values=series.values,
            observed=series.observed,
            times=series.times.astype(np.int64),
            sensors=np.array(series.sensors),
            channels=np.array(series.channels),
            units=np.array(series.units),
            interval=series.interval.astype(np.int64),
            covariates=covariates,
            covariate_names=np.array(series.covariate_names, dtype=np.str_),
            timezone=np.array(series.timezone or ""),
            country=np.array(series.country or ""),
        )
    return Path(path)


def read_npz(
    path: str | Path,
    *,
    channel: str | Sequence[str] | None = None,
    unit: str | Sequence[str] | None = None,
    missing: Sequence[float] = (),
    start: TimeLike | None = None,
    interval: StepLike | None = None,
    timezone: str | None = None,
) -> TrafficSeries:
    """Return the series in a NumPy archive.

    Either what `write_npz` wrote, which says everything itself, or an array ``data`` of (T, N) or (T, N, C) as in
    PEMS04 (Guo et al., 2019, https://doi.org/10.1609/aaai.v33i01.3301922), which needs `start` and `interval`.

    Args:
        path: the archive.
        channel: C names; None = ``speed`` for one, ``channel_0``, ``channel_1``, ... for several.
        unit: C units; None = unknown.
        missing: values that mean "not measured", besides NaN.
        start: time of the first step of ``data``.
        interval: step of ``data``.
        timezone: IANA name of the zone on whose wall clock `start` is; None = local, zone unknown.

    Raises:
        DataError: a file of another form (names the arrays found), or arrays that do not fit together.
    """
    arrays = _arrays(Path(path))
    given = {"channel": channel, "unit": unit, "start": start, "interval": interval, "timezone": timezone}
    if str(arrays.get("form")) == FORM:
        refuse_options(path, **given, missing=missing)
        return _own(arrays, path)
    if "data" not in arrays:
        message = (
            f"{path}: expected what stgraph writes, or an array 'data' as in PEMS04, found arrays {sorted(arrays)}"
        )
        raise DataError(message)
    values = _three_axes(arrays["data"], path)
    channels = names_of(channel) or _default_channels(values.shape[2])
    units = names_of(unit) or ("",) * values.shape[2]
    if not len(channels) == len(units) == values.shape[2]:
        message = f"{path}: expected a channel and a unit for each of {values.shape[2]}, found {channels} and {units}"
        raise DataError(message)

    def where(k: int) -> str:
        return f"{path}, step {k}"

    times, zone = clock(None, len(values), start=start, interval=interval, timezone=timezone, where=where)
    records = Records(
        times=times,
        cells=values,
        sensors=tuple(str(n) for n in range(values.shape[1])),
        channels=channels,
        units=units,
        timezone=zone,
        where=where,
        rule=ObservedRule(tuple(missing)),
    )
    return assemble(records, interval=interval)


def is_own_npz(path: str | Path) -> bool:
    """Return whether an archive is one that `write_npz` wrote, which says everything itself.

    Raises:
        DataError: it is no archive of arrays.
    """
    return str(_arrays(Path(path)).get("form")) == FORM


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        with path.open("rb") as file:
            if zipfile.is_zipfile(file):
                file.seek(0)
                archive = np.load(file, allow_pickle=False)
                return {name: archive[name] for name in archive.files}
            file.seek(0)
            found = "a single array" if file.read(6) == b"\x93NUMPY" else "a truncated file or another form"
    except (OSError, EOFError, RuntimeError, tokenize.TokenError, zipfile.BadZipFile, zlib.error) as error:
        message = f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error
    except ValueError as error:
        message = f"{path}: expected arrays of numbers and text, found Python objects, which are never loaded"
        raise DataError(message) from error
    message = f"{path}: expected an archive of named arrays, found {found}"
    raise DataError(message)


def _own(arrays: dict[str, NDArray[np.generic]], path: str | Path) -> TrafficSeries:
    for name, (kind, axes) in PLAN.items():
        array = arrays.get(name)
        if array is None:
            message = f"{path}: expected the array {name!r}, found {sorted(arrays)}"
            raise DataError(message)
        if array.dtype.kind != kind or (axes is not None and array.ndim != axes):
            wanted = KINDS[kind] + ("" if axes is None else f" with ndim {axes}")
            message = f"{path}, array {name!r}: expected {wanted}, found {array.dtype} of shape {array.shape}"
            raise DataError(message)
    try:
        return TrafficSeries(
            values=_single(arrays["values"]),
            observed=arrays["observed"].astype(np.bool_),
            times=arrays["times"].astype("datetime64[ns]"),
            sensors=tuple(arrays["sensors"]),
            channels=tuple(arrays["channels"]),
            units=tuple(arrays["units"]),
            interval=np.timedelta64(int(arrays["interval"]), "ns"),
            covariates=_single(arrays["covariates"]) if len(arrays["covariate_names"]) else None,
            covariate_names=tuple(arrays["covariate_names"]),
            timezone=str(arrays["timezone"]) or None,
            country=str(arrays["country"]) or None,
        )
    except StgraphError as error:
        raise type(error)(f"{path}: {error}") from error


def _three_axes(data: NDArray[np.generic], path: str | Path) -> NDArray[np.float32]:
    """Return (T, N) or (T, N, C) numbers as (T, N, C)."""
    numeric = np.issubdtype(data.dtype, np.integer) or np.issubdtype(data.dtype, np.floating)
    if not numeric or data.ndim not in {2, 3} or not data.size:
        message = f"{path}: expected data of numbers (T, N) or (T, N, C), found {data.dtype} {data.shape}"
        raise DataError(message)
    values = _single(data)
    values = values if values.ndim == 3 else values[:, :, None]
    if np.isinf(values).any():
        step, sensor, channel = (int(i) for i in np.argwhere(np.isinf(values))[0])
        message = f"{path}, step {step}, sensor {sensor}, channel {channel}: expected a finite number, found infinity"
        raise DataError(message)
    return values


def _single(numbers: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return numbers in float32; those beyond it become infinite."""
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)


def _default_channels(count: int) -> tuple[str, ...]:
    return ("speed",) if count == 1 else tuple(f"channel_{c}" for c in range(count))
