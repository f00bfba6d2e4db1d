"""Forecaster: the dated future, aligned by id, refusing what does not match."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from stgraph.errors import DataError, MismatchError
from stgraph.forecasting import Forecaster, load
from stgraph.graph import SensorGraph
from tests import contracts
from tests.conftest import World


@pytest.fixture(scope="module")
def forecaster(world: World) -> Forecaster:
    return contracts.forecaster_of("patchnet", world)


def test_the_first_step_is_one_interval_after_the_last_time(forecaster: Forecaster, world: World) -> None:
    forecast = forecaster.forecast()
    assert forecast.issued == world.series.times[-1]
    assert forecast.times[0] == world.series.times[-1] + np.timedelta64(30, "m")
    assert forecast.lead_minutes.tolist() == [30.0, 60.0, 90.0, 120.0]
    assert forecast.sensors == world.series.sensors
    assert (forecast.channels, forecast.units) == (("speed",), ("km/h",))
    np.testing.assert_array_equal(forecast.values, forecaster.forecast(world.series).values)


def test_sensors_in_another_order_are_aligned_by_id(forecaster: Forecaster, world: World) -> None:
    turned = world.series.select(sensors=world.series.sensors[::-1])
    np.testing.assert_array_equal(forecaster.forecast(turned).values, forecaster.forecast().values)


def test_a_forecast_in_the_middle_equals_the_batch_of_an_evaluation(forecaster: Forecaster, world: World) -> None:
    batch = next(iter(forecaster.batches(world.series, "test", batch_size=3)))
    first = 480 + 6  # the test part begins at 480, the first horizon one history later
    np.testing.assert_allclose(
        forecaster.forecast(world.series.slice(None, first)).values,
        forecaster.predict(batch)[0].numpy(),
        rtol=1e-5,
        atol=1e-4,
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"units": ("mph", "veh/h")}, "units: the model was fitted on"),
        ({"channels": ("speed", "occupancy")}, r"no channel \['flow'\]"),
        ({"sensors": tuple(f"x{k}" for k in range(17))}, "found none of them among 17"),
        ({"covariates": None, "covariate_names": ()}, "covariate_names"),
        ({"timezone": "Europe/Amsterdam"}, "timezone"),
    ],
)
def test_a_series_that_does_not_match_is_refused(
    forecaster: Forecaster, world: World, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(MismatchError, match=words):
        forecaster.forecast(replace(world.series, **change))


def test_a_graph_that_does_not_match_is_refused_after_a_reload_too(
    forecaster: Forecaster, world: World, tmp_path: Path
) -> None:
    again = load(forecaster.save(tmp_path))
    turned = world.graph.subgraph(np.arange(17)[::-1])
    np.testing.assert_array_equal(again.forecast(graph=turned).values, forecaster.forecast().values)
    adjacency = world.graph.adjacency.toarray()
    adjacency[0, 1] += 0.25
    with pytest.raises(MismatchError, match="1 of its 17 edges differ"):
        again.forecast(graph=SensorGraph(world.graph.ids, adjacency))
    with pytest.raises(MismatchError, match="different sensors"):
        again.forecast(graph=world.graph.subgraph(np.arange(16)))


def test_another_interval_is_refused(forecaster: Forecaster, world: World) -> None:
    times = world.series.times[0] + np.arange(600) * np.timedelta64(5, "m")
    with pytest.raises(MismatchError, match="interval"):
        forecaster.forecast(replace(world.series, times=times, interval=np.timedelta64(5, "m")))


def test_what_is_scored_has_the_very_sensors_of_the_fit(forecaster: Forecaster, world: World) -> None:
    fewer = world.series.select(sensors=world.series.sensors[1:])
    for taken in (forecaster.aligned, forecaster.batches):
        with pytest.raises(MismatchError, match=r"1 missing \['s00'\], 0 unknown"):
            taken(fewer)


def test_the_holidays_are_those_it_was_fitted_with(forecaster: Forecaster, world: World) -> None:
    assert forecaster.aligned(replace(world.series, country="US")).country is None


def test_bounds_hold_the_forecast_and_grow_with_the_coverage(forecaster: Forecaster) -> None:
    plain = forecaster.forecast()
    assert (plain.lower, plain.upper, plain.coverage) == (None, None, None)
    widths = []
    for coverage in (0.5, 0.9, 0.99):
        one = forecaster.forecast(coverage=coverage)
        np.testing.assert_array_equal(one.values, plain.values)
        assert one.coverage == coverage
        assert one.lower is not None
        assert one.upper is not None
        widths.append(one.upper - one.lower)
    assert (widths[0] < widths[1]).all()
    assert (widths[1] <= widths[2]).all()
    np.testing.assert_allclose(widths[1][0, 0, 0], 2 * margin_of(forecaster, 0.9)[0, 0, 0], rtol=1e-5)


def margin_of(forecaster: Forecaster, coverage: float) -> Tensor:
    assert forecaster.calibration is not None
    return forecaster.calibration.margin(coverage)


def shifted(forecaster: Forecaster, by: float) -> Forecaster:
    assert forecaster.calibration is not None
    assert forecaster.calibration.silent is not None
    margins, silent = forecaster.calibration.margins + by, forecaster.calibration.silent + by
    return replace(forecaster, calibration=replace(forecaster.calibration, margins=margins, silent=silent))


def test_no_bound_lies_below_what_can_be_and_none_crosses_the_forecast(forecaster: Forecaster) -> None:
    wide = shifted(forecaster, 1e4).forecast(coverage=0.9)
    assert wide.lower is not None
    assert not wide.lower.any(), "a speed is not negative"
    unbounded = replace(forecaster, scaler=replace(forecaster.scaler, lowest=(-math.inf, -math.inf)))
    deep = shifted(unbounded, 1e4).forecast(coverage=0.9)
    assert deep.lower is not None
    assert (deep.lower < -9000).all()
    narrow = shifted(forecaster, -1e4).forecast(coverage=0.9)  # as far too wide quantiles would be narrowed
    np.testing.assert_array_equal(narrow.lower, narrow.values)
    np.testing.assert_array_equal(narrow.upper, narrow.values)


def test_a_sensor_without_a_value_in_the_history_has_the_bounds_of_hidden_ones(
    forecaster: Forecaster, world: World
) -> None:
    found = forecaster.calibration
    assert found is not None
    assert found.silent is not None
    series, steps = world.series, forecaster.task.history
    observed = series.observed.copy()
    observed[-steps:, [2, 5]] = False
    observed[-steps, 5] = True  # one value of long ago is a value
    one = forecaster.forecast(replace(series, observed=observed), coverage=0.9)
    assert one.upper is not None
    width = (one.upper - one.values)[..., 0]
    np.testing.assert_allclose(width[:, 2], found.silent[:, 0, 40], rtol=1e-4)
    np.testing.assert_allclose(width[:, 5], found.margins[:, 5, 0, 40], rtol=1e-4)
    old = replace(forecaster, calibration=replace(found, silent=None))  # as of runs of before
    again = old.forecast(replace(series, observed=observed), coverage=0.9)
    assert again.upper is not None
    np.testing.assert_allclose((again.upper - again.values)[:, 2, 0], found.margins[:, 2, 0, 40], rtol=1e-4)


def test_bounds_that_cannot_be_are_refused(forecaster: Forecaster) -> None:
    with pytest.raises(DataError, match=r"coverage: 0\.9 needs bounds, and this run has none"):
        replace(forecaster, calibration=None).forecast(coverage=0.9)
    with pytest.raises(DataError, match=r"coverage: expected a share between 0\.5 and 0\.99, found 95"):
        forecaster.forecast(coverage=95)


def test_bounds_follow_the_sensors_by_id(forecaster: Forecaster, world: World) -> None:
    turned = world.series.select(sensors=world.series.sensors[::-1])
    one, other = (forecaster.forecast(series, coverage=0.9) for series in (world.series, turned))
    np.testing.assert_array_equal(one.upper, other.upper)


def test_a_forecaster_without_quantiles_gives_the_point_as_its_only_one(forecaster: Forecaster, world: World) -> None:
    batch = next(iter(forecaster.batches(world.series)))
    assert torch.equal(forecaster.predict_quantiles(batch), forecaster.predict(batch)[..., None])


def test_describe_spells_out_what_it_is(forecaster: Forecaster) -> None:
    facts = forecaster.describe()
    assert facts["forecasts"] == "speed [km/h]"
    assert "epoch" in facts["trained"]
    assert facts["bounds"].startswith("calibrated on 111 windows of the validation part, coverage up to 0.99")
    assert "patchnet" in repr(forecaster)
