"""Run folders: bit for bit in a new process, no pickle, and torn or foreign ones refused."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from stgraph.errors import DataError, RunError
from stgraph.files import sha256
from stgraph.forecasting import Calibration, Forecaster, fit, load
from stgraph.models import ForecastModel
from stgraph.patches import PatchBatch
from tests import contracts
from tests.conftest import World
from tests.test_files import files_no_larger_than


@pytest.fixture(scope="module")
def forecaster(world: World) -> Forecaster:
    return contracts.forecaster_of("patchnet", world)


def test_a_new_process_forecasts_the_same_bits(forecaster: Forecaster, tmp_path: Path) -> None:
    run = forecaster.save(tmp_path / "run")
    code = (
        "import sys, numpy as np, torch, stgraph; torch.set_num_threads(1); "
        "np.save(sys.argv[2], stgraph.load(sys.argv[1]).forecast().values)"
    )
    subprocess.run([sys.executable, "-c", code, str(run), str(tmp_path / "other.npy")], check=True)
    np.testing.assert_array_equal(np.load(tmp_path / "other.npy"), forecaster.forecast().values)


def test_everything_comes_back(forecaster: Forecaster, tmp_path: Path) -> None:
    again = load(replace(forecaster, provenance={"series": "a.csv"}).save(tmp_path))
    assert again.graph.digest() == forecaster.graph.digest()
    assert again.latest.digest() == forecaster.latest.digest()
    assert (again.scaler, again.split, again.task) == (forecaster.scaler, forecaster.split, forecaster.task)
    assert again.log == forecaster.log
    assert again.provenance == {"series": "a.csv"}
    one, other = (each.forecast(coverage=0.9) for each in (forecaster, again))
    np.testing.assert_array_equal(one.lower, other.lower)
    np.testing.assert_array_equal(one.upper, other.upper)
    assert again.describe() | {"series": ""} == forecaster.describe() | {"series": ""}


def test_quantiles_come_back(world: World, tmp_path: Path) -> None:
    levels, settings = (0.05, 0.5, 0.95), contracts.SMALL["patchnet"]
    forecaster = fit(world.series, world.graph, training=contracts.TRAINING, settings=settings, quantiles=levels)
    again = load(forecaster.save(tmp_path))
    assert again.task.quantiles == levels
    one, other = (each.forecast(coverage=0.9) for each in (forecaster, again))
    np.testing.assert_array_equal(one.lower, other.lower)


def test_a_run_of_before_bounds_were_kept_forecasts_without(forecaster: Forecaster, tmp_path: Path) -> None:
    run = replace(forecaster, calibration=None).save(tmp_path)
    facts = json.loads((run / "run.json").read_text())
    del facts["calibration"], facts["task"]["quantiles"]
    (run / "run.json").write_text(json.dumps(facts))
    again = load(run)
    np.testing.assert_array_equal(again.forecast().values, forecaster.forecast().values)
    with pytest.raises(DataError, match="saved before bounds were kept; fit again"):
        again.forecast(coverage=0.9)


def test_bounds_of_silent_sensors_come_back_and_older_runs_have_none(forecaster: Forecaster, tmp_path: Path) -> None:
    found = forecaster.calibration
    assert found is not None
    assert found.silent is not None
    for silent in (found.silent, None):
        again = load(replace(forecaster, calibration=replace(found, silent=silent)).save(tmp_path)).calibration
        assert again is not None
        assert (again.silent is None) == (silent is None)
        assert silent is None or (again.silent is not None and torch.equal(again.silent, silent))


def test_bounds_of_another_network_are_refused(forecaster: Forecaster, tmp_path: Path) -> None:
    assert forecaster.calibration is not None
    margins, count = (x[:, 1:].contiguous() for x in (forecaster.calibration.margins, forecaster.calibration.count))
    run = replace(forecaster, calibration=Calibration(margins, count, 1)).save(tmp_path)
    with pytest.raises(RunError, match=r"calibration: expected shape .*N=17.*, found .4, 16, 1."):
        load(run)


def test_the_folder_holds_json_and_safetensors_alone(forecaster: Forecaster, tmp_path: Path) -> None:
    assert sorted(p.name for p in forecaster.save(tmp_path).iterdir()) == ["run.json", "tensors.safetensors"]


def rewrite(folder: Path, **facts: Any) -> None:
    path = folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


def test_what_is_missing_torn_altered_or_foreign_is_named(forecaster: Forecaster, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"run\.json: not found"):
        load(tmp_path / "nowhere")
    run = forecaster.save(tmp_path / "run")
    whole = (run / "tensors.safetensors").read_bytes()
    (run / "tensors.safetensors").write_bytes(whole[:-10])
    with pytest.raises(RunError, match=r"tensors\.safetensors: expected SHA-256 .* truncated"):
        load(run)
    (run / "tensors.safetensors").write_bytes(b"junk" * 100)
    rewrite(run, tensors_sha256=sha256(run / "tensors.safetensors"))
    with pytest.raises(RunError, match="not readable as safetensors"):
        load(run)
    forecaster.save(run)
    rewrite(run, task={"sensors": "many"})
    with pytest.raises(RunError, match="not a run of this library"):
        load(run)
    forecaster.save(run)
    rewrite(run, log=json.loads((run / "run.json").read_text())["log"] | {"measure": "medae"})
    with pytest.raises(RunError, match=r"run\.json: log: expected a measure of .*, found 'medae'"):
        load(run)
    rewrite(run, format=99)
    with pytest.raises(RunError, match="expected a run of format 1, found 99"):
        load(run)
    (run / "run.json").write_text("{")
    with pytest.raises(RunError, match="not readable as JSON"):
        load(run)


class Mine(ForecastModel):
    """A model of a user's own."""

    name, paper, trained = "mine", "nobody", "none"

    def __init__(self, task: Any, *, what: Any = 1) -> None:
        super().__init__(task)
        self.what = what

    @property
    def reach(self) -> int:
        return 0

    def forward(self, batch: PatchBatch) -> Tensor:
        return batch.signal[:, -1:, :, :1].expand(-1, self.task.horizon, -1, -1)


def test_a_model_of_your_own_is_loaded_with_its_class(world: World, tmp_path: Path) -> None:
    forecaster = fit(world.series, world.graph, Mine)
    run = forecaster.save(tmp_path)
    with pytest.raises(RunError, match="model=YourClass"):
        load(run)
    np.testing.assert_array_equal(load(run, model=Mine).forecast().values, forecaster.forecast().values)


def test_settings_that_are_no_plain_data_leave_nothing_behind(world: World, tmp_path: Path) -> None:
    forecaster = fit(world.series, world.graph, Mine, settings={"what": object()})
    with pytest.raises(RunError, match="numbers, text, bool or None"):
        forecaster.save(tmp_path / "run")
    assert not (tmp_path / "run").exists()


class Tied(Mine):
    """Two names for one tensor."""

    name = "tied"

    def __init__(self, task: Any) -> None:
        super().__init__(task)
        self.one = self.other = torch.nn.Parameter(torch.ones(2))


def test_tied_parameters_are_saved(world: World, tmp_path: Path) -> None:
    forecaster = fit(world.series, world.graph, Tied)
    assert load(forecaster.save(tmp_path), model=Tied).model.state_dict().keys() == {"one", "other"}


def test_a_full_disk_leaves_the_run_before_as_it_was(world: World, forecaster: Forecaster, tmp_path: Path) -> None:
    small = fit(world.series, world.graph, "persistence", history=6, horizon=4)
    small.save(tmp_path)
    kept = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with files_no_larger_than(20_000), pytest.raises(DataError, match=r"run\.json: cannot be written \(.*too large"):
        forecaster.save(tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == kept
    np.testing.assert_array_equal(load(tmp_path).forecast().values, small.forecast().values)
