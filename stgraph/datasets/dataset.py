"""`Dataset`: what every source gives, the series and the graph of its sensors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stgraph.datasets.facts import DatasetFacts
from stgraph.datasets.incidents import IncidentLabel
from stgraph.errors import MismatchError
from stgraph.graph import SensorGraph
from stgraph.series import TrafficSeries


@dataclass(frozen=True, eq=False)
class Dataset:
    """A series and a graph of the same sensors in the same order, with the facts about them.

    Args:
        facts: what is known of it.
        series: measured values.
        graph: the sensors and the relation between them.
        incidents: what happened where and when, where the source tells.

    Raises:
        MismatchError: series and graph have different sensors, or in another order.
    """

    facts: DatasetFacts
    series: TrafficSeries
    graph: SensorGraph
    incidents: tuple[IncidentLabel, ...] = ()

    def __post_init__(self) -> None:
        """Check that series and graph are of the same sensors."""
        if self.graph.ids != self.series.sensors:
            found = f"{self.series.sensors[:3]} and {self.graph.ids[:3]}"
            message = f"{self.facts.name}: expected the sensors of series and graph in one order, found {found}"
            raise MismatchError(message)


Reader = Callable[[DatasetFacts, Mapping[str, Path]], Dataset]
"""Makes a dataset of its facts and its files by role."""


@dataclass(frozen=True)
class Source:
    """The facts of a dataset, and what reads its files.

    Args:
        facts: as data.
        read: given the facts and the files by role.
    """

    facts: DatasetFacts
    read: Reader
