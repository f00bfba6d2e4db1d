"""What a training will cost: measured on its first batches."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback

from stgraph.models import ForecastModel
from stgraph.patches import PatchBatch, PatchLoader
from stgraph.series import Scaler
from stgraph.training.memory import memory_kept
from stgraph.training.module import ForecastModule
from stgraph.training.options import Training
from stgraph.training.train import scaled
from stgraph.training.trainer import make_trainer, quiet

BATCHES = 4
"""Batches measured of each part: one warms up, and the median of the others counts; by then memory grows no more."""
TWO = 2
"""Batches of a closed form, after one alone."""
GROWS = 1.5
"""Times as long after two batches as after one: solving grows with them."""


@dataclass(frozen=True)
class Measured:
    """Seconds of the parts of a training, measured on a few batches.

    Args:
        step: of one batch of the training part: cut, forward, backward, optimiser.
        validation: of one batch of the validation part; 0 without one.
        once: of what is done once after all batches, as closed-form models do.
        device: what it ran on.
    """

    step: float = 0.0
    validation: float = 0.0
    once: float = 0.0
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))


def measure(
    model: ForecastModel,
    batches: PatchLoader,
    validation: PatchLoader | None,
    scaler: Scaler,
    options: Training,
    *,
    count: int = BATCHES,
) -> Measured:
    """Take a few real steps of training and of validation, exactly as `train` takes them; the medians count.

    Args:
        model: is changed in place.
        batches: of the training part.
        validation: of the validation part, or None.
        scaler: of the target channels.
        options: how to train.
        count: batches of each part.
    """
    module = ForecastModule(model, scaler, options, steps=options.epochs * len(batches))
    watch = _Stopwatch()
    with quiet(), memory_kept():
        trainer = make_trainer(replace(options, epochs=1, progress=False), [watch], batches=count, checks=count)
        trainer.fit(module, batches, validation)
    return Measured(_each(watch.training), _each(watch.validation), device=watch.device)


def measure_closed(model: ForecastModel, batches: PatchLoader, scaler: Scaler) -> Measured:
    """Fit a closed-form model to one batch and to two; of these the second one counts, and the solving after it.

    Where solving takes longer the more batches there were, what the second one added counts for each.

    Args:
        model: is changed in place.
        batches: of the training part.
        scaler: of the target channels.
    """
    if model.trained != "closed_form":
        return Measured()

    def fitted(count: int) -> tuple[float, float]:
        """Return the seconds of the last batch, and of the solving."""
        marks = [time.perf_counter()]

        def watched() -> Iterator[PatchBatch]:
            for batch in islice(scaled(batches, scaler), count):
                yield batch
                marks.append(time.perf_counter())

        model.fit_closed(watched())
        return _each(marks), time.perf_counter() - marks[-1]

    fitted(1)  # warms up
    _, one = fitted(1)
    step, both = fitted(TWO)
    grows = both - one if both > GROWS * one else 0.0  # an error of it is multiplied by all batches
    return Measured(step + grows, once=max(both - TWO * grows, 0.0))


def _each(marks: list[float]) -> float:
    """Return the seconds from one mark to the next, the median without the first; 0 where there are none.

    >>> _each([0.0, 9.0, 10.0, 12.0, 13.0])
    1.0
    """
    taken = [later - earlier for earlier, later in pairwise(marks)]
    return statistics.median(taken[1:] or taken or [0.0])


class _Stopwatch(Callback):
    """Marks the beginning of each part, and the end of each of its batches."""

    def __init__(self) -> None:
        self.training: list[float] = []
        self.validation: list[float] = []
        self.device = torch.device("cpu")

    def on_train_epoch_start(self, _: lightning.Trainer, module: lightning.LightningModule) -> None:
        self.device = module.device
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        self.training.append(self._now())

    def on_train_batch_end(self, *_: Any) -> None:  # noqa: ANN401 - Lightning's hook
        self.training.append(self._now())

    def on_validation_epoch_start(self, *_: Any) -> None:  # noqa: ANN401 - Lightning's hook
        self.validation.append(self._now())

    def on_validation_batch_end(self, *_: Any) -> None:  # noqa: ANN401 - Lightning's hook
        self.validation.append(self._now())

    def _now(self) -> float:
        torch.get_device_module(self.device).synchronize()  # what was sent to it counts when it is done
        return time.perf_counter()
