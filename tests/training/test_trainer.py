"""The trainer: Ctrl-C stays Ctrl-C, and what was switched off is switched on again."""

import logging
import signal
import sys
from typing import Any

import pytest
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.callbacks.progress.tqdm_progress import TQDMProgressBar

from stgraph.training import SafetensorsIO, Training
from stgraph.training.trainer import make_trainer, quiet
from tests import contracts
from tests.conftest import World
from tests.training.test_module import module_of


class Interrupt(Callback):
    """Somebody presses Ctrl-C in the first batch."""

    def on_train_batch_start(self, *_: Any) -> None:
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_is_heard_once_and_again(world: World) -> None:
    """Lightning alone would exit with status 1 and leave SIGINT ignored."""
    module, handler = module_of(world), signal.getsignal(signal.SIGINT)
    batches = contracts.forecaster_of("persistence", world).batches(world.series)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), quiet():
            make_trainer(contracts.TRAINING, [Interrupt()]).fit(module, batches)
        assert signal.getsignal(signal.SIGINT) is handler


def test_any_other_exit_is_left_alone_and_the_log_speaks_again() -> None:
    level = logging.getLogger("lightning.pytorch").level
    with pytest.raises(SystemExit) as stop, quiet():
        sys.exit(3)
    assert stop.value.code == 3
    assert logging.getLogger("lightning.pytorch").level == level


def test_it_is_set_up_as_the_options_say() -> None:
    with quiet():
        trainer = make_trainer(Training(epochs=7, clip=2.0, accelerator="cpu", precision="bf16"), [], batches=3)
    assert (trainer.max_epochs, trainer.gradient_clip_val, trainer.precision) == (7, 2.0, "bf16-mixed")
    assert (trainer.limit_train_batches, trainer.limit_val_batches) == (3, 3)
    assert isinstance(trainer.strategy.checkpoint_io, SafetensorsIO)
    assert isinstance(trainer.progress_bar_callback, TQDMProgressBar)
