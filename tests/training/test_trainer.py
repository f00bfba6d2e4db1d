"""The trainer: Ctrl-C stays Ctrl-C, and what was switched off is switched on again."""

import logging
import re
import signal
import sys
from dataclasses import replace
from typing import Any

import pytest
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.callbacks.progress.tqdm_progress import TQDMProgressBar

from stgraph.patches import whole
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


def test_it_is_set_up_as_the_options_say(monkeypatch: pytest.MonkeyPatch) -> None:
    with quiet():
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        trainer = make_trainer(
            Training(epochs=7, clip=2.0, accelerator="cpu", precision="bf16"), [], batches=3, checks=2
        )
    assert (trainer.max_epochs, trainer.gradient_clip_val, trainer.precision) == (7, 2.0, "bf16-mixed")
    assert (trainer.limit_train_batches, trainer.limit_val_batches) == (3, 2)
    assert isinstance(trainer.strategy.checkpoint_io, SafetensorsIO)
    assert isinstance(trainer.progress_bar_callback, TQDMProgressBar)


@pytest.mark.parametrize("progress", [True, False])
def test_where_nobody_watches_there_is_one_line_an_epoch(
    world: World, capsys: pytest.CaptureFixture[str], progress: bool
) -> None:
    batches = contracts.loader_of(contracts.model_of("patchnet", world), world, [whole(len(world.graph))])
    options = replace(contracts.TRAINING, epochs=2, progress=progress)
    module = module_of(world)
    module.options = options
    with quiet():
        make_trainer(options, []).fit(module, batches, batches)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 * progress
    for epoch, line in enumerate(lines):
        assert re.fullmatch(rf"epoch {epoch + 1} of 2: loss [\d.]+, validation mae [\d.]+, \d+ s", line)
