"""`Subject`: all that the rules of the check must know of a network besides the findings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stgraph.anomaly.health_settings import HealthSettings
from stgraph.anomaly.quantities import Kind, Quantity, quantities
from stgraph.anomaly.timeline import Timeline
from stgraph.graph import SensorGraph
from stgraph.series import TrafficSeries

SAMPLE = 2000


@dataclass(frozen=True, eq=False)
class Subject:
    """What is checked, and by which thresholds.

    Args:
        series: what was measured.
        graph: of its sensors, in their order, or None.
        timeline: of the series.
        quantities: what each channel measures.
        settings: the thresholds.
    """

    series: TrafficSeries
    graph: SensorGraph | None
    timeline: Timeline
    quantities: tuple[Quantity, ...]
    settings: HealthSettings

    @classmethod
    def of(
        cls, series: TrafficSeries, graph: SensorGraph | None, lanes: ArrayLike | None, settings: HealthSettings
    ) -> "Subject":
        """Return the subject of a check.

        Raises:
            MismatchError: series and graph have different sensors.
            ShapeError: not one number of lanes a sensor.
            DataError: a sensor without lanes.
        """
        aligned = None if graph is None else graph.align(series.sensors)
        return cls(series, aligned, Timeline.of(series), quantities(series, settings, lanes), settings)

    def channel(self, kind: Kind) -> int | None:
        """Return the first channel of a kind, or None."""
        return next((c for c, quantity in enumerate(self.quantities) if quantity.kind == kind), None)

    def sample(self) -> slice:
        """Return every so manieth row, about `SAMPLE` of them: enough to measure what is usual over a network."""
        return np.s_[:: max(len(self.series) // SAMPLE, 1)]
