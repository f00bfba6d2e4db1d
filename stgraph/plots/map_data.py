"""What the page of a map holds: places, edges, times and values, as plain numbers and text that JSON takes."""

import math
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError, MismatchError
from stgraph.forecasting.forecast import Forecast
from stgraph.forecasting.latest import latest_window
from stgraph.graph import SensorGraph, equirectangular
from stgraph.series.traffic_series import TrafficSeries
from stgraph.shapes import check_shape

MOST_EDGES = 60_000
"""More are no network to the eye, and slow to draw: the strongest are kept."""
GRID = 100_000
"""Places are whole numbers up to this: a hundred-thousandth of the network's extent."""


def map_data(
    forecast: Forecast, graph: SensorGraph, history: TrafficSeries, *, hours: float, places: ArrayLike | None
) -> dict[str, Any]:
    """Return all that the page shows; see `map_page` for the arguments and errors."""
    graph = graph.align(forecast.sensors)
    measured = _measured(forecast, history, hours)
    times = cast("pd.DatetimeIndex", measured.local_times.append(forecast.local_times))
    whole_minutes = bool((times.second == 0).all())
    spelled = times.strftime("%Y-%m-%d %H:%M" if whole_minutes else "%Y-%m-%d %H:%M:%S").tolist()
    return {
        "sensors": list(forecast.sensors),
        "issued": spelled[len(measured) - 1],
        "clock": forecast.timezone or "local time",
        "times": spelled,
        "leads": forecast.lead_minutes.round(4).tolist(),
        "coverage": forecast.coverage,
        **_placed(_in_metres(graph, places)),
        **_edges(graph),
        "channels": [_channel(forecast, measured, c) for c in range(len(forecast.channels))],
    }


def _measured(forecast: Forecast, history: TrafficSeries, hours: float) -> TrafficSeries:
    """Return what was measured in the hours up to the issue, on an unbroken clock, of what was forecast."""
    for name in ("timezone", "units"):
        found = getattr(history.select(channels=forecast.channels), name)
        if found != getattr(forecast, name):
            message = f"{name}: the forecast has {getattr(forecast, name)}, the history {found}"
            raise MismatchError(message)
    until = int(np.searchsorted(history.times, forecast.issued, side="right"))
    if not until or history.times[until - 1] != forecast.issued:
        span = f"{history.times[0]} to {history.times[-1]}"
        message = f"history: expected what was measured up to the issue at {forecast.issued}, found {span}"
        raise MismatchError(message)
    there = (forecast.issued - history.times[0]) // history.interval
    asked = np.timedelta64(round(hours * 3600), "s") // history.interval
    selected = history.slice(None, until).select(sensors=forecast.sensors, channels=forecast.channels)
    return latest_window(selected, int(min(there, max(asked, 0))) + 1, 0)


def _in_metres(graph: SensorGraph, places: ArrayLike | None) -> NDArray[np.float64]:
    if places is not None:
        plane = np.asarray(places, dtype=np.float64)
        check_shape(plane, "N 2", name="places", N=len(graph))
        if not np.isfinite(plane).all():
            bad = int(np.flatnonzero(~np.isfinite(plane).all(1))[0])
            message = f"places: expected finite x and y, found {plane[bad].tolist()} for sensor {graph.ids[bad]}"
            raise DataError(message)
        return plane
    if graph.positions is None:
        message = (
            "positions: the graph has none, so there is no map to draw; give a table of sensor, longitude and latitude "
            "(--positions FILE on the command line), SensorGraph(..., positions=...), or places=... in metres"
        )
        raise DataError(message)
    return equirectangular(graph.positions)


def _placed(plane: NDArray[np.float64]) -> dict[str, Any]:
    """Return places as whole numbers from 0, x to the east and y to the north, and how many metres one of them is."""
    corner = plane.min(axis=0)
    extent = float((plane.max(axis=0) - corner).max())
    whole = ((plane - corner) * (GRID / extent if extent else 0.0)).round().astype(int)
    return {"x": whole[:, 0].tolist(), "y": whole[:, 1].tolist(), "metres": extent / GRID}


def _edges(graph: SensorGraph) -> dict[str, Any]:
    """Return the edges between different sensors, from and to in turn, weak, middling and strong ones apart."""
    coo = graph.adjacency.tocoo()
    starts, ends = coo.coords
    between = np.flatnonzero(starts != ends)
    kept = between[np.argsort(-coo.data[between], kind="stable")[:MOST_EDGES]]
    share = coo.data[kept] / coo.data[kept].max(initial=1e-300)
    strength = np.minimum((3 * share).astype(int), 2)
    pairs = np.stack([starts, ends], axis=1)[kept]
    return {
        "edges": [pairs[strength == k].reshape(-1).tolist() for k in range(3)],
        "edges_left_out": len(between) - len(kept),
    }


def _channel(forecast: Forecast, measured: TrafficSeries, c: int) -> dict[str, Any]:
    """Return one channel: its values, a row a sensor, and how they are spelled and coloured."""
    values = forecast.values[:, :, c]
    seen = np.where(measured.observed[:, :, c], measured.values[:, :, c], np.float32("nan"))
    digits = digits_for(max(float(np.abs(values).max()), float(np.nanmax(np.abs(seen), initial=0))))
    low, high, step = colour_scale(values, digits)
    return {
        "name": forecast.channels[c],
        "unit": forecast.units[c],
        "digits": digits,
        "attention": "low" if "speed" in forecast.channels[c].lower() else "high",
        "low": low,
        "high": high,
        "step": step,
        "measured": _rounded(seen, digits),
        "values": _rounded(values, digits),
        "lower": None if forecast.lower is None else _rounded(forecast.lower[:, :, c], digits),
        "upper": None if forecast.upper is None else _rounded(forecast.upper[:, :, c], digits),
    }


def digits_for(largest: float) -> int:
    """Return how many digits after the point a channel deserves: a step of at most a two-hundredth of its largest.

    >>> [digits_for(largest) for largest in (0, 0.4, 30, 120, 2200)]
    [0, 3, 1, 1, 0]
    """
    return int(np.clip(np.ceil(-np.log10(largest / 200)), 0, 6)) if largest else 0


def colour_scale(values: NDArray[np.float32], digits: int) -> tuple[float, float, float]:
    """Return the ends of the scale, which hold 98 % of the values, and the step between the round numbers on it.

    >>> colour_scale(np.linspace(13, 67, 101), 1)
    (13.5, 66.5, 10.0)
    """
    low, high = (round(float(x), digits) for x in np.percentile(values, [1, 99]))
    high = max(high, low + 10.0**-digits)
    power = 10.0 ** np.floor(np.log10((high - low) / 5))
    step = next(k * power for k in (1, 2, 5, 10) if k * power >= (high - low) / 6)
    return low, high, float(step)


def _rounded(array: NDArray[np.float32], digits: int) -> list[list[float | None]]:
    """Return (T, N) numbers as N rows of T, None where there is none."""
    rows = array.astype(np.float64).T.round(digits) + 0.0  # no negative zeros
    spell = float if digits else int  # 61 is shorter than 61.0
    return [[None if math.isnan(x) else spell(x) for x in row] for row in rows.tolist()]
