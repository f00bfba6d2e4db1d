"""A series and a graph go together, or they are refused."""

from dataclasses import replace

import pytest

from stgraph.datasets import DATASETS, Dataset
from stgraph.errors import MismatchError
from tests.conftest import World


def test_series_and_graph_are_of_the_same_sensors_in_one_order(world: World) -> None:
    facts = DATASETS["metr-la"].facts
    assert Dataset(facts, world.series, world.graph).incidents == ()
    with pytest.raises(MismatchError, match="metr-la: expected the sensors of series and graph in one order"):
        Dataset(facts, replace(world.series, sensors=world.series.sensors[::-1]), world.graph)
