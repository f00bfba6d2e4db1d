"""The batches that a model wants of a series on a graph."""

from collections.abc import Sequence

from scipy.sparse import csr_array

from stgraph.models import ForecastModel
from stgraph.patches import PatchLoader, Placed, Resident, whole
from stgraph.series import Scaler, Scaling, TrafficSeries


def batches_for(
    model: ForecastModel,
    series: TrafficSeries,
    weights: Sequence[csr_array],
    scaler: Scaler,
    placed: Placed,
    *,
    scaling: Scaling | None = None,
    batch_size: int = 64,
    shuffle: bool = False,
    seed: int = 0,
    with_target: bool = True,
) -> PatchLoader:
    """Return batches of the whole graph with the channels and windows that `model` asks for.

    Args:
        model: says which targets.
        series: on the sensors of the weights, in their order.
        weights: those that the model asks for, (N, N) each, of the whole graph.
        scaler: of all channels.
        placed: windows, of the model's history and horizon where it is trained by gradient.
        scaling: says what stands for a hole; None = the mean.
        batch_size: windows in a batch.
        shuffle: a new random order each epoch.
        seed: of that order.
        with_target: False where the horizon has not happened yet.

    Raises:
        DataError: no window fits.
    """
    return PatchLoader(
        Resident.of(series, scaler, model.task.targets, shown=(scaling or Scaling()).shown),
        weights,
        [whole(len(series.sensors))],
        placed,
        batch_size=batch_size,
        shuffle=shuffle,
        seed=seed,
        with_target=with_target,
    )
