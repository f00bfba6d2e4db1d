"""What each sensor says by itself: stuck values, jumps, channels that disagree."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from stgraph.anomaly.disagreement import disagreement
from stgraph.anomaly.findings import Findings, bit
from stgraph.anomaly.jumps import jumps
from stgraph.anomaly.stuck import habit, stuck
from stgraph.anomaly.subject import Subject
from stgraph.anomaly.timeline import lower_quantile

SENSORS, STEPS = 16, 4096
"""How many sensors, or steps, are read together: only what is found grows with the series."""
USUAL = (1, 99)
"""Percentiles between which the values of a channel lie, jams and nights included."""

Bools = NDArray[np.bool_]


def ask_each(subject: Subject, findings: Findings) -> None:
    """Ask of each sensor by itself, and add what is found.

    Args:
        subject: what is checked.
        findings: (T, N, C) of the rules so far; what they distrust is left out.
    """
    timeline, settings, channels = subject.timeline, subject.settings, range(len(subject.quantities))
    speed, flow, least = subject.channel("speed"), subject.channel("flow"), _least_jumps(subject)
    habits = [
        [habit(timeline.record(values[c], believed[c]), settings) for c in channels]
        for _, values, believed in _sensors(subject, findings)
    ]
    network = [lower_quantile(np.stack([own[c][0] for own in habits]), 0.5) for c in channels]
    empty = _believed_empty(subject, flow)
    for n, values, believed in _sensors(subject, findings):
        found = np.zeros(values.shape, dtype=np.uint8)
        unused = empty[:, n] if flow is None else believed[flow] & (values[flow] == 0)
        for c in channels:
            record = timeline.record(values[c], believed[c])
            idle = (empty[:, n] if c == flow else unused)[record.rows]
            found[c, record.rows] |= bit("stuck") * stuck(record, habits[n][c], network[c], idle, settings)
            found[c, record.rows] |= bit("jump") * jumps(record, least[c], settings)
        if speed is not None and flow is not None:
            both = believed[speed] & believed[flow]
            wrong = disagreement(timeline, values[speed], values[flow], both, settings)
            found[[speed, flow]] |= bit("disagreement") * wrong
        findings[:, n] |= found.T


def _sensors(subject: Subject, findings: Findings) -> Iterator[tuple[int, NDArray[np.float32], Bools]]:
    """Give each sensor with its (C, T) values and which of them are believed so far, read some sensors at a time."""
    series = subject.series
    for first in range(0, len(series.sensors), SENSORS):
        some = np.s_[:, first : first + SENSORS]
        values = np.ascontiguousarray(np.moveaxis(series.values[some], 0, -1))  # (sensors, C, T)
        believed = np.ascontiguousarray(np.moveaxis(series.observed[some] & (findings[some] == 0), 0, -1))
        for k in range(len(values)):
            yield first + k, values[k], believed[k]


def _least_jumps(subject: Subject) -> list[float]:
    """Return the smallest jump of each channel: a share of what is usual over the network, and some vehicles."""
    rows, settings = subject.sample(), subject.settings
    least = []
    for c, quantity in enumerate(subject.quantities):
        known = subject.series.values[rows, :, c][subject.series.observed[rows, :, c]]
        low, high = np.percentile(known, USUAL) if len(known) else (0.0, 0.0)
        least.append(max(settings.jump_spread * float(high - low), settings.jump_sigmas * quantity.grain))
    return least


def _believed_empty(subject: Subject, flow: int | None) -> Bools:
    """Return where a sensor counts no vehicle and neither does a neighbour: an empty road, no fault, (T, N)."""
    series, graph = subject.series, subject.graph
    empty = np.zeros(series.observed.shape[:2], dtype=np.bool_)
    if graph is None or flow is None:
        return empty
    bare = graph.adjacency - sp.diags_array(graph.adjacency.diagonal())
    linked = sp.csr_array(bare + bare.T).astype(np.float32)
    for first in range(0, len(series), STEPS):
        rows = slice(first, first + STEPS)
        zero = series.observed[rows, :, flow] & (series.values[rows, :, flow] == 0)
        empty[rows] = zero & ((linked @ zero.T.astype(np.float32)).T > 0)
    return empty
