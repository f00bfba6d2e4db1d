"""The newest history on an unbroken clock."""

from dataclasses import replace

import numpy as np

from stgraph.forecasting.latest import latest_window
from stgraph.series import TrafficSeries
from tests.conftest import World


def drop(series: TrafficSeries, steps: list[int]) -> TrafficSeries:
    keep = np.setdiff1d(np.arange(len(series)), steps)
    assert series.covariates is not None
    return replace(
        series,
        values=series.values[keep],
        observed=series.observed[keep],
        times=series.times[keep],
        covariates=series.covariates[keep],
    )


def test_it_is_the_end_of_the_series_and_an_empty_future(world: World) -> None:
    window = latest_window(world.series, 6, 4)
    assert np.array_equal(window.values[:6], world.series.values[-6:])
    assert np.array_equal(window.observed[:6], world.series.observed[-6:])
    assert not window.observed[6:].any()
    assert window.times[6] == world.series.times[-1] + world.series.interval
    assert window.segments == ((0, 10),)


def test_a_step_that_is_missing_is_a_hole_and_its_covariate_the_last_known(world: World) -> None:
    window = latest_window(drop(world.series, [596, 597]), 6, 2)
    assert not window.observed[2:4].any()
    assert np.array_equal(window.observed[4:6], world.series.observed[-2:])
    assert world.series.covariates is not None
    assert window.covariates is not None
    rain = world.series.covariates[:, 0, 0]
    assert window.covariates[:, 0, 0].tolist() == [*rain[[594, 595, 595, 595, 598, 599]].tolist(), *[rain[599]] * 2]


def test_a_series_shorter_than_the_history_has_holes_before_it(world: World) -> None:
    window = latest_window(world.series.slice(0, 2), 6, 1)
    assert not window.observed[:4].any()
    assert window.observed[4:6].any()
