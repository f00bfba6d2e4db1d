"""Moments worth a look: planted ones are found."""

from dataclasses import replace

import numpy as np

from stgraph.evaluation import busiest_step, most_changed_sensors
from stgraph.series import TrafficSeries
from tests.conftest import World


def jammed(world: World) -> TrafficSeries:
    values = np.full_like(world.series.values, 100.0)
    values += np.random.default_rng(0).normal(0, 1, values.shape).astype(np.float32)
    values[500:506, 4:9] = 20.0
    values[503, 9] = 20.0
    return replace(world.series, values=values)


def test_the_busiest_step_is_where_most_sensors_are_slow(world: World) -> None:
    series = replace(jammed(world), observed=np.ones_like(world.series.observed))
    assert busiest_step(series, ((480, 600),)) == 503
    assert busiest_step(series, ((100, 200), (505, 600))) == 505


def test_the_sensors_shown_went_through_it_and_differ(world: World) -> None:
    chosen = most_changed_sensors(jammed(world), 490, 520, count=2)
    assert chosen[0] in world.series.sensors[4:9]
    assert len(set(most_changed_sensors(jammed(world), 490, 520, count=6))) == 6
