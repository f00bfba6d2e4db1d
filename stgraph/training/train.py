"""Train one model on batches: by gradient on Lightning, or in closed form."""

import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, TQDMProgressBar
from lightning.pytorch.callbacks.progress.tqdm_progress import Tqdm
from torch import Tensor

from stgraph.models import ForecastModel
from stgraph.patches import PatchBatch, PatchLoader
from stgraph.series import Scaler
from stgraph.training.log import Epoch, TrainingLog
from stgraph.training.module import ForecastModule
from stgraph.training.options import Training


def train(
    model: ForecastModel, batches: PatchLoader, validation: PatchLoader | None, scaler: Scaler, options: Training
) -> TrainingLog:
    """Train a model by gradient, and leave in it the parameters of the best validation epoch.

    Args:
        model: is changed in place.
        batches: of the training part.
        validation: of the validation part; None = no selection: the last epoch counts.
        scaler: of the target channels.
        options: how to train.
    """
    module = ForecastModule(model, scaler, options, steps=options.epochs * len(batches))
    keeper = _KeepBest(select=validation is not None)
    stopper = EarlyStopping("validation_mae", patience=options.patience, mode="min", check_finite=True)
    callbacks: list[Callback] = [keeper]
    if validation is not None:
        callbacks.append(stopper)
    if options.progress:
        callbacks.append(_Progress())
    start = time.perf_counter()
    with _quiet():
        trainer = lightning.Trainer(
            max_epochs=options.epochs,
            accelerator=options.accelerator,
            devices=1,
            precision="bf16-mixed" if options.precision == "bf16" else "32-true",
            gradient_clip_val=options.clip,
            callbacks=callbacks,
            enable_progress_bar=options.progress,
            enable_checkpointing=False,
            enable_model_summary=False,
            logger=False,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
        )
        trainer.fit(module, batches, validation)
    model.load_state_dict(keeper.best)
    model.to("cpu").eval()
    return TrainingLog(tuple(keeper.epochs), keeper.best_epoch, stopper.stopped_epoch > 0, time.perf_counter() - start)


def train_closed(model: ForecastModel, batches: PatchLoader, scaler: Scaler) -> TrainingLog:
    """Fit a closed-form model in place, on targets in scaled units; a model without parameters is left as it is."""
    start = time.perf_counter()
    if model.trained == "closed_form":
        model.fit_closed(_scaled(batches, scaler))
    model.eval()
    return TrainingLog(seconds=time.perf_counter() - start)


def _scaled(batches: PatchLoader, scaler: Scaler) -> Iterator[PatchBatch]:
    mean, deviation = torch.tensor(scaler.mean), torch.tensor(scaler.deviation)
    for batch in batches:
        target = None if batch.target is None else (batch.target - mean) / deviation
        yield replace(batch, target=target)


class _KeepBest(Callback):
    """Keep the parameters of the epoch with the lowest validation MAE (of the last one without validation)."""

    def __init__(self, *, select: bool) -> None:
        self.select = select
        self.best: dict[str, Tensor] = {}
        self.best_epoch = 0
        self.epochs: list[Epoch] = []
        self._start = 0.0

    def on_train_epoch_start(self, *_: Any) -> None:  # noqa: ANN401 - Lightning's hook
        self._start = time.perf_counter()

    def on_train_epoch_end(self, _: Any, module: ForecastModule) -> None:  # type: ignore[override] # noqa: ANN401
        epoch = Epoch(module.mean_error("train"), module.mean_error("validation"), time.perf_counter() - self._start)
        best = self.epochs[self.best_epoch].validation_mae if self.epochs else float("inf")
        if not self.epochs or not self.select or epoch.validation_mae < best:
            state = module.physical.model.state_dict()
            self.best = {name: x.detach().cpu().clone() for name, x in state.items()}
            self.best_epoch = len(self.epochs)
        self.epochs.append(epoch)


class _Progress(TQDMProgressBar):
    """One bar an epoch with loss and validation MAE, kept on the screen; no second bar for validation."""

    def __init__(self) -> None:
        super().__init__(refresh_rate=10, leave=True)

    def get_metrics(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 - Lightning's hook
        metrics: dict[str, Any] = super().get_metrics(*args, **kwargs)
        metrics.pop("v_num", None)
        return metrics

    def init_validation_tqdm(self) -> Tqdm:
        return Tqdm(disable=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what Lightning says of devices, workers and loggers; errors still speak."""
    logger = logging.getLogger("lightning.pytorch")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lightning")
            warnings.filterwarnings("ignore", message=".*(num_workers|isinstance\\(treespec).*")
            yield
    finally:
        logger.setLevel(level)
