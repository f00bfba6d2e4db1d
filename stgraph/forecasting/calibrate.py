"""One pass over the validation part: how far its truths lay from their forecasts; and one with sensors hidden."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stgraph.forecasting.conformal import PERCENTS, Calibration, band_for, margins_of, margins_of_sensors, scores_of
from stgraph.forecasting.forecaster import Forecaster
from stgraph.forecasting.loaders import windows_at_once
from stgraph.models import Task
from stgraph.patches import PatchBatch, Placed, Window
from stgraph.series import TrafficSeries
from stgraph.training import World

MOST_SCORES = 2**28
"""Scores held at once, a gibibyte; of a part with more, windows evenly apart are looked at."""
HIDDEN = 5
"""One in so many sensors is hidden at a time: the others are its neighbours as ever."""
FEWEST_WINDOWS, FEWEST_SCORES, ENOUGH_SCORES = 64, 2**10, 2**20
"""Windows in which sensors are hidden: more where they give too few scores of all sensors at a lead, fewer where fewer
give enough."""

Bands = Mapping[tuple[int, int], Sequence[int]]
"""Bands of quantiles, and the places of the coverages that each is widened for."""


def calibrate(forecaster: Forecaster, series: TrafficSeries, *, batch_size: int = 64) -> Calibration | None:
    """Return what the validation part says of the errors to expect; None where the split has no window of it.

    The test part is never looked at. Several processes share the windows, and all return the same.

    Args:
        forecaster: trained.
        series: that it was fitted on.
        batch_size: windows forecast at once.
    """
    task = forecaster.task
    placed = Window(task.history, task.horizon).place_part(series, forecaster.split, "validation")
    if not len(placed):
        return None
    kept = _bands(task)
    silent = _silent(forecaster, series, placed, kept, batch_size)  # first: its scores and those below never meet
    scores = _scores(forecaster, series, list(kept), batch_size)
    margins = torch.empty(*scores.shape[1:4], len(PERCENTS))
    for band, places in zip(scores, kept.values(), strict=True):
        for lead, of_sensors in enumerate(band):  # one by one: sorting copies
            margins[lead, ..., places] = margins_of_sensors(of_sensors, PERCENTS[places])
    count, windows = scores[0].isnan().logical_not().sum(-1), scores.shape[-1]
    return Calibration(margins, count, windows, silent)


def rehearse(forecaster: Forecaster, series: TrafficSeries, *, batch_size: int = 64) -> None:
    """Take all the memory that `calibrate` would take, in a fraction of its time; arguments are its.

    That is a few batches of each of its passes, beside room for all scores, and one lead that is sorted.
    """
    task = forecaster.task
    placed = Window(task.history, task.horizon).place_part(series, forecaster.split, "validation")
    if len(placed):
        kept = _bands(task)
        _silent(forecaster, series, placed, kept, batch_size, groups=1)
        scores = _scores(forecaster, series, list(kept), batch_size, batches=2)
        margins_of_sensors(scores[0, 0], PERCENTS)


def _bands(task: Task) -> dict[tuple[int, int], list[int]]:
    kept: dict[tuple[int, int], list[int]] = {}
    for k, percent in enumerate(PERCENTS.tolist()):
        kept.setdefault(band_for(task.quantiles, percent), []).append(k)
    return kept


def _silent(
    forecaster: Forecaster,
    series: TrafficSeries,
    placed: Placed,
    kept: Bands,
    batch_size: int,
    *,
    groups: int = HIDDEN,
) -> Tensor:
    """Return the margins (H, C_out, Q) of sensors hidden from the model, in so many groups, of all of them together."""
    task, sensors = forecaster.task, np.arange(forecaster.task.sensors)
    windows = max(FEWEST_WINDOWS, -(-FEWEST_SCORES // len(sensors)))
    windows = max(1, min(windows, ENOUGH_SCORES // len(sensors)))
    placed = placed.take(np.arange(0, len(placed), -(-len(placed) // windows)))
    scores: dict[tuple[int, int], list[Tensor]] = {band: [] for band in kept}
    for k in range(min(groups, len(sensors))):
        hidden = sensors % HIDDEN == k
        for asked, told in _with_hidden(forecaster, series, placed, hidden, batch_size):
            if told.target is not None and told.target_observed is not None:
                forecast = forecaster.predict_quantiles(asked)[:, :, hidden]
                target, known = told.target[:, :, hidden], told.target_observed[:, :, hidden]
                for band, found in scores.items():
                    of_each = scores_of(forecast, target, band).where(known, torch.nan)
                    found.append(of_each.permute(1, 3, 0, 2).flatten(2))
    margins = torch.empty(task.horizon, task.channels_out, len(PERCENTS))
    for band, places in kept.items():
        margins[..., list(places)] = margins_of(torch.cat(scores[band], dim=-1), PERCENTS[list(places)])
    return margins


def _with_hidden(
    forecaster: Forecaster, series: TrafficSeries, placed: Placed, hidden: NDArray[np.bool_], batch_size: int
) -> Iterator[tuple[PatchBatch, PatchBatch]]:
    """Yield windows in which some sensors are unobserved, and the same windows as they are, in batches."""
    first, length = int(placed.start.min()), len(placed.window)
    part = forecaster.aligned(series.slice(first, int(placed.start.max()) + length))
    there = placed.window.place((k - first, k - first + length) for k in placed.start.tolist())
    masked = replace(part, observed=part.observed & ~hidden[:, None], checked=True)
    size = windows_at_once(len(hidden), batch_size)
    asked, told = (forecaster.loader(one, there, batch_size=size) for one in (masked, part))
    yield from zip(asked, told, strict=True)


def _scores(
    forecaster: Forecaster,
    series: TrafficSeries,
    bands: list[tuple[int, int]],
    batch_size: int,
    *,
    batches: int | None = None,
) -> Tensor:
    """Return the scores of each band, (bands, H, N, C_out, M), NaN where the truth was not observed.

    Those of the first few batches alone, if so many are asked for; the others are 0.
    """
    task, world = forecaster.task, World.here()
    loader = forecaster.batches(series, "validation", batch_size=batch_size)
    windows = len(loader.placed)
    every = -(-windows * len(bands) * task.horizon * task.sensors * task.channels_out // MOST_SCORES)
    places = np.arange(0, windows, every)
    loader.placed = loader.placed.take(places[world.rank :: world.size])
    scores = torch.empty(len(bands), task.horizon, task.sensors, task.channels_out, len(places))
    scores.zero_()  # which takes the memory at once, as `torch.zeros` does not
    mine, done = scores[..., world.rank :: world.size], 0
    for batch in islice(loader, batches):
        if batch.target is not None and batch.target_observed is not None:
            forecast = forecaster.predict_quantiles(batch)
            for k, band in enumerate(bands):
                found = scores_of(forecast, batch.target, band).where(batch.target_observed, torch.nan)
                mine[k, ..., done : done + len(found)] = found.permute(1, 2, 3, 0)
            done += len(forecast)
    return world.summed(scores)
