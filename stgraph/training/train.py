"""Train one model on batches: by gradient on Lightning, or in closed form."""

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping
from torch import Tensor

from stgraph.errors import DataError
from stgraph.models import ForecastModel
from stgraph.patches import Batches, PatchBatch
from stgraph.series import Scaler
from stgraph.training.log import Epoch, TrainingLog
from stgraph.training.memory import memory_kept
from stgraph.training.module import ForecastModule
from stgraph.training.options import Training
from stgraph.training.physical import scaled_target
from stgraph.training.resume import SaveEachEpoch, check_same, facts_of
from stgraph.training.trainer import make_trainer, quiet
from stgraph.training.world import World


def train(
    model: ForecastModel,
    batches: Batches,
    validation: Batches | None,
    scaler: Scaler,
    options: Training,
    *,
    checkpoint: Path | None = None,
) -> TrainingLog:
    """Train a model by gradient, and leave in it the parameters of the best validation epoch.

    A training that was cut off goes on from its checkpoint, and on the same machine ends in the same bits as one
    that was not: parameters, optimiser, schedule, early stopping, random states and the log are all in it, and the
    order of the windows depends on the seed and the epoch alone.

    Among several processes each is given its share of the batches, and all end with the same parameters and log; the
    first one saves the checkpoint, and all read it.

    Args:
        model: is changed in place.
        batches: of the training part.
        validation: of the validation part; None = no selection: the last epoch counts.
        scaler: of the target channels.
        options: how to train.
        checkpoint: file to save to at the end of each epoch, and to go on from where it exists; None = nowhere.

    Raises:
        RunError: the checkpoint is not readable, or of another training; names the file and what differs.
        DataError: the checkpoint cannot be written, or training diverged at once.
    """
    count = options.batches_of(len(batches))
    module = ForecastModule(model, scaler, options, steps=options.epochs * count)
    keeper = _KeepBest(batches, select=validation is not None)
    callbacks: list[Callback] = [keeper]
    if validation is not None:
        callbacks.append(
            EarlyStopping(f"validation_{module.measure}", patience=options.patience, mode="min", check_finite=True)
        )
    world = World.here()
    resumed = checkpoint is not None and world.first(checkpoint.exists)
    if checkpoint is not None:
        facts = world.first(lambda: facts_of(model, batches, validation, options))
        callbacks.append(SaveEachEpoch(checkpoint, facts))
        if resumed:
            check_same(checkpoint, facts)
    if world.rank:  # dropout of its own; the first process has that of one which is alone
        torch.manual_seed(int(np.random.SeedSequence((options.seed, world.rank)).generate_state(1, np.uint64)[0]))
    start = time.perf_counter()
    with quiet(), memory_kept():
        trainer = make_trainer(options, callbacks, batches=count)
        trainer.fit(module, batches, validation, ckpt_path=checkpoint if resumed else None)
    log = TrainingLog(tuple(keeper.epochs), keeper.best_epoch, bool(trainer.should_stop), measure=module.measure)
    if not math.isfinite(log.epochs[log.best_epoch].train_mae if validation is None else log.errors[log.best_epoch]):
        if checkpoint is not None:
            world.first(checkpoint.unlink)  # nothing to go on with
        message = (
            f"training diverged at once; expected a finite error: try a learning_rate below {options.learning_rate:g}"
        )
        raise DataError(message)
    model.load_state_dict(keeper.best)
    model.to("cpu").eval()
    return replace(log, seconds=keeper.seconds_before + time.perf_counter() - start)


def train_closed(model: ForecastModel, batches: Batches, scaler: Scaler) -> TrainingLog:
    """Fit a closed-form model in place, on targets in scaled units; a model without parameters is left as it is."""
    start = time.perf_counter()
    if model.trained == "closed_form":
        model.fit_closed(scaled(batches, scaler))
    model.eval()
    return TrainingLog(seconds=time.perf_counter() - start)


def scaled(batches: Batches, scaler: Scaler) -> Iterator[PatchBatch]:
    """Yield batches with their targets in scaled units, as closed-form models take them."""
    mean, deviation = torch.tensor(scaler.mean), torch.tensor(scaler.deviation)
    for batch in batches:
        yield scaled_target(batch, mean, deviation)


class _KeepBest(Callback):
    """Keep the log, and the parameters of the epoch with the lowest validation error (of the last one without any).

    It also tells the loader which epoch it is, so that the order of the windows depends on nothing else.
    """

    def __init__(self, batches: Batches, *, select: bool) -> None:
        self.batches, self.select = batches, select
        self.best: dict[str, Tensor] = {}
        self.best_epoch = 0
        self.epochs: list[Epoch] = []
        self.seconds_before = 0.0
        self._start = 0.0

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch, "epochs": [asdict(epoch) for epoch in self.epochs]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.best, self.best_epoch = state_dict["best"], state_dict["best_epoch"]
        self.epochs = [Epoch(**epoch) for epoch in state_dict["epochs"]]
        self.seconds_before = sum(epoch.seconds for epoch in self.epochs)

    def on_train_epoch_start(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        self.batches.epoch = trainer.current_epoch
        self._start = time.perf_counter()

    def on_train_epoch_end(self, _: Any, module: ForecastModule) -> None:  # type: ignore[override] # noqa: ANN401
        seconds = time.perf_counter() - self._start
        epoch = Epoch(module.mean_error("train"), module.mean_error("validation"), seconds, module.validation_rmse())
        *before, error = TrainingLog((*self.epochs, epoch), measure=module.measure).errors
        if not before or not self.select or error < before[self.best_epoch]:
            state = module.physical.model.state_dict()
            self.best = {name: x.detach().cpu().clone() for name, x in state.items()}
            self.best_epoch = len(self.epochs)
        self.epochs.append(epoch)
