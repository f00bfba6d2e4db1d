"""One training over several networks: alone it is a fit, order and units mean nothing, and what differs is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stgraph.errors import DataError, MismatchError, RunError
from stgraph.evaluation import evaluate
from stgraph.forecasting import Forecaster, fit_networks, load
from stgraph.forecasting.calibrate import calibrate
from stgraph.forecasting.prepare import prepare, together
from stgraph.forecasting.unfinished import CHECKPOINT
from stgraph.patches import Batches, PatchBatch
from stgraph.series import Sample, Scaler, TrafficSeries, converted
from stgraph.training import Training
from tests import contracts
from tests.conftest import World, road, traffic

MPH = ("mph", "veh/h")
HOW: dict[str, Any] = {
    "history": contracts.HISTORY,
    "horizon": contracts.HORIZON,
    "training": contracts.TRAINING,
    "settings": contracts.SMALL["patchnet"],
}


@pytest.fixture(scope="module")
def small() -> World:
    graph = road(8)
    return World(graph, traffic(graph, steps=400, seed=5))


def networks(*worlds: World) -> dict[str, tuple[TrafficSeries, Any]]:
    return {name: (world.series, world.graph) for name, world in zip("abc", worlds, strict=False)}


@pytest.fixture(scope="module")
def both(world: World, small: World) -> dict[str, Forecaster]:
    return fit_networks(networks(world, small), **HOW)


def test_one_network_alone_is_a_fit_bit_for_bit(world: World) -> None:
    alone = fit_networks(networks(world), **HOW)["a"]
    twin = contracts.forecaster_of("patchnet", world)
    for coverage in (None, 0.9):
        mine, other = (each.forecast(coverage=coverage) for each in (alone, twin))
        np.testing.assert_array_equal(mine.values, other.values)
    np.testing.assert_array_equal(mine.upper, other.upper)
    assert alone.scaler == twin.scaler
    assert [e.validation_mae for e in alone.log.epochs] == [e.validation_mae for e in twin.log.epochs]


def test_all_have_the_same_parameters_and_each_its_network(
    both: dict[str, Forecaster], world: World, small: World
) -> None:
    one, other = both.values()
    state = one.model.state_dict()
    assert all(torch.equal(x, state[name]) for name, x in other.model.state_dict().items())
    assert [each.task.sensors for each in both.values()] == [17, 11]
    for each, of in zip(both.values(), (world, small), strict=True):
        assert each.forecast().issued == of.series.times[-1]
        table = evaluate({"mixed": each}, of.series).summary()
        assert table["MAE"].notna().all()
        bounds, twin = each.calibration, calibrate(each, of.series)
        assert bounds is not None
        assert twin is not None
        assert torch.equal(bounds.margins, twin.margins)
        assert not bounds.carried
    assert other.describe()["series"] == "network 'b', of a, b that were trained on together"


def test_every_network_teaches(both: dict[str, Forecaster], world: World, small: World) -> None:
    values = small.series.values.copy()
    values[:240, :, 0] = 120 - values[:240, :, 0]
    other = fit_networks(networks(world, World(small.graph, replace(small.series, values=values))), **HOW)
    assert not np.allclose(other["a"].forecast().values, both["a"].forecast().values, rtol=1e-3)


def test_the_validation_error_is_that_of_all_networks(both: dict[str, Forecaster], world: World, small: World) -> None:
    total = count = 0.0
    for each, of in zip(both.values(), (world, small), strict=True):
        for batch in each.batches(of.series, "validation"):
            assert batch.target is not None
            assert batch.target_observed is not None
            total += float((each.predict(batch) - batch.target).abs()[batch.target_observed].sum(dtype=torch.float64))
            count += float(batch.target_observed.sum())
    assert both["a"].log.best is not None
    assert both["a"].log.best.validation_mae == pytest.approx(total / count, rel=1e-5)


def test_the_scaler_is_that_of_all_training_parts_in_any_order(
    both: dict[str, Forecaster], world: World, small: World
) -> None:
    pooled = Scaler.pooled([Sample(world.series, ((0, 360),)), Sample(small.series, ((0, 240),))])
    assert both["a"].scaler == both["b"].scaler == pooled
    turned = fit_networks(networks(small, world), **(HOW | {"training": replace(contracts.TRAINING, epochs=1)}))
    assert turned["a"].scaler == pooled


def test_units_are_converted_and_each_forecasts_in_its_own(
    both: dict[str, Forecaster], world: World, small: World
) -> None:
    miles = replace(small, series=converted(small.series, MPH).select(channels=("flow", "speed")))
    mixed = fit_networks(networks(world, miles), **HOW)
    np.testing.assert_allclose(mixed["a"].scaler.mean, both["a"].scaler.mean, rtol=1e-6)
    np.testing.assert_allclose(mixed["a"].forecast().values, both["a"].forecast().values, rtol=1e-5)
    theirs, ours = mixed["b"].forecast(), both["b"].forecast()
    assert (theirs.units, ours.units) == (("mph",), ("km/h",))
    np.testing.assert_allclose(theirs.values * 1.609344, ours.values, rtol=1e-5)
    assert evaluate({"mixed": mixed["b"]}, miles.series).units == ("mph",)


def test_a_training_that_was_cut_off_goes_on_and_not_with_another_network(
    both: dict[str, Forecaster], world: World, small: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:  # cut off after its training, so that the checkpoint stays
        patched.setitem(fit_networks.__globals__, "clear", lambda _: None)
        fit_networks(networks(world, small), folder=tmp_path, **HOW)
    assert (tmp_path / CHECKPOINT).exists()
    again = fit_networks(networks(world, small), folder=tmp_path, **HOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    np.testing.assert_array_equal(load(tmp_path / "b").forecast().values, again["b"].forecast().values)
    np.testing.assert_array_equal(again["b"].forecast().values, both["b"].forecast().values)
    with monkeypatch.context() as patched:
        patched.setitem(fit_networks.__globals__, "clear", lambda _: None)
        fit_networks(networks(world, small), folder=tmp_path, **HOW)
    other = replace(small, series=traffic(small.graph, steps=400, seed=6))
    with pytest.raises(RunError, match="of another fit"):
        fit_networks(networks(world, other), folder=tmp_path, **HOW)


def test_patches_of_networks_and_models_without_epochs_go_too(world: World, small: World) -> None:
    cut = replace(contracts.TRAINING, epochs=1, patches=5, blocks=2)
    found = fit_networks(networks(world, small), **(HOW | {"training": cut}))
    assert np.isfinite(found["b"].forecast().values).all()
    still = fit_networks(networks(world, small), "persistence", history=6, horizon=4, training=Training(progress=False))
    twin = contracts.forecaster_of("persistence", small)
    spoke = np.arange(11) != 3  # of the other one the mean is forecast, here that of both networks
    np.testing.assert_allclose(still["b"].forecast().values[:, spoke], twin.forecast().values[:, spoke], rtol=1e-5)


@pytest.mark.parametrize(("name", "most"), [("patchnet", 2), ("dcrnn", 1)])
def test_a_batch_has_patches_of_several_networks_and_an_epoch_each_value_once(
    world: World, small: World, name: str, most: int
) -> None:
    def both(blocks: int) -> tuple[Batches, Batches | None]:
        training = replace(contracts.TRAINING, blocks=blocks)
        how: dict[str, Any] = {"history": 6, "horizon": 4, "training": training, "settings": contracts.SMALL[name]}
        first, other = (prepare(one.series, one.graph, name, **how) for one in (world, small))
        return together(first, [other])

    mixed = False
    for part, alone in zip(both(2), both(1), strict=True):
        assert part is not None
        assert alone is not None
        batches = list(part)
        patches = [int(batch.block.max()) + 1 for batch in batches]
        assert max(patches) == most
        assert sum(patches) == len(list(alone))
        scored, once = (sum(map(_count, of)) for of in (part, alone))
        assert scored == once
        mixed |= any(len(batch.sensors) == 17 + 11 for batch in batches)
    assert mixed == (most == 2)


def test_what_does_not_go_together_is_refused_by_name(
    world: World, small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="at least one, found none"):
        fit_networks({})
    with monkeypatch.context() as patched:  # before anything is computed
        patched.setitem(fit_networks.__globals__, "pooled_scaler", None)
        with pytest.raises(MismatchError, match=r"stid knows its own 17 sensors .* belong to single ones"):
            fit_networks(networks(world, small), "stid", history=6, horizon=4)
    for change, words in (
        ({"channels": ("speed", "occupancy")}, "network 'b': expected channels as of the first network"),
        ({"times": small.series.times[0] + np.arange(400) * np.timedelta64(5, "m")}, "network 'b': expected interval"),
        ({"covariates": None, "covariate_names": ()}, "network 'b': expected covariates"),
        ({"country": "NL"}, "network 'b': expected holidays as of the first network, none, found those of a country"),
    ):
        interval = {"interval": np.timedelta64("NaT", "ns")}
        with pytest.raises(MismatchError, match=words):
            fit_networks(networks(world, World(small.graph, replace(small.series, **(interval | change)))), **HOW)
    with pytest.raises(DataError, match="network 'b': units: expected speed in 'km/h'"):
        fit_networks(networks(world, World(small.graph, replace(small.series, units=("%", "veh/h")))), **HOW)
    with pytest.raises(MismatchError, match="network 'b': series and graph have different sensors"):
        fit_networks(networks(world, replace(small, graph=world.graph)), **HOW)
    with pytest.raises(DataError, match="network 'b', validation part: no window fits"):
        fit_networks(networks(world, replace(small, series=small.series.slice(0, 12))), **HOW)


def _count(batch: PatchBatch) -> int:
    assert batch.target_observed is not None
    return int(batch.target_observed.sum())
