"""Batches of several networks in one epoch: what a training wants of batches, and loaders that take turns."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stgraph.patches.batch import PatchBatch
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
    """Loaders of several networks that take turns, each batch of one of them; an epoch has all batches of all.

    Shuffled, batches come in a new random order each epoch, so that at any time a network has had about the same share
    of its batches; in order, a network has all of its own before the next.

    Args:
        loaders: one a network.
        shuffle: a new order of networks each epoch; within a network the loader's own order counts.
        seed: of that order.
    """

    def __init__(self, loaders: Sequence[PatchLoader], *, shuffle: bool = False, seed: int = 0) -> None:
        self.loaders, self.shuffle, self.seed = list(loaders), shuffle, seed
        self.epoch = 0

    def __len__(self) -> int:
        """Return the number of batches in an epoch, of all networks."""
        return sum(map(len, self.loaders))

    def __iter__(self) -> Iterator[PatchBatch]:
        """Yield the batches of one epoch."""
        turns = np.repeat(np.arange(len(self.loaders)), [len(loader) for loader in self.loaders])
        if self.shuffle:
            turns = np.random.default_rng((self.seed, self.epoch)).permutation(turns)
        for loader in self.loaders:
            loader.epoch = self.epoch
        self.epoch += 1
        running = [iter(loader) for loader in self.loaders]
        for turn in turns.tolist():
            yield next(running[turn])

    def arrays(self) -> Iterator[NDArray[Any]]:
        """Yield all that the batches of all networks are drawn from."""
        for loader in self.loaders:
            yield from loader.arrays()
