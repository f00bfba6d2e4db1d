"""fit: names, classes and factories; targets; the order of sensors; a folder in which it can be cut off."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from stgraph.errors import DataError, MismatchError, RunError, UnknownNameError
from stgraph.files import sha256
from stgraph.forecasting import Forecaster, fit, load, read_inputs, resume
from stgraph.models import PatchNet, Persistence, Task
from stgraph.patches import PatchBatch
from stgraph.series import Split
from stgraph.training import Training
from tests import contracts
from tests.conftest import World
from tests.forecasting.test_inputs import write_world
from tests.test_files import files_no_larger_than

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


def test_quantiles_are_for_models_trained_by_gradient(world: World) -> None:
    settings = contracts.SMALL["patchnet"]
    forecaster = fit(world.series, world.graph, training=QUICK, settings=settings, quantiles=contracts.QUANTILES)
    assert forecaster.task.quantiles == contracts.QUANTILES
    median = fit(world.series, world.graph, training=QUICK, settings=settings, quantiles=(0.5,))
    alone = fit(world.series, world.graph, training=QUICK, settings=settings)
    np.testing.assert_allclose(median.forecast().values, alone.forecast().values, rtol=1e-4)
    with pytest.raises(DataError, match=r"linear-regression is not trained by gradient and has no heads for quantiles"):
        fit(world.series, world.graph, "linear-regression", quantiles=contracts.QUANTILES)


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
    with pytest.raises(DataError, match="the series, train part: no window fits: one needs 24 steps"):
        fit(world.series.slice(0, 30), world.graph, "linear-regression")


def test_a_validation_part_without_an_observation_is_refused(world: World) -> None:
    observed = world.series.observed.copy()
    observed[360:480] = False
    with pytest.raises(DataError, match="the series, validation part: nothing was observed"):
        fit(replace(world.series, observed=observed), world.graph, history=6, horizon=4, training=QUICK)


def cut_in_epoch(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process be gone in the middle of an epoch: after so many epochs and 3 batches."""
    seen = 0
    forward = PatchNet.forward

    def dying(model: PatchNet, batch: PatchBatch) -> Tensor:
        nonlocal seen
        seen += model.training
        if seen > 11 * count + 3:
            raise GoneError
        return forward(model, batch)

    monkeypatch.setattr(PatchNet, "forward", dying)


class GoneError(Exception):
    """The process is gone."""


def in_folder(world: World, folder: Path | None, **how: Any) -> Forecaster:
    settings = contracts.SMALL["patchnet"] | {"dropout": 0.1}
    training = replace(QUICK, epochs=3)
    given: dict[str, Any] = {"history": 6, "horizon": 4, "settings": settings, "training": training} | how
    return fit(world.series, world.graph, folder=folder, **given)


def test_a_fit_in_a_folder_goes_on_when_asked_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = in_folder(world, None)
    with monkeypatch.context() as dying:
        cut_in_epoch(2, dying)
        with pytest.raises(GoneError):
            in_folder(world, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"fit.json", "checkpoint.safetensors"}
    with pytest.raises(RunError, match=r"checkpoint\.safetensors: expected training with seed = 1, found .* seed = 0"):
        in_folder(world, tmp_path, training=replace(QUICK, epochs=3, seed=1))
    again = in_folder(world, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"run.json", "tensors.safetensors"}
    for one in (again, load(tmp_path)):
        assert [e.validation_mae for e in one.log.epochs] == [e.validation_mae for e in whole.log.epochs]
        np.testing.assert_array_equal(one.forecast().values, whole.forecast().values)


@pytest.mark.parametrize("bounds", [True, False])
def test_resume_needs_the_folder_alone(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, bounds: bool
) -> None:
    inputs = read_inputs(*write_world(world, tmp_path), start="2012-03-01", interval="30min", country="US")
    given = World(inputs.graph, inputs.series)
    how: dict[str, Any] = {"provenance": inputs.provenance, "split": Split(0.7, 0.2, 0.1), "bounds": bounds}
    whole = in_folder(given, tmp_path / "whole", **how)
    run = tmp_path / "run"
    with monkeypatch.context() as dying:
        cut_in_epoch(0, dying)  # before the first checkpoint
        with pytest.raises(GoneError):
            in_folder(given, run, **how)
    assert [p.name for p in run.iterdir()] == ["fit.json"]
    again = resume(run)
    assert again.provenance == whole.provenance
    assert (again.calibration is not None) == bounds
    assert sha256(run / "tensors.safetensors") == sha256(tmp_path / "whole" / "tensors.safetensors")
    with pytest.raises(RunError, match="nothing to resume: its fit is finished"):
        resume(run)


def test_resume_refuses_files_that_were_changed(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    series, adjacency = write_world(world, tmp_path)
    inputs = read_inputs(series, adjacency, start="2012-03-01", interval="30min")
    cut_in_epoch(1, monkeypatch)
    with pytest.raises(GoneError):
        in_folder(World(inputs.graph, inputs.series), tmp_path / "run", provenance=inputs.provenance)
    series.write_text(series.read_text().replace("6", "7", 1))
    with pytest.raises(DataError, match=r"speed\.csv: expected the series of this run"):
        resume(tmp_path / "run")


def test_a_full_disk_leaves_the_checkpoint_and_the_run_before(world: World, tmp_path: Path) -> None:
    fit(world.series, world.graph, "persistence", history=6, horizon=4, folder=tmp_path)
    kept = load(tmp_path)
    with files_no_larger_than(20_000), pytest.raises(DataError, match=r"checkpoint\.safetensors: cannot be written"):
        in_folder(world, tmp_path)
    np.testing.assert_array_equal(load(tmp_path).forecast().values, kept.forecast().values)
    assert {p.name for p in tmp_path.iterdir()} == {"fit.json", "run.json", "tensors.safetensors"}
    assert in_folder(world, tmp_path).model.name == load(tmp_path).model.name == "patchnet"


def test_a_folder_that_cannot_be_is_said_before_the_work(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="file is a file"):
        fit(world.series, world.graph, "nothing", folder=tmp_path / "file" / "run")
    with pytest.raises(UnknownNameError):
        fit(world.series, world.graph, "nothing", folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_without_bounds_the_validation_part_is_not_gone_through_for_them(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how: dict[str, Any] = {"training": replace(QUICK, epochs=1), "settings": contracts.SMALL["patchnet"]}
    bounded = fit(world.series, world.graph, **how)
    monkeypatch.setattr(import_module("stgraph.forecasting.fit"), "calibrate", None)
    spared = fit(world.series, world.graph, bounds=False, folder=tmp_path / "run", **how)
    assert (bounded.calibration is None, spared.calibration is None) == (False, True)
    for forecaster in (spared, load(tmp_path / "run")):
        np.testing.assert_array_equal(forecaster.forecast().values, bounded.forecast().values)
        with pytest.raises(DataError, match=r"has none: fitted without them \(bounds=False\)"):
            forecaster.forecast(coverage=0.9)
