"""One pass over the validation part: how far its truths lay from their forecasts."""

import numpy as np
import torch
from torch import Tensor

from stgraph.forecasting.conformal import PERCENTS, Calibration, band_for, margins_of_sensors, scores_of
from stgraph.forecasting.forecaster import Forecaster
from stgraph.forecasting.prepare import Prepared
from stgraph.patches import Window
from stgraph.series import TrafficSeries
from stgraph.training import World

MOST_SCORES = 2**28
"""Scores held at once, a gibibyte; of a part with more, windows evenly apart are looked at."""


def calibrate(forecaster: Forecaster, series: TrafficSeries, *, batch_size: int = 64) -> Calibration | None:
    """Return what the validation part says of the errors to expect; None where the split has no window of it.

    The test part is never looked at. Several processes share the windows, and all return the same.

    Args:
        forecaster: trained.
        series: that it was fitted on.
        batch_size: windows forecast at once.
    """
    task = forecaster.task
    if not len(Window(task.history, task.horizon).place_part(series, forecaster.split, "validation")):
        return None
    kept: dict[tuple[int, int], list[int]] = {}  # band -> places of the coverages that it is widened for
    for k, percent in enumerate(PERCENTS.tolist()):
        kept.setdefault(band_for(task.quantiles, percent), []).append(k)
    scores = _scores(forecaster, series, list(kept), batch_size)
    margins = torch.empty(*scores.shape[1:4], len(PERCENTS))
    for band, places in zip(scores, kept.values(), strict=True):
        for lead, of_sensors in enumerate(band):  # one by one: sorting copies
            margins[lead, ..., places] = margins_of_sensors(of_sensors, PERCENTS[places])
    return Calibration(margins, scores[0].isnan().logical_not().sum(-1), scores.shape[-1])


def memory_of(prepared: Prepared) -> int:
    """Return the bytes that calibration will hold at once: scores, margins, and one lead that is sorted."""
    task, window = prepared.model.task, Window(prepared.model.task.history, prepared.model.task.horizon)
    windows = len(window.place_part(prepared.series, prepared.split, "validation"))
    if not windows:
        return 0
    bands = len({band_for(task.quantiles, percent) for percent in PERCENTS.tolist()})
    targets = task.sensors * task.channels_out
    kept = -(-windows // _every(windows, bands * task.horizon * targets))
    return 4 * targets * (task.horizon * (bands * kept + len(PERCENTS)) + 4 * kept)  # sorting: values and int64 places


def _every(windows: int, scores: int) -> int:
    """Return how far apart windows are that are looked at, where each has so many scores."""
    return -(-windows * scores // MOST_SCORES)


def _scores(forecaster: Forecaster, series: TrafficSeries, bands: list[tuple[int, int]], batch_size: int) -> Tensor:
    """Return the scores of each band, (bands, H, N, C_out, M), NaN where the truth was not observed."""
    task, world = forecaster.task, World.here()
    loader = forecaster.batches(series, "validation", batch_size=batch_size)
    each = len(bands) * task.horizon * task.sensors * task.channels_out
    places = np.arange(0, len(loader.placed), _every(len(loader.placed), each))
    loader.placed = loader.placed.take(places[world.rank :: world.size])
    scores = torch.zeros(len(bands), task.horizon, task.sensors, task.channels_out, len(places))
    mine, done = scores[..., world.rank :: world.size], 0
    for batch in loader:
        if batch.target is not None and batch.target_observed is not None:
            forecast = forecaster.predict_quantiles(batch)
            for k, band in enumerate(bands):
                found = scores_of(forecast, batch.target, band).where(batch.target_observed, torch.nan)
                mine[k, ..., done : done + len(found)] = found.permute(1, 2, 3, 0)
            done += len(forecast)
    return world.summed(scores)
