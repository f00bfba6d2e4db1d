"""A trained model on other sensors: laws of relabelling, distance, units and bounds, and what it refuses."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from numpy.typing import NDArray

from stgraph.errors import DataError, MismatchError
from stgraph.evaluation import evaluate
from stgraph.forecasting import Forecaster, calibrate, fit, load
from stgraph.forecasting.transfer import in_units
from stgraph.graph import SensorGraph
from stgraph.models import PatchNet
from stgraph.series import Scaling, TrafficSeries, converted
from tests import contracts
from tests.conftest import World, road, traffic

MPH = ("mph", "veh/h")


@pytest.fixture(scope="module")
def forecaster(world: World) -> Forecaster:
    return contracts.forecaster_of("patchnet", world)


def extended(world: World, edges: dict[tuple[int, int], float] | None = None) -> World:
    """The world and one sensor more, "new", isolated but for the given edges."""
    count = len(world.graph)
    matrix = sp.block_diag([world.graph.adjacency, np.zeros((1, 1))]).tolil()
    for place, weight in (edges or {}).items():
        matrix[place] = weight
    series = world.series
    values, observed = (np.concatenate([of, of[:, :1]], axis=1) for of in (series.values, series.observed))
    ids = (*world.graph.ids, "new")
    assert len(ids) == count + 1
    return World(SensorGraph(ids, matrix.tocsr()), replace(series, values=values, observed=observed, sensors=ids))


def values(forecaster: Forecaster, series: TrafficSeries, **how: Any) -> NDArray[np.float32]:
    return forecaster.forecast(series, **how).values


def test_on_its_own_graph_it_is_the_same_bits(forecaster: Forecaster, world: World) -> None:
    again = forecaster.on(world.graph, world.series)
    mine, other = forecaster.forecast(coverage=0.9), again.forecast(coverage=0.9)
    for name in ("values", "lower", "upper"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(other, name))
    assert again.scaler == forecaster.scaler
    assert again.log == forecaster.log
    np.testing.assert_array_equal(values(forecaster.on(world.graph), world.series), mine.values)


def test_a_model_that_knows_its_sensors_goes_on_with_its_own_network_and_no_other(world: World) -> None:
    mine, order = contracts.forecaster_of("stid", world), np.random.default_rng(0).permutation(len(world.graph))
    again = mine.on(world.graph.subgraph(order), world.series)
    one, other = (each.forecast(coverage=0.9) for each in (mine, again))
    assert other.sensors == one.sensors
    for name in ("values", "lower", "upper"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert again.calibration is not None
    assert not again.calibration.carried
    fewer = world.graph.adjacency.copy()
    fewer.data[0] *= 2
    numbers = SensorGraph(tuple(map(str, range(17))), world.graph.adjacency)
    for graph in (SensorGraph(world.graph.ids, fewer), numbers, extended(world).graph):
        with pytest.raises(MismatchError, match="stid knows its own 17 sensors and cannot work on others"):
            mine.on(graph)


def test_on_the_relabelled_graph_the_forecast_is_relabelled(forecaster: Forecaster, world: World) -> None:
    order = np.random.default_rng(0).permutation(len(world.graph))
    turned = world.graph.subgraph(order)
    mine = forecaster.forecast(coverage=0.8)
    other = forecaster.on(turned, world.series).forecast(coverage=0.8)
    assert other.sensors == turned.ids
    for name in ("values", "lower", "upper"):
        np.testing.assert_allclose(getattr(other, name), getattr(mine, name)[:, order], rtol=1e-5)


def test_an_isolated_sensor_more_changes_nothing_for_the_others(forecaster: Forecaster, world: World) -> None:
    more = extended(world)
    answer = values(forecaster.on(more.graph), more.series)
    np.testing.assert_allclose(answer[:, :-1], values(forecaster, world.series), rtol=1e-6)
    assert np.isfinite(answer[:, -1]).all()


def test_a_sensor_beyond_the_reach_changes_nothing_and_one_within_does(forecaster: Forecaster, world: World) -> None:
    assert forecaster.model.reach == 2
    more = extended(world, {(13, 17): 0.7})  # the road ends in sensor 13: the new one is 2 hops from 12
    other = replace(more.series, values=more.series.values + 10 * (np.arange(18) == 17)[:, None].astype(np.float32))
    moved = forecaster.on(more.graph)
    one, two = values(moved, more.series), values(moved, other)
    touched = (one != two).any((0, 2))
    assert np.flatnonzero(touched).tolist() == [12, 13, 17]
    before = values(forecaster, world.series)
    np.testing.assert_allclose(one[:, :11], before[:, :11], rtol=1e-6)  # weights of 12 and 13 are new, 11 sees 12's
    assert not np.allclose(one[:, 13], before[:, 13], rtol=1e-4)


def test_a_sensor_taken_away_is_one_that_nobody_sees(forecaster: Forecaster, world: World) -> None:
    few = world.graph.subgraph(range(14))  # without the pair and the isolated sensor, whom no edge joins to the road
    moved = forecaster.on(few, world.series)
    np.testing.assert_allclose(moved.forecast().values, forecaster.forecast().values[:, :14], rtol=1e-6)
    assert moved.task.sensors == len(moved.latest.sensors) == 14


def test_the_weights_are_those_of_a_fit_on_the_new_graph(forecaster: Forecaster, world: World) -> None:
    rewired = SensorGraph(world.graph.ids, world.graph.adjacency.T)
    twin = fit(world.series, rewired, "patchnet", history=6, horizon=4, training=contracts.TRAINING)
    for mine, its in zip(forecaster.on(rewired).weights, twin.weights, strict=True):
        assert abs(mine - its).max() == 0
    assert not np.allclose(values(forecaster.on(rewired), world.series), values(forecaster, world.series), rtol=1e-4)


def test_another_network_is_forecast_scored_saved_and_loaded(forecaster: Forecaster, tmp_path: Path) -> None:
    graph = SensorGraph(tuple(f"n{k}" for k in range(30)), np.eye(30, k=1))
    series = traffic(graph, steps=900, seed=3)
    moved = forecaster.on(graph, series)
    future = moved.forecast(coverage=0.9)
    assert future.sensors == graph.ids
    assert future.issued == series.times[-1]
    table = evaluate(
        {"moved": moved, "persistence": contracts.forecaster_of("persistence", World(graph, series))}, series
    )
    assert set(table.summary()["model"]) == {"moved", "persistence"}
    again = load(moved.save(tmp_path))
    for name in ("values", "lower", "upper"):
        np.testing.assert_array_equal(getattr(again.forecast(coverage=0.9), name), getattr(future, name))
    assert again.describe() == moved.describe()


def test_in_units_of_its_own_it_forecasts_the_same(forecaster: Forecaster, world: World) -> None:
    miles = converted(world.series, MPH)
    moved = forecaster.on(world.graph, miles)
    assert (moved.units, moved.latest.units) == (("mph",), MPH)
    mine, other = forecaster.forecast(coverage=0.9), moved.forecast(coverage=0.9)
    for name in ("values", "lower", "upper"):
        np.testing.assert_allclose(getattr(other, name), getattr(mine, name) / 1.609344, rtol=1e-5)
    for name in ("train_mae", "validation_mae", "validation_rmse"):
        one, same = (getattr(each.log.epochs[0], name) for each in (forecaster, moved))
        assert same == pytest.approx(one / 1.609344)
    assert in_units(forecaster, world.series.units) is forecaster


def test_known_sensors_keep_their_bounds_and_a_new_one_takes_those_of_the_pool(
    forecaster: Forecaster, world: World
) -> None:
    more, bounds = extended(world), forecaster.calibration
    moved = forecaster.on(more.graph, more.series).calibration
    assert bounds is not None
    assert moved is not None
    assert torch.equal(moved.margins[:, :-1], bounds.margins)
    assert torch.equal(moved.count[:, :-1], bounds.count)
    assert not moved.count[:, -1].any()
    assert (moved.margins[:, -1] >= bounds.margins.median(1).values).all()
    assert (moved.margins[:, -1] <= bounds.margins.amax((1, 3))[..., None]).all()


def test_a_sensor_of_the_same_id_that_stands_elsewhere_is_another(forecaster: Forecaster, world: World) -> None:
    here = np.stack([np.linspace(4, 5, 17), np.full(17, 52.0)], axis=1)
    there = here + np.where(np.arange(17) == 6, 0.01, 0.001)[:, None] * [0, 1]  # 1.1 km, and 110 m of all others
    known = replace(forecaster, graph=SensorGraph(world.graph.ids, world.graph.adjacency, here))
    bounds = known.on(SensorGraph(world.graph.ids, world.graph.adjacency, there)).calibration
    assert bounds is not None
    assert np.flatnonzero(~bounds.count[0, :, 0].numpy().astype(bool)).tolist() == [3, 6]  # 3 never spoke
    assert forecaster.calibration is not None
    same = (bounds.margins == forecaster.calibration.margins).all(-1).all(-1).all(0)
    assert np.flatnonzero(~same.numpy()).tolist() == [6]


def test_bounds_are_measured_anew_where_that_is_asked_for(forecaster: Forecaster, world: World) -> None:
    more = extended(world)
    moved = forecaster.on(more.graph, more.series, recalibrate=True)
    twin = calibrate(forecaster.on(more.graph, more.series), more.series)
    assert moved.calibration is not None
    assert twin is not None
    assert torch.equal(moved.calibration.margins, twin.margins)
    assert not moved.calibration.carried
    with pytest.raises(DataError, match="recalibrate: expected a series"):
        forecaster.on(more.graph, recalibrate=True)
    with pytest.raises(DataError, match="recalibrate: expected a window in the validation part"):
        forecaster.on(more.graph, more.series.slice(0, 12), recalibrate=True)


def test_without_bounds_there_are_none(forecaster: Forecaster, world: World) -> None:
    assert replace(forecaster, calibration=None).on(world.graph, world.series).calibration is None


def test_the_clock_and_the_holidays_are_those_of_the_network(forecaster: Forecaster, world: World) -> None:
    here = replace(world.series, timezone="Europe/Amsterdam", country="NL")
    moved = forecaster.on(world.graph, here)
    assert moved.latest.timezone == "Europe/Amsterdam"
    assert moved.latest.country is None  # the model has learned of no holiday
    learned = replace(forecaster, latest=forecaster.latest.with_country("US"))
    assert learned.on(world.graph, here).latest.country == "NL"
    assert learned.on(world.graph, world.series).latest.country == "US"


def test_without_a_series_a_forecast_needs_one(forecaster: Forecaster, world: World) -> None:
    moved = forecaster.on(world.graph)
    with pytest.raises(DataError, match="expected the newest observations, found none"):
        moved.forecast()
    covariates = np.repeat(world.series.covariates, 17, axis=1)  # type: ignore[arg-type]  # the world has some
    each = replace(forecaster, latest=replace(forecaster.latest, covariates=covariates[-6:]))
    assert values(each.on(extended(world).graph), replace(world.series, covariates=covariates)).shape == (4, 18, 1)


def test_it_is_moved_twice_as_once(forecaster: Forecaster, world: World) -> None:
    named = replace(forecaster, provenance={"series": "speed.csv", "read": {"header": True}, "country": "NL"})
    once = named.on(world.graph, world.series)
    twice = named.on(road(5, extra=False)).on(world.graph, world.series)
    np.testing.assert_array_equal(once.forecast().values, twice.forecast().values)
    assert once.provenance == twice.provenance
    assert once.describe()["series"] == "another one, after training on: speed.csv"
    assert once.provenance["read"] == {"header": True}


def test_what_cannot_be_moved_is_refused(forecaster: Forecaster, world: World) -> None:
    with pytest.raises(MismatchError, match=r"stid knows its own 17 sensors .* sensor.* belong to single ones"):
        contracts.forecaster_of("stid", world).on(world.graph.subgraph(np.arange(16)))
    with pytest.raises(MismatchError, match="interval"):
        forecaster.on(world.graph, TrafficSeries(**_every_other(world.series)))
    with pytest.raises(MismatchError, match=r"no channel \['flow'\]"):
        forecaster.on(world.graph, world.series.select(channels=("speed",)))
    with pytest.raises(DataError, match="speed in 'furlongs'"):
        forecaster.on(world.graph, replace(world.series, units=("furlongs", "veh/h")))
    with pytest.raises(MismatchError, match="found none of them among 17"):
        forecaster.on(SensorGraph(tuple("abcde"), np.eye(5, k=1)), world.series)
    shown = replace(forecaster, scaling=Scaling(shown=5.0))
    with pytest.raises(MismatchError, match="is shown 5 for a hole"):
        shown.on(world.graph, converted(world.series, MPH))


def _every_other(series: TrafficSeries) -> dict[str, Any]:
    facts = {name: getattr(series, name) for name in ("sensors", "channels", "units", "covariate_names")}
    arrays = {name: getattr(series, name)[::2] for name in ("values", "observed", "times", "covariates")}
    return facts | arrays


def test_a_model_that_a_function_made_is_made_again_from_its_settings(world: World) -> None:
    how: dict[str, Any] = {"history": 6, "horizon": 4, "training": contracts.TRAINING}
    one = fit(world.series, world.graph, lambda task: PatchNet(task, hidden=8, layers=1, heads=2), **how)
    assert one.on(world.graph, world.series).model.settings == one.model.settings
