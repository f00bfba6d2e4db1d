"""fit: names, classes and factories; targets; the order of sensors."""

from dataclasses import replace

import numpy as np
import pytest

from stgraph.errors import DataError, MismatchError, UnknownNameError
from stgraph.forecasting import fit
from stgraph.models import PatchNet, Persistence, Task
from stgraph.training import Training
from tests import contracts
from tests.conftest import World

QUICK = contracts.TRAINING


def test_a_name_a_class_and_a_function_make_the_same_model(world: World) -> None:
    how = replace(QUICK, epochs=1)
    settings = {"hidden": 8, "layers": 1, "heads": 2}

    def make(task: Task) -> PatchNet:
        return PatchNet(task, hidden=8, layers=1, heads=2)

    by_name = fit(world.series, world.graph, "patchnet", training=how, settings=settings)
    by_class = fit(world.series, world.graph, PatchNet, training=how, settings=settings)
    by_function = fit(world.series, world.graph, make, training=how)
    np.testing.assert_array_equal(by_name.forecast().values, by_class.forecast().values)
    np.testing.assert_array_equal(by_name.forecast().values, by_function.forecast().values)
    with pytest.raises(DataError, match="settings"):
        fit(world.series, world.graph, make, training=how, settings=settings)


def test_the_order_of_the_graph_does_not_matter_and_its_sensors_do(world: World) -> None:
    turned = world.graph.subgraph(np.arange(17)[::-1])
    one, other = (fit(world.series, g, "linear-regression", training=QUICK) for g in (world.graph, turned))
    np.testing.assert_array_equal(one.forecast().values, other.forecast().values)
    assert other.graph.ids == world.series.sensors
    with pytest.raises(MismatchError, match=r"1 only in the series \['s00'\]"):
        fit(world.series, world.graph.subgraph(np.arange(1, 17)), "persistence")


def test_targets_are_channels_by_name(world: World) -> None:
    forecaster = fit(world.series, world.graph, "persistence", targets=["flow"])
    forecast = forecaster.forecast()
    assert (forecast.channels, forecast.units) == (("flow",), ("veh/h",))
    seen = world.series.observed[-1, :, 1]
    np.testing.assert_allclose(forecast.values[0, seen, 0], world.series.values[-1, seen, 1], rtol=1e-5)
    with pytest.raises(DataError, match="occupancy"):
        fit(world.series, world.graph, "persistence", targets=["occupancy"])


def test_several_targets_train_together(world: World) -> None:
    training = Training(epochs=1, progress=False, accelerator="cpu")
    forecaster = fit(
        world.series, world.graph, targets=["flow", "speed"], training=training, settings=contracts.SMALL["patchnet"]
    )
    assert forecaster.forecast().values.shape == (12, 17, 2)
    assert forecaster.forecast().values[..., 0].mean() > 500 > forecaster.forecast().values[..., 1].mean()


def test_an_unknown_model_suggests_the_nearest(world: World) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'persistence'"):
        fit(world.series, world.graph, "persistance")


def test_a_series_without_an_observation_says_so(world: World) -> None:
    empty = replace(world.series, observed=np.zeros_like(world.series.observed))
    with pytest.raises(DataError, match="no observed value"):
        fit(empty, world.graph, Persistence)


def test_a_series_shorter_than_a_window_says_how_long_one_is(world: World) -> None:
    with pytest.raises(DataError, match="the train part of the series: no window fits: one needs 24 steps"):
        fit(world.series.slice(0, 30), world.graph, "linear-regression")


def test_a_validation_part_without_an_observation_is_refused(world: World) -> None:
    observed = world.series.observed.copy()
    observed[360:480] = False
    with pytest.raises(DataError, match="validation part of the series: nothing was observed"):
        fit(replace(world.series, observed=observed), world.graph, history=6, horizon=4, training=QUICK)
