"""Refit: the fit on all data for as many epochs as were chosen, bit for bit; it cannot be evaluated."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from stgraph.errors import DataError, MismatchError, RunError
from stgraph.evaluation import compare, evaluate, find_protocol
from stgraph.forecasting import Forecaster, fit, load, read_inputs, refit
from stgraph.models import PatchNet
from stgraph.patches import PatchBatch
from stgraph.series import Scaler, Split
from stgraph.training import Training
from tests import contracts
from tests.conftest import World
from tests.forecasting.test_inputs import write_world

QUICK: dict[str, Any] = {"accelerator": "cpu", "progress": False}
EVERYTHING = Split(1.0, 0.0, 0.0)


def chose(forecaster: Forecaster, epoch: int) -> Forecaster:
    """The same, had another epoch been the best."""
    return replace(forecaster, log=replace(forecaster.log, best_epoch=epoch))


@pytest.fixture(scope="module")
def forecaster(world: World) -> Forecaster:
    return chose(contracts.forecaster_of("patchnet", world, Training(epochs=3, batch_size=32, seed=5, **QUICK)), 1)


@pytest.fixture(scope="module")
def again(forecaster: Forecaster, world: World) -> Forecaster:
    return refit(forecaster, world.series, **QUICK)


def test_it_is_the_fit_on_all_data_for_as_many_epochs_as_were_chosen(again: Forecaster, world: World) -> None:
    twin = fit(
        world.series,
        world.graph,
        "patchnet",
        history=6,
        horizon=4,
        split=EVERYTHING,
        training=Training(epochs=2, batch_size=32, seed=5, **QUICK),
        settings=contracts.SMALL["patchnet"],
    )
    np.testing.assert_array_equal(again.forecast().values, twin.forecast().values)
    assert len(again.log.epochs) == 2
    assert again.scaler == twin.scaler == Scaler.fit(world.series, [(0, 600)])


def test_it_has_seen_yesterday(forecaster: Forecaster, again: Forecaster, world: World) -> None:
    values = world.series.values.copy()
    values[590:] += 5
    other = refit(forecaster, replace(world.series, values=values), **QUICK)
    assert other.scaler != again.scaler
    past = world.series.slice(0, 580)
    assert not np.array_equal(other.forecast(past).values, again.forecast(past).values)


@pytest.mark.parametrize("name", ["linear-regression", "persistence"])
def test_models_without_epochs_are_fitted_to_all(name: str, world: World) -> None:
    twin = fit(world.series, world.graph, name, history=6, horizon=4, split=EVERYTHING)
    again = refit(contracts.forecaster_of(name, world), world.series)
    np.testing.assert_array_equal(again.forecast().values, twin.forecast().values)
    assert again.describe()["trained"].endswith("anew on all data: nothing is held out")


def test_quantiles_targets_and_scaling_are_those_of_the_run(world: World) -> None:
    rules = find_protocol("tgcn")
    how: dict[str, Any] = {"targets": ["flow"], "scaling": rules.scaling, "history": 6, "horizon": 4}
    before = fit(
        world.series,
        world.graph,
        training=contracts.TRAINING,
        settings=contracts.SMALL["patchnet"],
        quantiles=(0.1, 0.5, 0.9),
        **how,
    )
    again = refit(before, world.series, **QUICK)
    assert again.task == before.task
    assert again.scaling == before.scaling
    assert again.model.settings == before.model.settings


def test_its_facts_say_so_and_come_back(forecaster: Forecaster, again: Forecaster, tmp_path: Path) -> None:
    loaded = load(again.save(tmp_path))
    json.loads((tmp_path / "run.json").read_text(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    for one in (again, loaded):
        facts = one.describe()
        assert "anew on all data: nothing is held out; epochs: 2, as the fit before chose by its" in facts["trained"]
        assert facts["bounds"].startswith("carried over from the fit before, calibrated on ")
        assert one.chosen == forecaster.log
        assert one.training == replace(forecaster.training or Training(), epochs=2)
    assert np.isnan(loaded.log.epochs[0].validation_mae)
    assert "refit" not in str(forecaster.describe())
    assert "fit before" not in forecaster.describe()["bounds"]


def test_the_bounds_of_a_run_that_was_moved_first_or_last_come_from_the_other_network(
    forecaster: Forecaster, again: Forecaster, world: World
) -> None:
    fewer = world.graph.subgraph(np.arange(16))
    own = world.series.select(sensors=fewer.ids)
    for one in (again.on(fewer, own), refit(forecaster.on(fewer, own), own, **QUICK)):
        assert one.describe()["bounds"].startswith("carried over from the network trained on, calibrated on ")


def test_its_bounds_are_as_wide_as_those_of_the_run(forecaster: Forecaster, again: Forecaster) -> None:
    one, other = (each.forecast(coverage=0.9) for each in (forecaster, again))
    assert one.upper is not None
    assert other.upper is not None
    np.testing.assert_allclose(other.upper - other.values, one.upper - one.values, rtol=1e-4)


def test_it_cannot_be_scored(forecaster: Forecaster, again: Forecaster, world: World) -> None:
    words = "again was refitted on all data: nothing is held out that it could be scored on"
    for how in ({}, {"part": "train"}, {"protocol": find_protocol("clean")}):
        with pytest.raises(DataError, match=words):
            evaluate({"again": again}, world.series, **how)
    with pytest.raises(DataError, match=words):
        compare(forecaster, again, world.series, names=("run", "again"))


def test_a_refitted_one_is_refitted_for_the_epochs_of_the_first(again: Forecaster, world: World) -> None:
    third = refit(again, world.series, **QUICK)
    assert third.chosen == again.chosen
    np.testing.assert_array_equal(third.forecast().values, again.forecast().values)


def test_a_longer_file_of_the_same_sensors(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    newer = series.rename(tmp_path / "newer.csv")
    lines = newer.read_text().splitlines(keepends=True)
    series.write_text("".join(lines[:501]))
    inputs = read_inputs(series, adjacency, start="2012-03-01", interval="30min", country="US", unit=["mph"])
    run = fit(inputs.series, inputs.graph, "linear-regression", provenance=inputs.provenance).save(tmp_path / "run")
    same, longer = refit(run, folder=tmp_path / "same"), refit(run, newer, folder=tmp_path / "longer")
    assert same.latest.times[-1] == inputs.series.times[-1]
    assert len(longer.latest) == 12
    assert longer.latest.times[-1] == inputs.series.times[0] + 599 * np.timedelta64(30, "m")
    assert longer.provenance["series"] == str(newer)
    assert load(tmp_path / "longer").forecast().issued == longer.latest.times[-1]
    in_memory = refit(run, longer.aligned(read_inputs(newer, adjacency, **inputs.provenance["read"]).series))
    np.testing.assert_array_equal(in_memory.forecast().values, longer.forecast().values)
    assert "series" not in in_memory.provenance
    of_dataset = replace(load(run), provenance=inputs.provenance | {"dataset": "metr-la", "data_dir": None})
    assert refit(of_dataset, newer).provenance == longer.provenance, "a file is no dataset"
    newer.write_text("".join(line.partition(",")[2] for line in lines))
    with pytest.raises(MismatchError, match=r"newer\.csv: .* 1 missing \['s00'\]"):
        refit(run, newer)
    series.write_text("changed")
    with pytest.raises(DataError, match=r"speed\.csv: expected the series of this run"):
        refit(run)


class GoneError(Exception):
    """The process is gone."""


def test_one_that_was_cut_off_goes_on_when_asked_again(
    forecaster: Forecaster, again: Forecaster, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0
    forward = PatchNet.forward

    def dying(model: PatchNet, batch: PatchBatch) -> Tensor:
        nonlocal steps
        steps += 1
        if steps == 25:  # of 19 an epoch
            raise GoneError
        return forward(model, batch)

    with monkeypatch.context() as patched:
        patched.setattr(PatchNet, "forward", dying)
        with pytest.raises(GoneError):
            refit(forecaster, world.series, folder=tmp_path / "again", **QUICK)
    assert [p.name for p in (tmp_path / "again").iterdir()] == ["checkpoint.safetensors"]
    with monkeypatch.context() as patched:
        steps = 5  # it would not live through two epochs
        patched.setattr(PatchNet, "forward", dying)
        resumed = refit(forecaster, world.series, folder=tmp_path / "again", **QUICK)
    np.testing.assert_array_equal(resumed.forecast().values, again.forecast().values)
    np.testing.assert_array_equal(load(tmp_path / "again").forecast().values, again.forecast().values)
    assert not (tmp_path / "again" / "checkpoint.safetensors").exists()


def test_what_cannot_be_refitted_says_why(forecaster: Forecaster, world: World, tmp_path: Path) -> None:
    run = forecaster.save(tmp_path / "run")
    with pytest.raises(RunError, match="run: expected another folder than that of the run"):
        refit(run, world.series, folder=tmp_path / "other" / ".." / "run")
    with pytest.raises(DataError, match="came from no file"):
        refit(run)
    with pytest.raises(RunError, match="patchnet was saved before the options of its training were kept; fit it again"):
        refit(replace(forecaster, training=None), world.series)
