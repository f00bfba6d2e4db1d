"""Processes that train together do what one does alone; one that is lost costs an epoch at most."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from stgraph.errors import RunError
from stgraph.forecasting import Forecaster, load
from stgraph.forecasting.fit import trained
from stgraph.forecasting.prepare import prepare, seeded
from stgraph.training import World
from tests.training.world_worker import CASES, GRAPH, HOW, SERIES

ROOT = Path(__file__).parents[2]


def launch(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Start the worker as a user would: torchrun on this machine."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    worker = Path(__file__).with_name("world_worker.py")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [*command, str(worker), *map(str, arguments)],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        out, err = process.communicate(timeout=240)
    finally:
        process.terminate()  # and with it what it started
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def alone(name: str) -> Forecaster:
    """The slow obvious twin: one process, with the batches that two make together."""
    model, training, how = CASES[name]
    with seeded(training.seed):
        ready = prepare(SERIES, GRAPH, model, training=training, **HOW, **how)
        assert ready.validation is not None
        ready.batches.shares = ready.validation.shares = 2
        return trained(ready, None)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("together")
    done = launch(out, ",".join(CASES))
    assert done.returncode == 0, done.stderr
    assert done.stdout.replace("\n", "") == "stdout is free" * 2  # their lines may run into each other
    return out


def told(out: Path, process: int) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((out / f"process{process}.json").read_text())
    return facts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "tolerance"), [("patches", 1e-5), ("few", 1e-5), ("windows", 1e-5), ("penalised", 1e-5), ("half", 0.02)]
)
def test_two_processes_train_as_one_with_the_same_batches(together: Path, name: str, tolerance: float) -> None:
    one, two = alone(name), load(together / name, model=CASES[name][0])
    assert (one.log.best_epoch, one.log.stopped_early) == (two.log.best_epoch, two.log.stopped_early)
    for mine, theirs in zip(one.log.epochs, two.log.epochs, strict=True):
        assert theirs.train_mae == pytest.approx(mine.train_mae, rel=tolerance)
        assert theirs.validation_mae == pytest.approx(mine.validation_mae, rel=tolerance)
    state = two.model.state_dict()
    for key, x in one.model.state_dict().items():
        torch.testing.assert_close(state[key], x, rtol=tolerance, atol=tolerance)
    assert one.calibration is not None
    assert two.calibration is not None
    torch.testing.assert_close(
        two.calibration.margins, one.calibration.margins, rtol=10 * tolerance, atol=100 * tolerance, equal_nan=True
    )
    for mine_batch, batch in zip(one.batches(SERIES), two.batches(SERIES), strict=True):
        expected, found = one.predict(mine_batch), two.predict(batch)
        torch.testing.assert_close(found, expected, rtol=tolerance, atol=100 * tolerance)


@pytest.mark.slow
def test_all_processes_come_to_the_same(together: Path) -> None:
    first, second = told(together, 0), told(together, 1)
    assert first == second
    assert first["error"] == "seen by process 0"
    assert first["sum"] == 1 + 2
    assert first["gathered"] == [0, 7, 1, 7]
    assert first["fits"]["penalised"]["stopped"]
    assert sorted(path.name for path in (together / "patches").iterdir()) == ["run.json", "tensors.safetensors"]


@pytest.mark.slow
@pytest.mark.parametrize("process", [0, 1])
def test_no_thread_that_speaks_with_the_others_outlives_python(together: Path, process: int) -> None:
    left = (together / f"threads{process}.txt").read_text()
    assert ("python" in left) == sys.platform.startswith("linux")
    assert "gloo" not in left


@pytest.mark.slow
def test_one_that_is_killed_ends_all_and_asking_again_goes_on(together: Path, tmp_path: Path) -> None:
    start = time.monotonic()
    ended = launch(
        tmp_path, "dropout", 3 * 3 * 2 - 2
    )  # 5 patches, so 3 of each process, by 3 parts; in the second epoch
    assert ended.returncode != 0
    assert time.monotonic() - start < 120
    assert "Signal 9 (SIGKILL)" in ended.stderr
    assert "stdout is free" not in ended.stdout
    assert sorted(path.name for path in (tmp_path / "dropout").iterdir()) == ["checkpoint.safetensors", "fit.json"]
    again = launch(tmp_path, "dropout")
    assert again.returncode == 0, again.stderr
    whole, resumed = told(together, 0)["fits"]["dropout"], told(tmp_path, 0)["fits"]["dropout"]
    assert resumed == whole
    assert (tmp_path / "dropout" / "run.json").exists()


def test_without_torchrun_a_process_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "8")  # some schedulers set it for whatever they start
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    world = World.here()
    assert world == World()
    assert world.share is None
    x = torch.arange(3)
    assert world.summed(x) is x
    assert world.gathered(x) is x


def test_what_torchrun_says_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"TORCHELASTIC_RUN_ID": "none", "WORLD_SIZE": "8", "RANK": "5", "LOCAL_WORLD_SIZE": "4"}
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert World.here() == World(size=8, rank=5, on_machine=4)
    assert World.here().share == 5


def test_a_lost_process_is_told_of_and_any_other_error_is_left_as_it_is() -> None:
    lost, other = RuntimeError("[gloo/transport/tcp/pair.cc:534] Connection closed by peer"), RuntimeError("a bug")
    with pytest.raises(RunError, match=r"another of the 2 processes ended, .*closed by peer"), World(size=2).watched():
        raise lost
    with pytest.raises(RuntimeError, match="a bug"), World(size=2).watched():
        raise other
    with pytest.raises(RuntimeError, match="closed by peer"), World().watched():
        raise lost
