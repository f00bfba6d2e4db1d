"""Lightning's trainer as this library sets it up: one device a process, no logger, no pickle, few words."""

import logging
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback, Checkpoint, ProgressBar, TQDMProgressBar
from lightning.pytorch.callbacks.progress.tqdm_progress import Tqdm

from stgraph.training.checkpoint import SafetensorsIO
from stgraph.training.options import Training
from stgraph.training.world import World


def make_trainer(
    options: Training, callbacks: list[Callback], *, batches: int | None = None, checks: int | None = None
) -> lightning.Trainer:
    """Set a trainer up.

    Args:
        options: how to train.
        callbacks: beside those that show progress: a bar on a terminal, elsewhere a line an epoch.
        batches: of training in an epoch, at most; None = all.
        checks: batches of validation in an epoch, at most; None = all.
    """
    world = World.here()
    told: list[Callback] = []
    if options.progress:
        told = [_Bar() if sys.stderr.isatty() else _Lines()]
    return lightning.Trainer(
        max_epochs=options.epochs,
        accelerator=options.accelerator,
        strategy="ddp" if world.size > 1 else "auto",
        devices=world.on_machine,
        num_nodes=world.size // world.on_machine,
        precision="bf16-mixed" if options.precision == "bf16" else "32-true",
        gradient_clip_val=options.clip,
        callbacks=[*callbacks, *told],
        plugins=[SafetensorsIO()],
        limit_train_batches=batches,
        limit_val_batches=checks,
        enable_progress_bar=any(isinstance(callback, ProgressBar) for callback in told),
        enable_checkpointing=any(isinstance(callback, Checkpoint) for callback in callbacks),
        enable_model_summary=False,
        logger=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what Lightning says of devices, workers and loggers; errors and Ctrl-C still speak."""
    logger = logging.getLogger("lightning.pytorch")
    level, handler = logger.level, signal.getsignal(signal.SIGINT)
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lightning")
            warnings.filterwarnings("ignore", message=".*(num_workers|isinstance\\(treespec).*")
            yield
    except SystemExit as stop:
        if isinstance(stop.__context__, KeyboardInterrupt):  # Lightning exits, and leaves Ctrl-C switched off
            signal.signal(signal.SIGINT, handler)
            raise stop.__context__ from None
        raise
    finally:
        logger.setLevel(level)


class _Lines(Callback):
    """One line an epoch on stderr, for a file or a pipe that nobody watches."""

    def __init__(self) -> None:
        self._start = 0.0

    def on_train_epoch_start(self, *_: Any) -> None:  # noqa: ANN401 - Lightning's hook
        self._start = time.perf_counter()

    def on_train_epoch_end(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        if trainer.is_global_zero:
            found = [f"{name.replace('_', ' ')} {x:.4g}" for name, x in trainer.progress_bar_metrics.items()]
            found.append(f"{time.perf_counter() - self._start:.0f} s")
            sys.stderr.write(f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}: {', '.join(found)}\n")
            sys.stderr.flush()


class _Bar(TQDMProgressBar):
    """One bar an epoch with loss and validation MAE, kept on the screen, on stderr; no second bar for validation."""

    def __init__(self) -> None:
        super().__init__(refresh_rate=10, leave=True)

    def get_metrics(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 - Lightning's hook
        metrics: dict[str, Any] = super().get_metrics(*args, **kwargs)
        metrics.pop("v_num", None)
        return metrics

    def init_train_tqdm(self) -> Tqdm:
        return Tqdm(
            disable=self.is_disabled,
            leave=True,
            dynamic_ncols=True,
            file=sys.stderr,
            smoothing=0,
            bar_format=self.BAR_FORMAT,
        )

    def init_validation_tqdm(self) -> Tqdm:
        return Tqdm(disable=True)
