"""The scaler of a series, or of several, by the rules of split and scaling."""

from collections.abc import Iterable

import numpy as np

from stgraph.patches import Window
from stgraph.series import Sample, Scaler, Scaling, Split, TrafficSeries


def scaler_of(series: TrafficSeries, split: Split, scaling: Scaling, window: Window) -> Scaler:
    """Return the scaler of all channels.

    Args:
        series: to scale.
        split: says what the training part is.
        scaling: says which steps count, how often, and what a hole counts as.
        window: of the model; some rules count the steps of its histories.

    Raises:
        DataError: a channel that was never observed where it counts, or no training window.
    """
    return pooled_scaler([series], split, scaling, window)


def pooled_scaler(networks: Iterable[TrafficSeries], split: Split, scaling: Scaling, window: Window) -> Scaler:
    """Return one scaler of all channels for several series, each value counting alike; arguments as of `scaler_of`."""
    samples = [_sample(series, split, scaling, window) for series in networks]
    return Scaler.pooled(samples, kind=scaling.kind, counted=scaling.counted)


def _sample(series: TrafficSeries, split: Split, scaling: Scaling, window: Window) -> Sample:
    ranges, times = split.ranges(series, "train"), None
    if scaling.over == "everything":
        ranges = series.segments
    elif scaling.over != "train":
        start = window.place_part(series, split, "train").start
        last = int(start.max(initial=0))
        if scaling.over == "starts":
            ranges = ((0, last),)
        else:
            ranges = ((0, last + window.history),)
            changes = np.bincount(start, minlength=len(series) + 1)
            changes -= np.bincount(start + window.history, minlength=len(series) + 1)
            times = changes.cumsum()[: len(series)]  # how many of the histories hold each step
    return Sample(series, tuple(ranges), times)
