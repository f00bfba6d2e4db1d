"""A small network with a history and a forecast in known places, for the tests of the map."""

from typing import Any

import numpy as np

from stgraph.forecasting.forecast import Forecast
from stgraph.graph import SensorGraph
from stgraph.series.traffic_series import TrafficSeries

EVIL = "</script><script>alert(1)</script>"
IDS = ("west", "east", "south", EVIL, 'a "b" & <i>c</i>')
DEGREES = np.array([[4.80, 52.30], [4.90, 52.31], [4.86, 52.20], [4.87, 52.32], [4.84, 52.26]])
WEST, EAST, SOUTH, NORTH, MIDDLE = range(5)
EDGES = ((WEST, MIDDLE, 1.0), (MIDDLE, WEST, 0.5), (MIDDLE, EAST, 0.1), (SOUTH, SOUTH, 9.0))
ISSUED, STEP = np.datetime64("2024-03-04T23:50", "ns"), np.timedelta64(5, "m")
T, H = 12, 6


def graph(**changes: Any) -> SensorGraph:
    adjacency = np.zeros((5, 5))
    for i, j, weight in EDGES:
        adjacency[i, j] = weight
    return SensorGraph(**{"ids": IDS, "adjacency": adjacency, "positions": DEGREES, **changes})


def history(**changes: Any) -> TrafficSeries:
    """Speed and flow that rise by 0.5 each step and 10 each sensor; the east is silent, the west has a hole."""
    speed = 60 + 0.5 * np.arange(T)[:, None] + 10 * np.arange(5)
    observed = np.ones((T, 5, 2), dtype=bool)
    observed[:, EAST, 0] = False
    observed[3:5, WEST] = False
    fields: dict[str, Any] = {
        "values": np.stack([speed, 20 * speed], axis=-1).astype(np.float32),
        "observed": observed,
        "times": ISSUED + np.arange(1 - T, 1) * STEP,
        "sensors": IDS,
        "channels": ("speed", "flow"),
        "units": ("km/h", "veh/h"),
    }
    return TrafficSeries(**{**fields, **changes})


def forecast(**changes: Any) -> Forecast:
    """In the south the speed falls from 100 to 25 km/h, elsewhere it stays: at 100, in the west at 30."""
    speed = np.full((H, 5), 100.0)
    speed[:, WEST] = 30.04
    speed[:, SOUTH] = np.linspace(100, 25, H)
    values = np.stack([speed, 20 * speed], axis=-1).astype(np.float32)
    fields: dict[str, Any] = {
        "values": values,
        "times": ISSUED + np.arange(1, H + 1) * STEP,
        "sensors": IDS,
        "channels": ("speed", "flow"),
        "units": ("km/h", "veh/h"),
        "issued": ISSUED,
        "lower": values - 5,
        "upper": values + 7,
        "coverage": 0.9,
    }
    return Forecast(**{**fields, **changes})
