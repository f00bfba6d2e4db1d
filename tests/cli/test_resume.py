"""`stgraph fit`, killed or interrupted, and `stgraph fit --resume`; `--dry-run`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor
from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.errors import DataError, RunError
from stgraph.forecasting import load
from stgraph.forecasting.unfinished import Plan
from stgraph.models import PatchNet
from stgraph.patches import PatchBatch
from tests import contracts
from tests.cli.test_fit import SMALL
from tests.conftest import World
from tests.forecasting.test_inputs import write_world
from tests.forecasting.test_unfinished import begun

CLOCK = ["--start", "2012-03-01", "--interval", "30min", "--accelerator", "cpu"]
TRAINING = ["--epochs", "4", "--batch-size", "8", "--set", "hidden=8", "--set", "dropout=0.1"]  # 43 batches an epoch


def command(folder: Path, run: str) -> list[str]:
    files = ["--series", str(folder / "speed.csv"), "--adjacency", str(folder / "adjacency.csv")]
    return ["fit", *files, *CLOCK, *TRAINING, "--output", str(folder / run)]


def kill_in_second_epoch(run: Path, *arguments: str) -> None:
    """Run a command, and kill it as soon as the first checkpoint stands there: an epoch takes far longer than that."""
    program = [sys.executable, "-c", "from stgraph.cli.main import main; main()", *arguments]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not (run / "checkpoint.safetensors").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert process.returncode == -signal.SIGKILL


def log_of(run: Path) -> list[Any]:
    facts = json.loads((run / "run.json").read_text())["log"]
    return [
        facts["best_epoch"],
        facts["stopped_early"],
        *((e["train_mae"], e["validation_mae"]) for e in facts["epochs"]),
    ]


@pytest.mark.slow
def test_killed_in_mid_epoch_it_goes_on_and_ends_in_the_same_bits(world: World, tmp_path: Path) -> None:
    write_world(world, tmp_path)
    whole, run = tmp_path / "whole", tmp_path / "run"
    kill_in_second_epoch(run, *command(tmp_path, "run"))
    assert {p.name for p in run.iterdir()} == {"fit.json", "checkpoint.safetensors"}
    resumed = CliRunner().invoke(app, ["fit", "--resume", str(run)])
    assert "of 4 done, going on" in resumed.output
    assert CliRunner().invoke(app, command(tmp_path, "whole")).exit_code == 0
    assert {p.name for p in run.iterdir()} == {"run.json", "tensors.safetensors"}
    assert (run / "tensors.safetensors").read_bytes() == (whole / "tensors.safetensors").read_bytes()
    assert log_of(run) == log_of(whole)
    assert len(log_of(run)) == 2 + 4


def test_ctrl_c_says_how_to_go_on(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_world(world, tmp_path)
    forward, seen = PatchNet.forward, [0]

    def interrupted(model: PatchNet, batch: PatchBatch) -> Tensor:
        seen[0] += model.training
        if seen[0] == 60:  # in the second epoch
            signal.raise_signal(signal.SIGINT)
        return forward(model, batch)

    monkeypatch.setattr(PatchNet, "forward", interrupted)
    result = CliRunner().invoke(app, command(tmp_path, "run"))
    assert result.exit_code == 130
    assert f"interrupted, epoch 1 of 4 done: go on with `stgraph fit --resume {tmp_path / 'run'}`" in result.output


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert isinstance(result.exception, DataError | RunError), result.output
    assert "\n" not in str(result.exception)
    return str(result.exception)


def test_resume_takes_no_other_option_and_names_those_given(tmp_path: Path) -> None:
    begun(tmp_path, epochs=1)
    told = refused("fit", "--epochs", "30", "--resume", str(tmp_path), "--set", "hidden=8", "--no-header")
    assert told.startswith("--no-header, --epochs, --set: not together with --resume")
    assert "--dry-run: not together" in refused("fit", "--resume", str(tmp_path), "--dry-run")


def test_there_must_be_something_to_resume(tmp_path: Path) -> None:
    assert "run: nothing to resume: it holds no fit.json" in refused("fit", "--resume", str(tmp_path / "run"))
    (tmp_path / "run.json").write_text("{}")
    assert "nothing to resume: its fit is finished" in refused("fit", "--resume", str(tmp_path))
    begun(tmp_path, epochs=3)
    assert "came from no file" in refused("fit", "--resume", str(tmp_path))


def test_a_new_fit_needs_its_files_and_a_free_folder(tmp_path: Path) -> None:
    assert "expected --series and --adjacency, or --dataset, and --output" in refused("fit", "--series", "speed.csv")
    begun(tmp_path / "run", epochs=12)
    told = refused(*command(tmp_path, "run"))
    assert "holds an unfinished fit (epoch 12 of 30 done): continue with `stgraph fit --resume" in told


def test_a_fit_that_died_before_its_first_checkpoint_begins_anew(world: World, tmp_path: Path) -> None:
    write_world(world, tmp_path)
    assert CliRunner().invoke(app, [*command(tmp_path, "whole"), *SMALL]).exit_code == 0
    provenance = load(tmp_path / "whole").provenance
    model = load(tmp_path / "whole").model
    plan = Plan.read(begun(tmp_path / "run", epochs=0))
    changes = {
        "training": contracts.TRAINING,
        "settings": model.settings,
        "history": 12,
        "horizon": 12,
        "targets": ("speed",),
        "provenance": provenance,
    }
    Plan(**{**vars(plan), **changes}).write(tmp_path / "run")
    result = CliRunner().invoke(app, ["fit", "--resume", str(tmp_path / "run")])
    assert "epoch 0 of 2 done, going on" in result.output
    assert load(tmp_path / "run").provenance == provenance


@pytest.mark.parametrize("model", ["patchnet", "linear-regression", "persistence"])
def test_a_dry_run_says_what_it_costs_and_writes_nothing(world: World, tmp_path: Path, model: str) -> None:
    write_world(world, tmp_path)
    before = sorted(tmp_path.iterdir())
    result = CliRunner().invoke(app, [*command(tmp_path, "run")[:-6], "--model", model, "--dry-run"])
    assert result.exit_code == 0, result.output
    assert "dry run: nothing is written" in result.output
    assert "train 337, validation 97, test 97" in result.output
    for what in ("parameters", "batches", "peak memory", "time"):
        assert what in result.output
    assert sorted(tmp_path.iterdir()) == before
