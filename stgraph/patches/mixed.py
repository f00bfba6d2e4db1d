"""Batches of several networks in one epoch: what a training wants of batches, and loaders that take turns."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stgraph.patches.batch import PatchBatch
from stgraph.patches.joined import joined
from stgraph.patches.loading import PatchLoader


class Batches(Protocol):
    """What a training goes over, epoch by epoch."""

    epoch: int
    """The next one: with the seed it says in which order batches come."""

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""

    def __iter__(self) -> Iterator[PatchBatch]:
        """Yield the batches of one epoch."""

    def arrays(self) -> Iterator[NDArray[Any]]:
        """Yield all that batches are drawn from."""


class MixedLoader:
    """Loaders of several networks as one: an epoch has all batches of all, one at a time or some of them joined.

    Shuffled, batches come in a new random order each epoch, so that at any time a network has had about the same share
    of its batches; in order, a network has all of its own before the next. Several at once are whatever comes next in
    that order, of one network or of several, `joined` to one batch. The number of a sensor is that in all networks, one
    after another.

    Args:
        loaders: one a network.
        at_once: batches of theirs in a batch; the last one may have fewer.
        shuffle: a new order of networks each epoch; within a network the loader's own order counts.
        seed: of that order.
    """

    def __init__(
        self, loaders: Sequence[PatchLoader], *, at_once: int = 1, shuffle: bool = False, seed: int = 0
    ) -> None:
        self.loaders, self.at_once, self.shuffle, self.seed = list(loaders), at_once, shuffle, seed
        self.epoch = 0

    def __len__(self) -> int:
        """Return the number of batches in an epoch, of all networks."""
        return (sum(map(len, self.loaders)) + self.at_once - 1) // self.at_once

    def __iter__(self) -> Iterator[PatchBatch]:
        """Yield the batches of one epoch."""
        turns = np.repeat(np.arange(len(self.loaders)), [len(loader) for loader in self.loaders])
        if self.shuffle:
            turns = np.random.default_rng((self.seed, self.epoch)).permutation(turns)
        for loader in self.loaders:
            loader.epoch = self.epoch
        self.epoch += 1
        running = [iter(loader) for loader in self.loaders]
        before = np.cumsum([0, *(loader.resident.values.shape[1] for loader in self.loaders)]).tolist()
        for first in range(0, len(turns), self.at_once):
            batches = [(k, next(running[k])) for k in turns[first : first + self.at_once].tolist()]
            yield joined([replace(batch, sensors=batch.sensors + before[k]) for k, batch in batches])

    def arrays(self) -> Iterator[NDArray[Any]]:
        """Yield all that the batches of all networks are drawn from."""
        for loader in self.loaders:
            yield from loader.arrays()
