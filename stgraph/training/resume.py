"""Going on with a training that was cut off: what is saved beside Lightning's own state, and what must be the same."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Checkpoint
from torch import Tensor

from stgraph.errors import RunError
from stgraph.models import ForecastModel
from stgraph.patches import Batches
from stgraph.training.checkpoint import read_checkpoint
from stgraph.training.options import Training
from stgraph.training.world import World


class SaveEachEpoch(Checkpoint):
    """Save at the end of each training epoch, after early stopping has judged it; restore what Lightning does not.

    That is: the random states, of each process its own, and that the training had been stopped.

    Args:
        path: of the checkpoint.
        facts: what is being trained, how and on what; plain data, kept beside the state.
    """

    def __init__(self, path: Path, facts: Mapping[str, Any]) -> None:
        self.path, self.facts = path, facts
        self._random: dict[str, Tensor] = {}

    def on_train_epoch_end(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        """Save."""
        trainer.save_checkpoint(self.path)

    def on_save_checkpoint(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Add the facts, whether training is to stop, and the random states."""
        random = {"cpu": torch.get_rng_state()}
        if module.device.type != "cpu":
            random[module.device.type] = torch.get_device_module(module.device).get_rng_state()
        random = {kind: World.here().gathered(state) for kind, state in random.items()}
        checkpoint |= {"facts": self.facts, "stopped": trainer.should_stop, "random": random}

    def on_load_checkpoint(
        self, trainer: lightning.Trainer, _: lightning.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Remember the random states until training starts; a training that was stopped stays so."""
        trainer.should_stop = checkpoint["stopped"]
        self._random = checkpoint["random"]

    def on_train_start(self, _: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Restore the random states: nothing random lies between here and the first batch."""
        world = World.here()
        for kind, states in self._random.items():
            state = states.chunk(world.size)[world.rank].clone()  # torch takes no part of a tensor here
            if kind == "cpu":
                torch.set_rng_state(state)
            elif kind == module.device.type:
                torch.get_device_module(module.device).set_rng_state(state)


def facts_of(model: ForecastModel, batches: Batches, validation: Batches | None, options: Training) -> dict[str, Any]:
    """Return what must be the same for a training to go on: all but the device and the progress bar."""
    how = {name: value for name, value in asdict(options).items() if name not in ("accelerator", "progress")}
    how["processes"] = World.here().size
    loaders = [batches] if validation is None else [batches, validation]
    return {
        "model": {"name": model.name} | model.settings,
        "task": asdict(model.task),
        "training": how,
        "data": {"digest": _digest(loaders)},
    }


def check_same(path: Path, facts: Mapping[str, Any]) -> None:
    """Check that a checkpoint is of the very training that `facts` describe.

    Raises:
        RunError: it is not readable, or of another training; names the file and what differs.
    """
    begun: dict[str, Any] = read_checkpoint(path).get("facts", {})
    for group, expected in facts.items():
        found = begun.get(group, {})
        for name in sorted(expected.keys() | found.keys()):
            if expected.get(name) != found.get(name):
                here, there = (f"{group} with {name} = {each.get(name)!r}" for each in (expected, found))
                message = f"{path}: expected {here}, found {there}: of another fit; go on with that one, or delete it"
                raise RunError(message)


def epochs_done(path: Path) -> int:
    """Return how many epochs a checkpoint has behind it.

    Raises:
        RunError: it is not readable.
    """
    done: int = read_checkpoint(path).get("epoch", -1) + 1
    return done


def _digest(loaders: list[Batches]) -> str:
    """Return the SHA-256 of what loaders draw on."""
    sha = hashlib.sha256()
    for loader in loaders:
        for array in loader.arrays():
            sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()
