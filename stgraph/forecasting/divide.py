"""The whole graph, or patches of it: what a batch of training has, and whether that fits into memory."""

from collections.abc import Callable
from pathlib import Path

import psutil
import torch

from stgraph.errors import DataError
from stgraph.graph import SensorGraph, partition
from stgraph.models import ForecastModel
from stgraph.patches import Patch, PatchLoader, grid_patches
from stgraph.training import Training, World

SMALL = 1024
"""Sensors: so small a network is taken whole. One that does not fit into memory has patches of so many, or fewer."""
SAMPLE, FEW, MORE = 128, 2, 6  # sensors and windows of the two steps by which memory is estimated
SHARE = 0.8
"""Of the free memory, what a step may take."""
HELD = 2.0
"""Bytes that a process holds for each byte of its tensors: it keeps what was freed, in pieces that fit few others."""


def patches_of(graph: SensorGraph, model: ForecastModel, size: int) -> list[Patch]:
    """Return disjoint patches of about `size` sensors, each with the halo in which `model` is exact.

    Raises:
        DataError: the model sees the whole graph.
    """
    if model.reach is None:
        message = (
            f"patches: {model.name} sees the whole graph, so no patch gives its answer; expected 'whole', found {size}"
        )
        raise DataError(message)
    return grid_patches(graph, partition(graph, -(-len(graph) // size)), model.reach)


def size_that_fits(
    graph: SensorGraph,
    model: ForecastModel,
    batches: Callable[..., PatchLoader],
    training: Training,
) -> int | None:
    """Return the size of patches with which a training step fits into memory; None = the whole graph does.

    Args:
        graph: to divide.
        model: to train by gradient.
        batches: of `patches`, `batch_size` windows each.
        training: how to train.
    """
    if len(graph) <= SMALL or model.reach is None:
        return None
    taken, free = step_memory(graph, model, batches, training), SHARE * free_memory(training)
    if taken(len(graph)) <= free:
        return None
    size, blocks = SMALL, -(-training.blocks // World.here().size)
    while size > 1 and taken(blocks * max(map(len, patches_of(graph, model, size)))) > free:
        size //= 2
    return size


def step_memory(
    graph: SensorGraph, model: ForecastModel, batches: Callable[..., PatchLoader], training: Training
) -> Callable[[int], float]:
    """Return the bytes by which a training step makes this process grow, as a function of the sensors in its batch.

    Two steps are taken on a small patch, with a few windows and with more: memory grows with windows times sensors.
    What their tensors take is counted; `benchmarks.scale` holds what a process grew by beside it.
    Arguments are those of `size_that_fits`.
    """
    from stgraph.training import footprint  # noqa: PLC0415 - Lightning takes seconds to import

    sample = patches_of(graph, model, SAMPLE)[:1]

    def taken(windows: int) -> int:
        loader = batches(patches=sample, batch_size=windows)
        loader.layout = "csr"  # as that of a large batch will be
        return footprint(model, next(iter(loader)), precision=training.precision)

    few, more = taken(FEW), taken(MORE)
    each = (more - few) / ((MORE - FEW) * len(sample[0]))  # bytes a window and sensor
    return lambda sensors: HELD * (few + each * (training.batch_size * sensors - FEW * len(sample[0])))


def free_memory(training: Training) -> int:
    """Return the bytes that are free where training will run: of the accelerator, or of this machine or container.

    Processes share the memory of their machine; a GPU each has for itself.
    """
    shares = World.here().on_machine
    if training.accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available():
        free, _ = torch.cuda.mem_get_info()
        return int(free)
    free = int(psutil.virtual_memory().available)
    limit, used = (Path("/sys/fs/cgroup") / name for name in ("memory.max", "memory.current"))
    try:
        return min(free, int(limit.read_text()) - int(used.read_text())) // shares
    except (OSError, ValueError):  # no container, or one without a limit
        return free // shares
