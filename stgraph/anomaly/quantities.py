"""What a channel measures, told by its name and unit, and which values it can have."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stgraph.anomaly.health_settings import HealthSettings
from stgraph.errors import DataError
from stgraph.series import TrafficSeries
from stgraph.series.units import HOUR, UNITS, meaning, per
from stgraph.shapes import check_shape

Kind = Literal["speed", "flow", "occupancy", "other"]
WORDS: dict[Kind, tuple[str, ...]] = {
    "speed": ("speed", "velocity"),
    "flow": ("flow", "volume", "count"),
    "occupancy": ("occ",),
}
PERCENT_SHARE = 0.01
"""An occupancy without a unit is in percent where more than this share of the network's values is above 1."""


@dataclass(frozen=True)
class Quantity:
    """What a channel measures.

    Args:
        kind: of the channel.
        lowest: the smallest possible value, in the unit of the channel.
        highest: (N,) the largest possible value of each sensor.
        grain: the smallest difference that means something: one vehicle, 1 km/h, 1 % of the time.
    """

    kind: Kind
    lowest: float
    highest: NDArray[np.float64]
    grain: float


def kind_of(channel: str) -> Kind:
    """Tell by its name what a channel measures.

    >>> kind_of("avg_speed"), kind_of("Volume"), kind_of("occupancy"), kind_of("travel time")
    ('speed', 'flow', 'occupancy', 'other')
    """
    name = channel.lower()
    return next((kind for kind, words in WORDS.items() if any(word in name for word in words)), "other")


def hours_of(unit: str, interval: np.timedelta64) -> float:
    """Return over how many hours a flow of this unit counts; an unknown unit counts as vehicles per hour.

    >>> five = np.timedelta64(5, "m")
    >>> [round(hours_of(unit, five), 3) for unit in ("veh/h", "veh/5 min", "veh", "")]
    [1.0, 0.083, 0.083, 1.0]
    """
    if unit.strip().lower() in {"veh", "vehicles", "veh/interval"}:
        return float(interval / HOUR)
    _, time = per(unit.lower())
    return 1.0 if time is None else float(time / HOUR)


def quantities(series: TrafficSeries, settings: HealthSettings, lanes: ArrayLike | None = None) -> tuple[Quantity, ...]:
    """Return what each channel measures.

    A speed in an unknown unit has the limit of km/h, a flow in an unknown unit that of veh/h: the most generous ones.

    Args:
        series: C channels.
        settings: the limits.
        lanes: (N,) lanes that each sensor counts together, NaN where unknown; None = unknown everywhere.

    Raises:
        ShapeError: not one number of lanes a sensor.
        DataError: a sensor without lanes.
    """
    count = np.full(len(series.sensors), np.nan) if lanes is None else np.asarray(lanes, dtype=np.float64)
    check_shape(count, "N", name="lanes", N=len(series.sensors))
    bad = (count <= 0) | np.isinf(count)
    if bad.any():
        n = int(bad.argmax())
        message = f"lanes: expected a positive number, found {count[n]:g} for sensor {series.sensors[n]}"
        raise DataError(message)
    count = np.where(np.isnan(count), settings.lanes, count)
    return tuple(_quantity(series, c, settings, count) for c in range(len(series.channels)))


def _quantity(series: TrafficSeries, c: int, settings: HealthSettings, lanes: NDArray[np.float64]) -> Quantity:
    kind, unit = kind_of(series.channels[c]), series.units[c]
    everywhere = np.ones(len(lanes))
    if kind == "speed":
        of = meaning(unit)
        kmh = 3.6 * of[1] if of is not None and of[0] == "speed" else 1.0
        return Quantity(kind, 0.0, everywhere * settings.fastest / kmh, 1 / kmh)
    if kind == "flow":
        hours = hours_of(unit, series.interval)
        vehicle = hours / float(series.interval / HOUR)
        return Quantity(kind, 0.0, lanes * settings.lane_flow * hours, vehicle)
    if kind == "occupancy":
        whole = 100.0 if _in_percent(series, c, unit) else 1.0
        return Quantity(kind, 0.0, everywhere * whole, whole / 100)
    return Quantity(kind, -np.inf, everywhere * np.inf, 0.0)


def _in_percent(series: TrafficSeries, c: int, unit: str) -> bool:
    if unit.strip():
        return meaning(unit) == UNITS["%"]
    observed = series.observed[..., c]
    above = observed & (series.values[..., c] > 1)
    return bool(above.sum() > PERCENT_SHARE * observed.sum())
