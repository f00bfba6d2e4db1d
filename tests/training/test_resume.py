"""A training that was cut off goes on, and ends in the very bits of one that was not."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stgraph.errors import RunError
from stgraph.forecasting.prepare import prepare, seeded
from stgraph.models import ForecastModel, PatchNet, Task
from stgraph.patches import PatchBatch
from stgraph.training import Training, TrainingLog, epochs_done, read_checkpoint, train
from stgraph.training.resume import SaveEachEpoch
from tests import contracts
from tests.conftest import World

STEPS = 11  # batches of an epoch: 351 windows by 32
QUICK = replace(contracts.TRAINING, epochs=4)
DROPOUT = contracts.SMALL["patchnet"] | {"dropout": 0.2, "profile_dropout": 0.2}


class Noisy(ForecastModel):
    """A linear map with dropout, and with noise that ebbs away with the training steps."""

    name, paper = "noisy", "nobody"

    def __init__(self, task: Task, *, dropout: float = 0.3) -> None:
        super().__init__(task)
        self.line = nn.Linear(task.history, task.horizon)
        self.dropout = nn.Dropout(dropout)

    @property
    def reach(self) -> int:
        return 0

    def forward(self, batch: PatchBatch) -> Tensor:
        out = self.line(self.dropout(batch.signal[..., 0].transpose(1, 2))).transpose(1, 2)[..., None]
        noise = torch.randn_like(out) / (1 + batch.step) if self.training else torch.zeros_like(out)
        forecast: Tensor = out + noise
        return forecast


class CutError(Exception):
    """The process is gone."""


def run(
    world: World,
    checkpoint: Path | None = None,
    *,
    model: type[ForecastModel] = Noisy,
    settings: Mapping[str, Any] | None = None,
    steps: float = float("inf"),
    training: Training = QUICK,
) -> tuple[TrainingLog, dict[str, Tensor]]:
    """Train; after so many training steps of this session the process is gone."""
    left = [steps]

    def count(module: nn.Module, _: object) -> None:
        left[0] -= module.training
        if left[0] < 0:
            raise CutError

    with seeded(training.seed):
        ready = prepare(
            world.series,
            world.graph,
            model,
            history=6,
            horizon=4,
            targets=None,
            split=None,
            training=training,
            settings=settings,
        )
        ready.model.register_forward_pre_hook(count)
        args = (ready.model, ready.batches, ready.validation, ready.target_scaler, ready.training)
        return train(*args, checkpoint=checkpoint), ready.model.state_dict()


def assert_same(one: tuple[TrainingLog, dict[str, Tensor]], other: tuple[TrainingLog, dict[str, Tensor]]) -> None:
    (log, state), (again, found) = one, other
    assert [(e.train_mae, e.validation_mae) for e in again.epochs] == [
        (e.train_mae, e.validation_mae) for e in log.epochs
    ]
    assert (again.best_epoch, again.stopped_early) == (log.best_epoch, log.stopped_early)
    assert found.keys() == state.keys()
    for name, x in state.items():
        assert torch.equal(found[name], x), name


@pytest.mark.parametrize(("model", "settings"), [(Noisy, {}), (PatchNet, DROPOUT)])
def test_cut_off_anywhere_it_ends_in_the_same_bits(
    world: World, tmp_path: Path, model: type[ForecastModel], settings: dict[str, Any]
) -> None:
    whole = run(world, model=model, settings=settings)
    path = tmp_path / "checkpoint.safetensors"
    for steps, done in ((5, 0), (STEPS + 4, 1), (STEPS - 1, 1), (2 * STEPS, 3), (STEPS - 1, 3)):  # of each session
        with pytest.raises(CutError):
            run(world, path, model=model, settings=settings, steps=steps)
        assert (epochs_done(path) if path.exists() else 0) == done
    resumed = run(world, path, model=model, settings=settings, steps=STEPS)
    assert_same(whole, resumed)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_patience_counts_on_over_a_cut(world: World, tmp_path: Path) -> None:
    flat = replace(QUICK, epochs=30, learning_rate=1e-12, patience=3)
    whole = run(world, training=flat)
    assert whole[0].stopped_early
    path = tmp_path / "c"
    for _ in range(len(whole[0].epochs) - 1):
        with pytest.raises(CutError):
            run(world, path, training=flat, steps=STEPS + 1)
    assert_same(whole, run(world, path, training=flat, steps=STEPS))


@pytest.mark.parametrize("training", [QUICK, replace(QUICK, epochs=30, learning_rate=1e-12, patience=1)])
def test_one_that_had_ended_is_not_trained_again(world: World, tmp_path: Path, training: Training) -> None:
    whole = run(world, tmp_path / "c", training=training)
    assert_same(whole, run(world, tmp_path / "c", training=training, steps=0))


def test_the_seconds_are_those_of_all_sessions(world: World, tmp_path: Path) -> None:
    with pytest.raises(CutError):
        run(world, tmp_path / "c", steps=3 * STEPS + 1)
    log, _ = run(world, tmp_path / "c")
    assert log.seconds >= sum(epoch.seconds for epoch in log.epochs)


def test_the_bar_goes_on_at_the_right_epoch(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CutError):
        run(world, tmp_path / "c", steps=2 * STEPS + 1)
    run(world, tmp_path / "c", training=replace(QUICK, progress=True))  # the bar is no part of the training
    out, shown = capsys.readouterr()
    assert not out  # a bar has no business among the results
    assert [line.split(":")[0] for line in shown.splitlines()] == ["epoch 3 of 4", "epoch 4 of 4"]


def test_a_checkpoint_of_another_training_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "c"
    run(world, path)
    kept = path.read_bytes()
    other = World(world.graph, replace(world.series, values=world.series.values + 1))
    refused = pytest.raises(
        RunError, match=r"expected training with learning_rate = 0\.5, found .* = 0\.002: of another"
    )
    with refused:
        run(world, path, training=replace(QUICK, learning_rate=0.5))
    with pytest.raises(RunError, match=r"expected model with dropout = 0\.1, found model with dropout = 0\.3"):
        run(world, path, settings={"dropout": 0.1})
    with pytest.raises(RunError, match=r"expected model with dropout = 0\.0, found model with dropout = 0\.3"):
        run(world, path, model=PatchNet)
    with pytest.raises(RunError, match=f"{path}: expected data with digest"):
        run(other, path)
    assert path.read_bytes() == kept


def test_the_random_states_are_kept(world: World, tmp_path: Path) -> None:
    run(world, tmp_path / "c")
    state = read_checkpoint(tmp_path / "c")
    assert state["random"].keys() == {"cpu"}
    assert state["random"]["cpu"].shape == torch.get_rng_state().shape
    assert state["stopped"] is False


@pytest.mark.parametrize("now", ["cuda", "cpu"])
def test_an_accelerators_random_state_goes_back_to_one_of_its_kind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, now: str
) -> None:
    state = torch.arange(16, dtype=torch.uint8)
    restored: list[Tensor] = []
    gpu = SimpleNamespace(get_rng_state=lambda: state, set_rng_state=restored.append)
    monkeypatch.setattr(torch, "get_device_module", lambda _: gpu)
    trainer: Any = SimpleNamespace(should_stop=True)
    there, here = (SimpleNamespace(device=torch.device(kind)) for kind in ("cuda", now))
    saver: Any = SaveEachEpoch(tmp_path / "c", {})
    checkpoint: dict[str, Any] = {}
    saver.on_save_checkpoint(trainer, there, checkpoint)
    saver.on_load_checkpoint(trainer, here, checkpoint)
    saver.on_train_start(trainer, here)
    assert [x.tolist() for x in restored] == ([state.tolist()] if now == "cuda" else [])
