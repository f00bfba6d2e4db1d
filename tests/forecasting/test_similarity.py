from dataclasses import replace

import numpy as np
import pytest

from stgraph.errors import StgraphError
from stgraph.forecasting import correlation_graph
from stgraph.graph import from_correlation
from stgraph.series import Split
from tests.conftest import World


def test_it_is_the_correlation_of_the_training_part(world: World) -> None:
    series = world.series
    found = correlation_graph(series, channel="flow", threshold=0.3)
    part = np.s_[:360, :, 1]
    expected = from_correlation(series.values[part], series.observed[part], series.sensors, threshold=0.3)
    assert found.digest() == expected.digest()
    assert found.adjacency.nnz
    assert found.isolated().tolist() == [3], "the sensor that never spoke"


def test_what_comes_after_the_training_part_has_no_say(world: World) -> None:
    values = world.series.values.copy()
    values[420:] = -(values[420:] ** 2)
    split = Split(0.7, 0.1, 0.2)
    later = replace(world.series, values=values)
    assert correlation_graph(later, split=split).digest() == correlation_graph(world.series, split=split).digest()
    assert correlation_graph(later, split=Split(1, 0, 0)).digest() != correlation_graph(world.series).digest()


def test_a_gap_is_stepped_over(world: World) -> None:
    times = world.series.times.copy()
    times[100:] += np.timedelta64(5, "h")
    gapped = replace(world.series, times=times)
    assert len(gapped.segments) == 2
    assert correlation_graph(gapped).digest() == correlation_graph(world.series).digest()


def test_a_channel_that_is_not_there_is_named(world: World) -> None:
    with pytest.raises(StgraphError, match="occupancy"):
        correlation_graph(world.series, channel="occupancy")
