"""Save and load a forecaster: a folder with one JSON and one safetensors file, no pickle."""

import json
import math
import textwrap
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

import numpy as np
import scipy.sparse as sp
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from stgraph.errors import RunError, StgraphError, UnknownNameError
from stgraph.files import read_json, sha256, written_together
from stgraph.forecasting.conformal import OTHER_NETWORK, Calibration
from stgraph.forecasting.forecaster import Forecaster
from stgraph.graph import SensorGraph
from stgraph.models import MODELS, ForecastModel, Task, build_model, find_model
from stgraph.series import Profile, Scaler, Scaling, Split, TrafficSeries
from stgraph.shapes import check_shape
from stgraph.training import Epoch, Measure, Training, TrainingLog

FORMAT = 1
FACTS, TENSORS = "run.json", "tensors.safetensors"
KINDS: dict[str, Any] = {
    "model": dict,
    "sensors": list,
    "channels": list,
    "units": list,
    "timezone": str | None,
    "country": str | None,
    "provenance": dict,
}
"""What the facts that no constructor checks must be."""


def save(forecaster: Forecaster, path: str | Path) -> Path:
    """Write a forecaster to a folder: both files whole, or neither.

    The folder holds the model, its task and settings, scaler, split, graph, ids, the last history and what bounds rest
    on: all that a forecast needs. ``run.json`` names the SHA-256 of ``tensors.safetensors``, so that a torn or
    altered pair is refused.

    Raises:
        DataError: the folder cannot be written, or the disk is full; an earlier run in it stays.
        RunError: a setting of the model that is not plain data.
    """
    folder = Path(path)
    facts = _facts(forecaster)
    try:
        json.dumps(facts)
    except TypeError as error:
        message = f"{folder}: the settings of {forecaster.model.name} must be numbers, text, bool or None ({error})"
        raise RunError(message) from error
    with written_together(folder / TENSORS, folder / FACTS) as (tensors, described):
        save_file(_tensors(forecaster), tensors)
        described.write_text(json.dumps(facts | {"tensors_sha256": sha256(tensors)}, indent=1) + "\n")
    return folder


def load(path: str | Path, *, model: type[ForecastModel] | None = None) -> Forecaster:
    """Read a forecaster back; it forecasts bit for bit as the saved one on the same machine.

    Args:
        path: the folder.
        model: the class, where the run was fitted with a model of your own.

    Raises:
        RunError: the folder is missing, torn, altered or of another format; names the file.
        UnknownNameError: its model is not in this library and `model` is not given.
    """
    file = Path(path) / FACTS
    facts = _read_facts(file)
    tensors = _read_tensors(file.with_name(TENSORS), facts.get("tensors_sha256"))
    try:
        return _assemble(facts, tensors, model)
    except (RunError, UnknownNameError) as error:
        raise type(error)(f"{file}: {error}") from error
    except (StgraphError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RuntimeError) as error:
        reason = textwrap.shorten(f"{type(error).__name__}: {error}", 300)  # PyTorch names every tensor that differs
        message = f"{file}: not a run of this library, or altered ({reason})"
        raise RunError(message) from error


def _facts(forecaster: Forecaster) -> dict[str, Any]:
    latest, model = forecaster.latest, forecaster.model
    return {
        "format": FORMAT,
        "stgraph": version("stgraph"),
        "model": {"name": model.name, "builtin": MODELS.get(model.name) is type(model), "settings": model.settings},
        "task": asdict(forecaster.task),
        "scaler": {
            "mean": forecaster.scaler.mean,
            "deviation": forecaster.scaler.deviation,
            "bounded_by_zero": [low == 0 for low in forecaster.scaler.lowest],  # JSON has no infinity
        },
        "split": asdict(forecaster.split),
        "scaling": asdict(forecaster.scaling),
        "sensors": latest.sensors,
        "channels": latest.channels,
        "units": latest.units,
        "covariate_names": latest.covariate_names,
        "interval_ns": int(latest.interval.astype("int64")),
        "timezone": latest.timezone,
        "country": latest.country,
        "log": _log_facts(forecaster.log),
        "chosen": None if forecaster.chosen is None else _log_facts(forecaster.chosen),
        "training": None if forecaster.training is None else asdict(forecaster.training),
        "calibration": _calibration_facts(forecaster.calibration),
        "provenance": forecaster.provenance,
    }


def _tensors(forecaster: Forecaster) -> dict[str, Tensor]:
    graph, latest = forecaster.graph, forecaster.latest
    arrays = {
        "graph.indptr": graph.adjacency.indptr.astype(np.int64),
        "graph.indices": graph.adjacency.indices.astype(np.int64),
        "graph.data": graph.adjacency.data,
        "graph.positions": graph.positions,
        "latest.values": latest.values,
        "latest.observed": latest.observed,
        "latest.times": latest.times.astype(np.int64),
        "latest.covariates": latest.covariates,
        "profile.sums": None if forecaster.profile is None else forecaster.profile.sums,
        "profile.usual": None if forecaster.profile is None else forecaster.profile.usual,
    }
    state = {
        f"model.{name}": x.clone(memory_format=torch.contiguous_format)
        for name, x in forecaster.model.state_dict().items()
    }
    found = forecaster.calibration
    known = {} if found is None else {name: getattr(found, name) for name in ("margins", "count", "silent")}
    known = {f"calibration.{name}": x for name, x in known.items() if x is not None}
    return {name: torch.from_numpy(x.copy()) for name, x in arrays.items() if x is not None} | known | state


def _read_facts(path: Path) -> dict[str, Any]:
    facts = read_json(path, "a run is a folder that `stgraph fit --output` or Forecaster.save wrote", RunError)
    found = facts.get("format") if isinstance(facts, dict) else None
    if found != FORMAT:
        message = f"{path}: expected a run of format {FORMAT}, found {found!r}"
        raise RunError(message)
    return dict(facts)


def _read_tensors(path: Path, expected: str | None) -> dict[str, Tensor]:
    try:
        found = sha256(path)
        if found != expected:
            message = f"{path}: expected SHA-256 {expected}, found {found}: the file is truncated, altered or foreign"
            raise RunError(message)
        tensors: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        message = f"{path}: not readable as safetensors ({getattr(error, 'strerror', None) or error})"
        raise RunError(message) from error
    return tensors


def _assemble(facts: dict[str, Any], tensors: dict[str, Tensor], cls: type[ForecastModel] | None) -> Forecaster:
    for name, kind in KINDS.items():
        if not isinstance(facts[name], kind):
            message = f"{name}: expected {kind}, found {facts[name]!r}"
            raise RunError(message)
    described = facts["model"]
    if cls is None and not described["builtin"]:
        message = (
            f"the run was fitted with a model of your own, {described['name']!r}: pass load(path, model=YourClass)"
        )
        raise RunError(message)
    model = build_model(cls or find_model(described["name"]), Task(**facts["task"]), described["settings"])
    prefix = "model."
    model.load_state_dict({name[len(prefix) :]: x for name, x in tensors.items() if name.startswith(prefix)})
    model.eval()
    arrays = {name: x.numpy() for name, x in tensors.items() if not name.startswith(prefix)}
    return Forecaster(
        model=model,
        graph=_graph(facts, arrays),
        scaler=_scaler(facts["scaler"], len(facts["channels"])),
        split=Split(**facts["split"]),
        latest=_latest(facts, arrays),
        log=_log(facts["log"]),
        provenance=facts["provenance"],
        scaling=Scaling(**facts["scaling"]),
        calibration=_calibration(facts, tensors, model.task),
        training=Training(**facts["training"]) if facts.get("training") else None,  # older runs do not speak of it
        chosen=_log(facts["chosen"]) if facts.get("chosen") else None,
        profile=_profile(arrays, model),
    )


def _calibration_facts(found: Calibration | None) -> dict[str, Any] | None:
    return None if found is None else {"windows": found.windows, "carried": found.carried}


def _calibration(facts: dict[str, Any], tensors: dict[str, Tensor], task: Task) -> Calibration | None:
    if facts.get("calibration") is None:  # runs of before bounds were kept do not speak of it
        return None
    known = facts["calibration"]
    found = Calibration(
        tensors["calibration.margins"],
        tensors["calibration.count"],
        int(known["windows"]),
        tensors.get("calibration.silent"),
        carried=OTHER_NETWORK if known.get("carried") is True else known.get("carried") or "",  # runs of before: a bool
    )
    check_shape(found.count, "H N C", name="calibration", H=task.horizon, N=task.sensors, C=task.channels_out)
    return found


def _profile(arrays: dict[str, np.ndarray], model: ForecastModel) -> Profile | None:
    if not model.wants_profile:
        return None
    task, sums = model.task, arrays["profile.sums"]
    check_shape(sums, "2 S N C", name="profile", S=task.steps_per_day, N=task.sensors, C=3 * task.channels_out)
    return Profile(sums, arrays["profile.usual"])


def _scaler(facts: dict[str, Any], channels: int) -> Scaler:
    lowest = tuple(0.0 if bounded else -math.inf for bounded in facts["bounded_by_zero"])
    scaler = Scaler(tuple(facts["mean"]), tuple(facts["deviation"]), lowest)
    if len(scaler.mean) != channels:
        message = f"scaler: expected a mean for each of {channels} channels, found {scaler.mean}"
        raise RunError(message)
    return scaler


def _log_facts(log: TrainingLog) -> dict[str, Any]:
    """Return a log as plain data; an error of a part that there was not is None, since JSON has no NaN."""
    epochs = [{name: x if math.isfinite(x) else None for name, x in asdict(epoch).items()} for epoch in log.epochs]
    return asdict(log) | {"epochs": epochs}


def _log(facts: dict[str, Any]) -> TrainingLog:
    epochs = tuple(
        Epoch(**{name: math.nan if x is None else x for name, x in epoch.items()}) for epoch in facts["epochs"]
    )
    best = range(max(len(epochs), 1))[facts["best_epoch"]]  # an error where there is no such epoch
    if (measure := facts.get("measure", "mae")) not in get_args(Measure):
        message = f"log: expected a measure of {get_args(Measure)}, found {measure!r}"
        raise RunError(message)
    return TrainingLog(**{**facts, "epochs": epochs, "best_epoch": best, "seconds": float(facts["seconds"])})


def _graph(facts: dict[str, Any], arrays: dict[str, np.ndarray]) -> SensorGraph:
    count = len(facts["sensors"])
    parts = (arrays["graph.data"], arrays["graph.indices"], arrays["graph.indptr"])
    return SensorGraph(
        tuple(facts["sensors"]), sp.csr_array(parts, shape=(count, count)), arrays.get("graph.positions")
    )


def _latest(facts: dict[str, Any], arrays: dict[str, np.ndarray]) -> TrafficSeries:
    return TrafficSeries(
        values=arrays["latest.values"],
        observed=arrays["latest.observed"],
        times=arrays["latest.times"].astype("datetime64[ns]"),
        sensors=tuple(facts["sensors"]),
        channels=tuple(facts["channels"]),
        units=tuple(facts["units"]),
        interval=np.timedelta64(facts["interval_ns"], "ns"),
        covariates=arrays.get("latest.covariates"),
        covariate_names=tuple(facts["covariate_names"]),
        timezone=facts["timezone"],
        country=facts["country"],
    )
