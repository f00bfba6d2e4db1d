"""How long one step of a model takes, at a size of one's choice and without any data."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import nn

from stgraph.models import ForecastModel
from stgraph.patches import PatchBatch, cut_weights, whole
from stgraph.propagation import build_weights
from stgraph.training.options import Precision

NEIGHBOURS = 8  # of a sensor on average: 4 % of 207, about what a kernel of road distances leaves


@dataclass(frozen=True)
class StepTime:
    """Seconds of one step, the median of a few.

    Args:
        inference: forward alone, without gradients.
        training: forward, backward and Adam; None for a model that is not trained by gradient.
    """

    inference: float
    training: float | None


def random_adjacency(sensors: int, *, seed: int = 0) -> "sp.csr_array[np.float64]":
    """Return the (N, N) weights of a random graph in which a sensor has some 8 neighbours.

    Args:
        sensors: N.
        seed: of the graph.
    """
    density = min(NEIGHBOURS / sensors, 1.0)
    return sp.csr_array(sp.random_array((sensors, sensors), density=density, rng=np.random.default_rng(seed)))


def random_batch(model: ForecastModel, batch_size: int = 64, *, seed: int = 0) -> PatchBatch:
    """Return noise of the shape of the model's task, all observed, on a `random_adjacency`.

    Args:
        model: says its task and its weights.
        batch_size: number of windows, B.
        seed: of the noise and the graph.
    """
    task, generator = model.task, torch.Generator().manual_seed(seed)
    steps = task.history + task.horizon
    weights = build_weights(random_adjacency(task.sensors, seed=seed), model.weights)
    moments = torch.arange(batch_size)[:, None] + torch.arange(steps)
    calendar = torch.stack([moments % task.steps_per_day, moments // task.steps_per_day % 7, 0 * moments], dim=-1)
    target = torch.randn(batch_size, task.horizon, task.sensors, task.channels_out, generator=generator)
    signal = torch.randn(batch_size, task.history, task.sensors, task.channels_in, generator=generator)
    covariates = torch.randn(batch_size, steps, 1, task.covariates, generator=generator)
    profile = torch.rand(batch_size, steps, task.sensors, 3 * task.channels_out, generator=generator)
    return PatchBatch(
        signal=signal,
        observed=torch.ones_like(signal, dtype=torch.bool),
        calendar=calendar[:, :, None],
        weights=cut_weights(weights, [whole(task.sensors)]),
        sensors=torch.arange(task.sensors),
        centre=torch.ones(task.sensors, dtype=torch.bool),
        block=torch.zeros(task.sensors, dtype=torch.long),
        covariates=covariates if task.covariates else None,
        static=torch.randn(task.sensors, task.static, generator=generator) if task.static else None,
        profile=profile if model.wants_profile else None,
        target=target,
        target_observed=torch.ones_like(target, dtype=torch.bool),
    )


def steps_of(
    model: nn.Module, batch: PatchBatch, *, precision: Precision = "32", device: torch.device | str = "cpu"
) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return what forecasts once and what trains once: forward, backward and Adam; each waits until it is done.

    Args:
        model: a module that makes (B, H, N, C_out) of a batch; moved to the device, trained in place.
        batch: with a target in scaled units.
        precision: "32", or "bf16" (automatic mixed precision).
        device: where to run.
    """
    device = torch.device(device)
    model, batch = model.to(device), batch.to(device)
    autocast = torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")
    blind = replace(batch, target=None, target_observed=None)
    parameters = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.Adam(parameters) if parameters else None

    def forecast() -> None:
        model.eval()
        with torch.no_grad(), autocast:
            model(blind)
        torch.get_device_module(device).synchronize()

    def learn() -> None:
        if adam is None:
            return
        model.train()
        with autocast:
            out = model(batch)
        loss = (out.float() - batch.target).abs().mean()
        if isinstance(model, ForecastModel) and model.auxiliary_loss is not None:
            loss, model.auxiliary_loss = loss + model.auxiliary_loss, None
        adam.zero_grad()
        loss.backward()
        adam.step()
        torch.get_device_module(device).synchronize()

    return forecast, learn


def time_step(
    model: ForecastModel,
    batch: PatchBatch,
    *,
    precision: Precision = "32",
    device: torch.device | str = "cpu",
    repeats: int = 3,
) -> StepTime:
    """Time a forecast and a training step.

    Args:
        model: to time; is changed in place.
        batch: with a target in scaled units.
        precision: "32", or "bf16" (automatic mixed precision).
        device: where to run.
        repeats: how many are timed, after one that warms up.
    """
    forecast, learn = steps_of(model, batch, precision=precision, device=device)
    works = [forecast, learn] if model.trained == "gradient" else [forecast]
    medians = np.median(seconds_of(works, repeats), axis=1)
    return StepTime(float(medians[0]), float(medians[1]) if len(works) == 2 else None)


def seconds_of(works: Sequence[Callable[[], object]], repeats: int = 7) -> NDArray[np.float64]:
    """Return the seconds of each piece of work, which take turns, after one round that warms up.

    Args:
        works: what to do; each returns when it is done.
        repeats: rounds that are timed.

    Returns:
        (len(works), repeats).
    """
    taken = np.empty((1 + repeats, len(works)))
    for row in taken:
        for k, work in enumerate(works):
            start = time.perf_counter()
            work()
            row[k] = time.perf_counter() - start
    return taken[1:].T
