"""`check`: which values of a network are not to be trusted, asked rule by rule."""

import numpy as np
from numpy.typing import ArrayLike

from stgraph.anomaly.alone import STEPS, ask_each
from stgraph.anomaly.clock_shift import clock_shift
from stgraph.anomaly.contradiction import contradiction
from stgraph.anomaly.findings import Findings, bit
from stgraph.anomaly.health import Health
from stgraph.anomaly.health_settings import HealthSettings
from stgraph.anomaly.impossible import impossible
from stgraph.anomaly.subject import Subject
from stgraph.graph import SensorGraph
from stgraph.series import TrafficSeries


def check(
    series: TrafficSeries,
    graph: SensorGraph | None = None,
    *,
    lanes: ArrayLike | None = None,
    settings: HealthSettings | None = None,
) -> Health:
    """Find what is wrong with the data of a sensor network; `stgraph.anomaly.RULES` says what is asked.

    A large series needs four bytes a value beside its own five; a year of 300 sensors, three channels each 5 minutes,
    takes some 20 seconds on one core.

    Args:
        series: what was measured. Channels are told by name (speed, flow or volume, occupancy), limits by their unit.
        graph: of the same sensors, in any order; without it no sensor is compared with its neighbours, so that neither
            contradictions nor shifted clocks are found.
        lanes: (N,) lanes that each sensor counts together, NaN where unknown; None = unknown everywhere.
        settings: the thresholds; None = the defaults.

    Raises:
        MismatchError: series and graph have different sensors.
        ShapeError: not one number of lanes a sensor.
        DataError: a sensor without lanes.

    >>> times = np.datetime64("2024-03-04", "ns") + np.arange(2016) * np.timedelta64(5, "m")
    >>> values = np.random.default_rng(0).normal(60, 2, (2016, 3, 1)).astype(np.float32)
    >>> values[100:160, 1] = 61.3
    >>> series = TrafficSeries(values, np.ones_like(values), times, ("a", "b", "c"), ("speed",), ("mph",))
    >>> health = check(series)
    >>> health
    Health(1 of 3 sensors has values to distrust, 0.99 % of all: stuck 1)
    >>> int(series.observed.sum() - health.applied(series).observed.sum())
    60
    """
    subject = Subject.of(series, graph, lanes, settings or HealthSettings())
    findings: Findings = np.zeros(series.observed.shape, dtype=np.uint8)
    for first in range(0, len(series), STEPS):
        rows = slice(first, first + STEPS)
        findings[rows] = bit("impossible") * impossible(subject, rows)
    ask_each(subject, findings)
    shifted, minutes = clock_shift(subject, series.observed & (findings == 0))
    findings |= bit("clock") * (shifted[..., None] & series.observed)
    for c in range(len(series.channels)):
        observed = series.observed[..., c]
        days = contradiction(subject, observed & (findings[..., c] == 0), c)
        findings[..., c] |= bit("contradiction") * (days[subject.timeline.day] & observed)
    return Health(series, findings, minutes, subject.settings)
