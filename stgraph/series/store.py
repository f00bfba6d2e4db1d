"""A series on disk: a folder of plain NumPy arrays and a JSON of facts, opened at once whatever its size."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError, StgraphError
from stgraph.files import read_json, sha256, written_folder
from stgraph.series.traffic_series import TrafficSeries

FORM = "stgraph store 1"
FACTS = "series.json"
KINDS = {"values": "<f4", "observed": "|b1", "times": "<i8", "covariates": "<f4"}
"""How the cells of each array are kept."""


def write_store(series: TrafficSeries, folder: str | Path, *, sources: Iterable[Path] = ()) -> Path:
    """Write a series without loss to a folder that is not there yet, whole or not at all; `open_series` opens it.

    The folder holds ``values.npy`` (T, N, C) float32, ``observed.npy`` (T, N, C) bool, ``times.npy`` (T,) int64
    nanoseconds since 1970, ``covariates.npy`` where there are any, and ``series.json``: names, units and interval; the
    SHA-256 of each array, and one of all this, which is that of the store; path, size, time and SHA-256 of the sources,
    and the notes of the series.

    Args:
        series: to write.
        folder: to make.
        sources: files that it was read from, for the record.

    Raises:
        DataError: the folder is there already, or cannot be written.
    """
    arrays = {"values": series.values, "observed": series.observed, "covariates": series.covariates}
    with written_folder(folder) as temporary:
        for name, array in arrays.items():
            if array is not None:
                np.save(temporary / f"{name}.npy", np.ascontiguousarray(array))
        seal(temporary, series, sources)
    return Path(folder)


def open_series(folder: str | Path) -> TrafficSeries:
    """Return the series in a store: its arrays are read-only memory maps, whose values were checked when written.

    Raises:
        DataError: the folder is no store, its facts are altered, or an array is truncated or of another form.
    """
    place = Path(folder)
    facts = _read_facts(place)
    arrays = {name: _mapped(place / f"{name}.npy", known) for name, known in facts["arrays"].items()}
    try:
        return TrafficSeries(
            values=arrays["values"],
            observed=arrays["observed"],
            times=np.array(arrays["times"]).astype("datetime64[ns]"),
            sensors=tuple(facts["sensors"]),
            channels=tuple(facts["channels"]),
            units=tuple(facts["units"]),
            interval=np.timedelta64(facts["interval_ns"], "ns"),
            covariates=arrays.get("covariates"),
            covariate_names=tuple(facts["covariate_names"]),
            timezone=facts["timezone"],
            country=facts["country"],
            notes=tuple(facts["notes"]),
            checked=True,
        )
    except StgraphError as error:
        raise type(error)(f"{place}: {error}") from error


def is_store(path: str | Path) -> bool:
    """Return whether a folder is a store, or was meant to be one."""
    return (Path(path) / FACTS).is_file()


def store_sha256(folder: str | Path) -> str:
    """Return the SHA-256 of a store once its arrays are shown to be those that it was made of.

    An array of the size and the time of change that the facts name is taken to be the one written, as ``git`` and
    ``make`` do; of any other, one that was copied, say, the SHA-256 is computed.

    Raises:
        DataError: the folder is no store, its facts are altered, or an array is not the one written.
    """
    place = Path(folder)
    facts = _read_facts(place)
    for name, known in facts["arrays"].items():
        path = place / f"{name}.npy"
        _check_size(path, known)
        if path.stat().st_mtime_ns != facts["changed_ns"][name]:
            found = sha256(path)
            if found != known["sha256"]:
                message = f"{path}: expected SHA-256 {known['sha256']}, found {found}: the file was changed"
                raise DataError(message)
    return str(facts["sha256"])


def seal(folder: Path, series: TrafficSeries, sources: Iterable[Path]) -> None:
    """Make a store of a folder that holds the values of a series: add its times, its facts and its sources."""
    np.save(folder / "times.npy", series.times.astype(np.int64))
    files = {name: folder / f"{name}.npy" for name in KINDS if (folder / f"{name}.npy").exists()}
    facts = {
        "form": FORM,
        "sensors": series.sensors,
        "channels": series.channels,
        "units": series.units,
        "covariate_names": series.covariate_names,
        "interval_ns": int(series.interval.astype("int64")),
        "timezone": series.timezone,
        "country": series.country,
        "arrays": {name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for name, path in files.items()},
    }
    facts |= {
        "sha256": _digest(facts),
        "changed_ns": {name: path.stat().st_mtime_ns for name, path in files.items()},
        "sources": [_source(path) for path in sources],
        "notes": series.notes,
        "stgraph": version("stgraph"),
    }
    (folder / FACTS).write_text(json.dumps({**facts, "facts_sha256": _digest(facts)}, indent=1) + "\n")


def _digest(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _source(path: Path) -> dict[str, Any]:
    status = path.stat()
    changed = datetime.fromtimestamp(status.st_mtime, UTC).isoformat(timespec="seconds")
    return {"path": str(path.resolve()), "bytes": status.st_size, "changed": changed, "sha256": sha256(path)}


def _read_facts(folder: Path) -> dict[str, Any]:
    path = folder / FACTS
    facts = read_json(path, "a store is a folder that `stgraph store` or write_store wrote")
    form = facts.get("form") if isinstance(facts, dict) else None
    if form != FORM:
        message = f"{path}: expected a store of the form {FORM!r}, found {form!r}"
        raise DataError(message)
    expected = facts.pop("facts_sha256", None)
    if _digest(facts) != expected:
        message = f"{path}: expected facts of SHA-256 {expected}, found {_digest(facts)}: the file was altered"
        raise DataError(message)
    return dict(facts)


def _mapped(path: Path, known: Mapping[str, Any]) -> NDArray[Any]:
    _check_size(path, known)
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        message = f"{path}: not readable as an array of NumPy ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error
    if array.dtype.str != KINDS[path.stem] or not array.flags.c_contiguous:
        message = f"{path}: expected cells of {KINDS[path.stem]} in the order of C, found {array.dtype.str}"
        raise DataError(message)
    return array


def _check_size(path: Path, known: Mapping[str, Any]) -> None:
    try:
        found = path.stat().st_size
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror})"
        raise DataError(message) from error
    if found != known["bytes"]:
        message = f"{path}: expected {known['bytes']} bytes, found {found}: the file is truncated or altered"
        raise DataError(message)
