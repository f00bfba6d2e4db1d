"""A graph from the training part of a series: sensors that move together."""

import numpy as np
from numpy.typing import ArrayLike

from stgraph.graph import SensorGraph, from_correlation
from stgraph.series import Split, TrafficSeries


def correlation_graph(
    series: TrafficSeries,
    *,
    split: Split | None = None,
    channel: str | None = None,
    threshold: float = 0.5,
    k: int | None = None,
    positions: ArrayLike | None = None,
) -> SensorGraph:
    """Join sensors that rise and fall together in the training part: no later step has a say.

    Args:
        series: of all parts.
        split: the one that the model will be fitted with; `Split()` where None.
        channel: whose values are compared; the first where None.
        threshold: smallest correlation that is an edge, see `from_correlation`.
        k: how many neighbours each sensor chooses at most; None = all.
        positions: (N, 2) longitude and latitude in degrees, or None.

    Raises:
        MismatchError: the series has no such channel.
        DataError: `threshold` or `k` out of range.
    """
    ranges = (split or Split()).ranges(series, "train")
    steps = np.concatenate([np.arange(first, last) for first, last in ranges])
    one = series.select(channels=(channel or series.channels[0],))
    values, observed = (array[steps, :, 0] for array in (one.values, one.observed))
    return from_correlation(values, observed, series.sensors, threshold=threshold, k=k, positions=positions)
