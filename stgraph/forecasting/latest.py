"""The newest history on an unbroken clock, with room for the future."""

from dataclasses import replace

import numpy as np

from stgraph.series import TrafficSeries


def latest_window(series: TrafficSeries, history: int, horizon: int) -> TrafficSeries:
    """Return the last `history` steps on an unbroken clock, and `horizon` empty steps after them.

    Steps that the series lacks are unobserved. Covariates keep the last value known.

    Args:
        series: any length, with or without gaps.
        history: steps up to and including the last time of the series.
        horizon: steps after it.
    """
    start = series.times[-1] - (history - 1) * series.interval
    times = start + np.arange(history + horizon) * series.interval
    recent = series.slice(int(np.searchsorted(series.times, start)))
    place = ((recent.times - start) // series.interval).astype(np.int64)
    shape = (history + horizon, *series.values.shape[1:])
    values, observed = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=bool)
    values[place], observed[place] = recent.values, recent.observed
    covariates = None
    if recent.covariates is not None:  # the last one known stays
        filled = np.clip(np.searchsorted(place, np.arange(history + horizon), side="right") - 1, 0, None)
        covariates = recent.covariates[filled]
    return replace(series, values=values, observed=observed, times=times, covariates=covariates)
