"""Units of speed, flow and occupancy: what a text means, and a series from one unit into another."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stgraph.errors import DataError, ShapeError
from stgraph.series.times import to_step
from stgraph.series.traffic_series import TrafficSeries

UNITS = {
    **dict.fromkeys(("km/h", "kmh", "kph"), ("speed", 1 / 3.6)),
    **dict.fromkeys(("mph", "mi/h"), ("speed", 0.44704)),
    "m/s": ("speed", 1.0),
    "fraction": ("occupancy", 1.0),
    **dict.fromkeys(("%", "percent", "pct"), ("occupancy", 0.01)),
}
"""What a unit measures, and how much of the same it is in m/s or as a fraction."""
COUNTED = ("veh", "vehicles", "cars", "pc", "pcu")
"""What a flow counts, per any time."""
HOUR = np.timedelta64(1, "h")


def meaning(unit: str) -> tuple[str, float] | None:
    """Return what a unit measures, and how much of the same it is in m/s, veh/h or as a fraction; None if unknown.

    >>> meaning("mph"), meaning("veh/5 min"), meaning("furlong")
    (('speed', 0.44704), ('flow', 12.0), None)
    """
    name = unit.strip().lower()
    counted, time = per(name)
    return ("flow", float(HOUR / time)) if time is not None and counted in COUNTED else UNITS.get(name)


def per(unit: str) -> tuple[str, np.timedelta64 | None]:
    """Split a unit into what is counted and the time that it is per; None where that is no time.

    >>> per("vehicles per hour") == ("vehicles", np.timedelta64(1, "h")), per("fraction")
    (True, ('fraction', None))
    """
    counted, *rest = re.split(r"\s*/\s*|\s+per\s+", unit.strip(), maxsplit=1)
    try:
        time = to_step(rest[0] if rest[0][:1].isdigit() else f"1{rest[0]}") if rest else None
    except DataError:
        time = None
    return counted, time


def converted(series: TrafficSeries, units: Sequence[str]) -> TrafficSeries:
    """Return a series in other units: 60 mph are 96.56 km/h.

    Args:
        series: in units of its own.
        units: one a channel, each a unit of the same as the channel's own, or equal to it.

    Raises:
        ShapeError: not one unit a channel.
        DataError: a unit that is not known, or measures something else; names the channel and both units.

    >>> times = np.array(["2012-03-01T00:00", "2012-03-01T00:05"], dtype="M8[ns]")
    >>> ones = np.ones((2, 1, 1))
    >>> converted(TrafficSeries(60 * ones, ones, times, ("a",), ("speed",), ("mph",)), ["km/h"]).values.ravel().round(2)
    array([96.56, 96.56], dtype=float32)
    """
    factors = factors_of(series.channels, series.units, units)
    if set(factors) == {1.0}:
        return series if series.units == tuple(units) else replace(series, units=tuple(units))
    values = (series.values * np.array(factors)).astype(np.float32)
    return replace(series, values=values, units=tuple(units))


def factors_of(channels: Sequence[str], found: Sequence[str], wanted: Sequence[str]) -> tuple[float, ...]:
    """Return by what values of each channel are multiplied to come from one unit into another.

    Raises:
        ShapeError: not one wanted unit a channel.
        DataError: a unit that is not known, or measures something else; names the channel and both units.

    >>> factors_of(("speed", "flow"), ("km/h", "veh/5min"), ("m/s", "veh/h"))
    (0.2777777777777778, 12.0)
    """
    if len(wanted) != len(channels):
        message = f"units: expected one for each channel of {tuple(channels)}, found {tuple(wanted)}"
        raise ShapeError(message)
    return tuple(_factor(*of) for of in zip(channels, found, wanted, strict=True))


def _factor(channel: str, found: str, wanted: str) -> float:
    if found == wanted:
        return 1.0
    (kind, size), (of, per_unit) = (meaning(unit) or (unit, 1.0) for unit in (found, wanted))
    if kind != of:
        message = (
            f"units: expected {channel} in {wanted!r} or in a unit of the same, found {found!r}; known are "
            f"{', '.join(UNITS)}, and veh per any time, such as veh/h and veh/5min"
        )
        raise DataError(message)
    return size / per_unit
