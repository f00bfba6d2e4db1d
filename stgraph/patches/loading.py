"""Every window of every patch, once an epoch, in batches; shared out among processes where there are several."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.patches.batch import PatchBatch
from stgraph.patches.cutter import Cut, Layout
from stgraph.patches.gather import Resident, gather
from stgraph.patches.patch import Patch
from stgraph.patches.window import Placed

Numbers = NDArray[np.int64]


class PatchLoader:
    """Batches of a series on a graph, each window of each patch once an epoch.

    Shuffled, an epoch goes over all patches again and again, each time in a new order and with windows that it has not
    had yet; in a batch, patches have windows of different times. In order, a patch has all its windows before the next.

    Among several processes every batch is divided: each process has patches of its own, of which alone it reads the
    series, or, where there are fewer patches than processes, windows of its own. All have equally many batches; one
    that has no share of a batch gets a piece of another with nothing to score.

    Args:
        resident: the series.
        weights: (N, N) CSR of the whole graph, one a WeightSpec of the model.
        patches: what to cut.
        placed: the windows.
        batch_size: windows of each patch in a batch, B.
        blocks: patches in a batch, of all processes together; None = all of them.
        shuffle: a new order of windows and patches each epoch, each patch its own.
        seed: of the shuffling.
        with_target: False where the horizon has not happened yet.
        layout: of the weights.
        shares: processes that make a batch together.
        share: which of them this one is, 0 to shares - 1; None = all, whole batches.

    Raises:
        DataError: no window fits.
    """

    def __init__(
        self,
        resident: Resident,
        weights: Sequence[sp.csr_array[np.float64]],
        patches: Sequence[Patch],
        placed: Placed,
        *,
        batch_size: int = 64,
        blocks: int | None = None,
        shuffle: bool = False,
        seed: int = 0,
        with_target: bool = True,
        layout: Layout = "auto",
        shares: int = 1,
        share: int | None = None,
    ) -> None:
        if not len(placed):
            window = placed.window
            message = (
                f"no window fits: one needs {len(window)} steps ({window.history} history + {window.horizon} horizon) "
                "without a gap; give a longer series, or a smaller history or horizon"
            )
            raise DataError(message)
        self.resident, self.weights, self.patches, self.placed = resident, tuple(weights), list(patches), placed
        self.batch_size, self.blocks = batch_size, blocks or len(self.patches)
        self.shuffle, self.seed, self.with_target, self.layout = shuffle, seed, with_target, layout
        self.shares, self.share = shares, share
        self.epoch = 0
        self._cut: tuple[Numbers, Cut] | None = None

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return (1 + len(self._cuts(self._members))) * -(-len(self.placed) // self.batch_size)

    def __iter__(self) -> Iterator[PatchBatch]:
        """Yield the batches of one epoch."""
        random, count = np.random.default_rng((self.seed, self.epoch)), len(self.placed)
        self.epoch += 1
        parts = [slice(first, first + self.batch_size) for first in range(0, count, self.batch_size)]
        if not self.shuffle:
            order = np.broadcast_to(np.arange(count)[:, None], (count, len(self.patches)))
            yield from (self._batch(group, order[part]) for group in self._grouped() for part in parts)
            return
        order, begin = random.permutation(count), np.zeros(len(self.patches), dtype=np.int64)
        if len(begin) > 1:
            begin = random.integers(count, size=len(begin))  # one order for all, which each patch begins elsewhere
        for part in parts:
            turned = (np.arange(count)[part, None] + begin) % count
            yield from (self._batch(group, order[turned]) for group in self._grouped(random))

    def of_largest(self) -> "PatchLoader":
        """Return a loader of the largest patches alone, as many as a batch has: what takes most time and memory."""
        other = copy.copy(self)
        other.patches = sorted(self.patches, key=len, reverse=True)[: self.blocks]
        other._cut = None  # noqa: SLF001 - of its own class
        return other

    def arrays(self) -> Iterator[NDArray[Any]]:
        """Yield all that batches are drawn from: series, weights of the graph, and where the windows stand."""
        yield from self.resident.pieces()
        yield from (part for w in self.weights for part in (w.indptr, w.indices, w.data))
        yield self.placed.start

    @property
    def _by_patch(self) -> bool:
        """Whether processes have patches of their own, else windows."""
        return len(self.patches) >= self.shares

    @property
    def _members(self) -> Numbers:
        """(processes, patches of each) whose patch is whose, neighbours together, filled up with -1."""
        parts = np.array_split(np.arange(len(self.patches)), self.shares if self._by_patch else 1)
        return np.stack([np.pad(part, (0, len(parts[0]) - len(part)), constant_values=-1) for part in parts])

    def _grouped(self, random: np.random.Generator | None = None) -> list[Numbers]:
        """Return all patches, some of each process at a time, (processes, patches) with -1 for none."""
        members = self._members
        cuts = self._cuts(members)
        if random is not None and cuts:
            members = random.permuted(members, axis=1)
        return np.split(members, cuts, axis=1)

    def _cuts(self, members: Numbers) -> range:
        processes, patches = members.shape
        step = -(-self.blocks // processes)
        return range(step, patches, step)

    def _batch(self, group: Numbers, windows: Numbers) -> PatchBatch:
        """Gather this process' share of a batch, (B, patches) windows of which are given of every patch there is."""
        by_patch = self._by_patch
        mine = group if self.share is None or not by_patch else group[self.share]
        patches = mine[mine >= 0]
        picked = windows[:, patches]
        if self.share is not None and not by_patch:
            picked = picked[self.share :: self.shares]
        if picked.size:
            return self._gathered(patches, picked)
        patches = patches if len(patches) else self._members[self.share, :1]
        idle = self._gathered(patches, windows[:1, patches])
        return idle if idle.target_observed is None else replace(idle, target_observed=idle.target_observed & False)

    def _gathered(self, patches: Numbers, windows: Numbers) -> PatchBatch:
        if self._cut is None or not np.array_equal(self._cut[0], patches):  # in order, those of the batch before
            self._cut = patches, Cut.of(self.weights, [self.patches[k] for k in patches], self.layout)
        return gather(self.resident, self.placed.take(windows), self._cut[1], with_target=self.with_target)
