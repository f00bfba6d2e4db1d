"""The batches that a model wants of a series on a graph."""

from collections.abc import Sequence

from scipy.sparse import csr_array

from stgraph.models import ForecastModel
from stgraph.patches import Patch, PatchLoader, Placed, Resident, whole
from stgraph.series import Profile, Ranges, Scaler, Scaling, TrafficSeries

AT_ONCE = 2**16
"""Sensors times windows in a batch that nothing is learned from: what a training batch has, 64 times 1,024."""


def batches_for(
    model: ForecastModel,
    series: TrafficSeries,
    weights: Sequence[csr_array],
    scaler: Scaler,
    placed: Placed,
    *,
    scaling: Scaling | None = None,
    profile: Profile | None = None,
    leave_out: Ranges = (),
    patches: Sequence[Patch] | None = None,
    blocks: int = 1,
    batch_size: int = 64,
    shuffle: bool = False,
    seed: int = 0,
    with_target: bool = True,
    shares: int = 1,
    share: int | None = None,
) -> PatchLoader:
    """Return batches of the whole graph, or of patches, with the channels and windows that `model` asks for.

    Args:
        model: says which targets.
        series: on the sensors of the weights, in their order.
        weights: those that the model asks for, (N, N) each, of the whole graph.
        scaler: of all channels.
        placed: windows, of the model's history and horizon where it is trained by gradient.
        scaling: says what stands for a hole; None = the mean.
        profile: where the model asks for one.
        leave_out: stretches of steps that the profile rests on, where windows are not to be shown their own values.
        patches: what each batch has some of; None = the whole graph.
        blocks: how many of them.
        batch_size: windows in a batch.
        shuffle: a new random order each epoch.
        seed: of that order.
        with_target: False where the horizon has not happened yet.
        shares: processes that make a batch together.
        share: which of them this one is; None = all.

    Raises:
        DataError: no window fits.
    """
    return PatchLoader(
        Resident.of(
            series,
            scaler,
            model.task.targets,
            shown=(scaling or Scaling()).shown,
            profile=profile,
            leave_out=leave_out,
        ),
        weights,
        patches or [whole(len(series.sensors))],
        placed,
        batch_size=batch_size,
        blocks=blocks,
        shuffle=shuffle,
        seed=seed,
        with_target=with_target,
        shares=shares,
        share=share,
    )


def windows_at_once(sensors: int, batch_size: int) -> int:
    """Return how many windows of the whole graph to forecast at once: `batch_size`, or fewer of a large network.

    >>> windows_at_once(207, 64), windows_at_once(50_000, 64)
    (64, 1)
    """
    return max(1, min(batch_size, AT_ONCE // sensors))
