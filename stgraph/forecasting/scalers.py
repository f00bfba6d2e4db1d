"""The scaler of a series, by the rules of its split and scaling."""

import numpy as np

from stgraph.patches import Window
from stgraph.series import Scaler, Scaling, Split, TrafficSeries


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
    return Scaler.fit(series, ranges, kind=scaling.kind, times=times, counted=scaling.counted)
