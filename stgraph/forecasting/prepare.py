"""What precedes every training: the task, the scaler, the model and its batches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch

from stgraph.errors import DataError
from stgraph.forecasting.divide import patches_of, size_that_fits
from stgraph.forecasting.loaders import batches_for, windows_at_once
from stgraph.forecasting.scalers import scaler_of
from stgraph.graph import SensorGraph
from stgraph.models import ForecastModel, Task, build_model, find_model
from stgraph.patches import Batches, MixedLoader, Patch, PatchLoader, Window
from stgraph.propagation import build_weights
from stgraph.series import Part, Profile, Scaler, Scaling, Split, TrafficSeries
from stgraph.training import Training, World

ModelChoice = str | type[ForecastModel] | Callable[[Task], ForecastModel]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A model that is not trained yet, and the batches to train it on.

    Args:
        model: with its first parameters.
        series: of the sensors of `graph`.
        graph: in the order of the series.
        scaler: of all channels.
        split: of the series.
        scaling: of its values.
        training: how to train; its patches are settled.
        batches: of the training part.
        validation: of the part that chooses the epoch; None where there is none, or the model does not look at it.
        profile: what was usual in the training part, where the model asks for that.
    """

    model: ForecastModel
    series: TrafficSeries
    graph: SensorGraph
    scaler: Scaler
    split: Split
    scaling: Scaling
    training: Training
    batches: PatchLoader
    validation: PatchLoader | None
    profile: Profile | None = None

    @property
    def target_scaler(self) -> Scaler:
        """The scaler of the channels to forecast."""
        return self.scaler.select(self.model.task.targets)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch; afterwards the caller's random state is what it was."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def prepare(
    series: TrafficSeries,
    graph: SensorGraph,
    model: ModelChoice,
    *,
    history: int,
    horizon: int,
    targets: Sequence[str] | None = None,
    split: Split | None = None,
    scaling: Scaling | None = None,
    training: Training | None = None,
    settings: Mapping[str, Any] | None = None,
    quantiles: Sequence[float] = (),
    scaler: Scaler | None = None,
    named: str = "the series",
) -> Prepared:
    """Check and make all that a training needs; arguments and errors are those of `fit`, which say `named` of it.

    Among several processes, the first one alone looks at the whole series; each has batches of its own share.
    A `scaler` that is given is taken instead of that of the series.
    """
    world = World.here()
    split, scaling, training = split or Split(), scaling or Scaling(), training or Training()
    _check_device(training)
    series, graph = scaling.applied(series), graph.align(series.sensors)
    task = task_of(series, history, horizon, targets, quantiles)
    window = Window(history, horizon)
    with _of(named):
        scaler = scaler or world.first(lambda: scaler_of(series, split, scaling, window))
    chosen = made(model, task, settings)
    weights = build_weights(graph.adjacency, chosen.weights)
    known, profile = split.ranges(series, "train"), None
    if chosen.wants_profile:
        profile = world.first(lambda: Profile.of(series, scaler, known, chosen.task.targets))

    def batches(part: Part, window: Window, **how: Any) -> PatchLoader:  # noqa: ANN401 - keywords of batches_for
        placed = window.place_part(series, split, part)
        with _of(f"{named}, {part} part"):
            left = known if part == "train" and profile is not None else ()
            how = {"scaling": scaling, "profile": profile, "leave_out": left} | how
            return batches_for(chosen, series, weights, scaler, placed, **how)

    if chosen.trained != "gradient":
        patches = _patches(graph, chosen, training)
        size = windows_at_once(max(map(len, patches)) if patches else len(graph), training.batch_size)
        first = batches("train", chosen.closed_window(), patches=patches, batch_size=size)
        validation = None
    else:
        training, how = _divided(graph, chosen, partial(batches, "train", window), training)
        validation = batches(split.selection, window, **how) if getattr(split, split.selection) else None
        if validation is not None:
            with _of(f"{named}, {split.selection} part"):
                world.first(lambda: _check_observed(series, split))
        first = batches("train", window, shuffle=True, seed=training.seed, **how)
    return Prepared(chosen, series, graph, scaler, split, scaling, training, first, validation, profile)


def together(first: Prepared, others: Sequence[Prepared]) -> tuple[Batches, Batches | None]:
    """Return the batches of training and of validation of all networks; of one alone they are its own.

    The patches in a batch are of whichever networks come next; of a model that sees the whole graph there is but one.
    """
    if not others:
        return first.batches, first.validation
    every, world = (first, *others), World.here()
    validation = [each.validation for each in every if each.validation is not None]
    at_once = 1 if first.model.reach is None else -(-first.training.blocks // world.size)
    for loader in (*(each.batches for each in every), *validation):
        loader.blocks = world.size  # one of each process: it is here that they are put together
    loaders, shuffle = [each.batches for each in every], first.batches.shuffle
    batches = MixedLoader(loaders, at_once=at_once, shuffle=shuffle, seed=first.training.seed)
    return batches, MixedLoader(validation, at_once=at_once) if validation else None


def _divided(
    graph: SensorGraph, model: ForecastModel, batches: Callable[..., PatchLoader], training: Training
) -> tuple[Training, dict[str, Any]]:
    """Return the training with its patches settled, and the patches, their number and that of windows in a batch."""
    world = World.here()
    if training.patches == "auto":
        fitting = world.first(lambda: size_that_fits(graph, model, batches, training))
        training = replace(training, patches=fitting or "whole")
    patches, shared = _patches(graph, model, training), {"shares": world.size, "share": world.share}
    return training, {"patches": patches, "blocks": training.blocks, "batch_size": training.batch_size} | shared


def _patches(graph: SensorGraph, model: ForecastModel, training: Training) -> list[Patch] | None:
    """Return the patches of the size that is asked for; None = the whole graph."""
    size = training.patches
    return World.here().first(lambda: patches_of(graph, model, size)) if isinstance(size, int) else None


def _check_device(training: Training) -> None:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    wanted = list(there) if training.accelerator == "gpu" else [training.accelerator]
    if not any(there.get(kind, True) for kind in wanted):
        message = (
            f"accelerator: expected one that this machine has, found {training.accelerator!r}; try 'auto' or 'cpu'"
        )
        raise DataError(message)
    world, gpus = World.here(), torch.cuda.device_count()
    if world.size > 1 and training.accelerator != "cpu" and any(there.values()) and gpus < world.on_machine:
        message = (
            f"accelerator: expected 'cpu', or a CUDA device for each of the {world.on_machine} processes on this "
            f"machine, found {gpus}"
        )
        raise DataError(message)


@contextmanager
def _of(place: str) -> Iterator[None]:
    """Begin an error of the data with its place."""
    try:
        yield
    except DataError as error:
        message = f"{place}: {error}"
        raise DataError(message) from error


def task_of(
    series: TrafficSeries, history: int, horizon: int, targets: Sequence[str] | None, quantiles: Sequence[float]
) -> Task:
    """Return the task of a fit; arguments and errors are its."""
    names = list(targets or series.channels[:1])
    unknown = [name for name in names if name not in series.channels]
    if unknown or len(set(names)) < len(names):
        message = f"targets: expected channels out of {series.channels}, each once, found {names}"
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
        quantiles=tuple(quantiles),
    )


def made(model: ModelChoice, task: Task, settings: Mapping[str, Any] | None) -> ForecastModel:
    """Return the model of a fit with its first parameters; arguments and errors are those of `fit`."""
    if isinstance(model, str):
        model = find_model(model)
    if isinstance(model, type):
        return build_model(model, task, settings)
    if settings:
        message = "settings: expected none beside a function that makes the model; let the function set them"
        raise DataError(message)
    return model(task)


def _check_observed(series: TrafficSeries, split: Split) -> None:
    if not any(series.observed[a:b].any() for a, b in split.ranges(series, split.selection)):
        message = "nothing was observed, so no epoch can be chosen"
        raise DataError(message)
