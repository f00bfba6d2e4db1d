"""Records at any times, or a finer series, to steps of one length; what was not measured enough is a hole."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.grid import grid_of, source_step
from stgraph.series.observed import ObservedRule
from stgraph.series.records import Records
from stgraph.series.resampling import Resampling, Way
from stgraph.series.times import StepLike, Times, to_step
from stgraph.series.traffic_series import TrafficSeries

Codes = NDArray[np.intp]


def resample(series: TrafficSeries, how: StepLike | Resampling) -> TrafficSeries:
    """Return a series in longer steps; what was not measured enough in a step is unobserved.

    Args:
        series: a regular series; its gaps become unobserved steps.
        how: length of a step, or `Resampling` with the way of each channel. Covariates are averaged.

    Raises:
        DataError: steps shorter than those of the series, a way for a channel that is not there, covariates with gaps.

    >>> times = np.datetime64("2012-03-01", "ns") + np.arange(6) * np.timedelta64(20, "s")
    >>> values = np.arange(6.0)[:, None, None]
    >>> fine = TrafficSeries(values, np.ones_like(values), times, ("a",), ("speed",), ("mph",))
    >>> resample(fine, "1min").values.ravel()
    array([1., 4.], dtype=float32)
    """
    how = how if isinstance(how, Resampling) else Resampling(how)
    source = Records(
        times=series.times,
        cells=np.where(series.observed, series.values, np.float32("nan")),
        sensors=series.sensors,
        channels=series.channels,
        units=series.units,
        timezone=series.timezone,
        where=lambda k: f"times, row {k}",
        notes=series.notes,
    )
    done = on_grid(source, how, series.interval)
    return replace(
        series,
        values=done.cells,
        observed=~np.isnan(done.cells),
        times=done.times,
        units=done.units,
        interval=to_step(how.interval),
        covariates=None if series.covariates is None else _covariates(series.covariates, series.times, done.times),
        notes=done.notes,
    )


def on_grid(source: Records, how: Resampling, interval: StepLike | None) -> Records:
    """Return records on a grid of steps, one row a step, about all sensors.

    Args:
        source: at any times, no two about the same.
        how: length of a step, and the way of each channel.
        interval: the source's own step; None = the median time from one record of a sensor to the next.

    Raises:
        DataError: steps shorter than those of the source, a way for a channel that is not there, a time far from all
            others.
    """
    how.check(source.channels, source.where)
    length, count = to_step(how.interval), 1 if source.owners is None else len(source.sensors)
    own = source_step(source.times, source.owners) if interval is None else to_step(interval)
    own = length if own is None else own
    whole = how.whole(own, source.where)
    grid = grid_of(source.times, length, own, source.timezone, source.where)
    places = grid.places(source.times) * count + (0 if source.owners is None else source.owners)
    cells = source.measured
    values = np.full((len(grid.times) * count, *cells.shape[1:]), np.nan, dtype=np.float32)
    held, part, lost = np.unique(places), 0, 0
    for c, (channel, unit) in enumerate(zip(source.channels, source.units, strict=True)):
        way = how.way(channel, unit, own)
        flow = cells[:, :, source.channels.index("flow")] if way == "flow-weighted" else None
        found, counts = _reduced(places, cells[:, :, c], flow, way)
        few = (counts > 0) & (counts < (whole if way == "sum" else how.share * whole))
        values[held, :, c] = np.where((counts == 0) | few, np.nan, found)
        part, lost = part + int((counts > 0).sum()), lost + int(few.sum())
    note = (
        f"resampled from {pd.Timedelta(own)} to {pd.Timedelta(length)}: {lost} of {part} values are of too few records"
    )
    return replace(
        source,
        times=grid.times,
        cells=values.reshape(len(grid.times), len(source.sensors), len(source.channels)),
        units=tuple(how.unit(c, unit, own) for c, unit in zip(source.channels, source.units, strict=True)),
        where=lambda _: source.where(0),
        rule=ObservedRule(),
        owners=None,
        notes=(*source.notes, *[f"{note} and count as unobserved"] * bool(lost)),
    )


def _covariates(values: NDArray[np.float32], times: Times, grid: Times) -> NDArray[np.float32]:
    """Return the mean of (T, N or 1, K) covariates in each step of a grid."""
    places = np.searchsorted(grid, times, side="right") - 1
    if len(np.unique(places)) < len(grid):
        message = "covariates: expected values in every step, found a gap in the series"
        raise DataError(message)
    means, _ = _reduced(places, values.reshape(len(values), -1), None, "mean")
    return means.reshape(-1, *values.shape[1:])


def _reduced(
    places: Codes, cells: NDArray[np.float32], flow: NDArray[np.float32] | None, way: Way
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the value of (R, M) cells in each place that has a row, in rising order, and how many cells it is of."""
    table = pd.DataFrame(cells.astype(np.float64))
    if flow is None:
        groups = table.groupby(places)
        return groups.agg(way).to_numpy(np.float32), groups.count().to_numpy()
    weights = pd.DataFrame(flow.astype(np.float64)).where(table.notna())
    groups = (table * weights).groupby(places)
    with np.errstate(invalid="ignore"):
        mean = groups.sum().to_numpy() / weights.groupby(places).sum().to_numpy()
    return mean.astype(np.float32), groups.count().to_numpy()
