"""Loaders that take turns: each batch once, in an order that depends on seed and epoch alone."""

import numpy as np
import pytest
import torch

from stgraph.graph import SensorGraph
from stgraph.patches import MixedLoader, PatchBatch, PatchLoader, Resident, Window, joined, whole
from stgraph.series import Scaler
from tests.conftest import traffic

SIZES = (4, 7, 5)
STEPS = (60, 200, 90)


def loader(size: int, steps: int, *, shuffle: bool = True) -> PatchLoader:
    graph = SensorGraph(tuple(map(str, range(size))), np.eye(size, k=1))
    series = traffic(graph, steps=steps)
    resident = Resident.of(series, Scaler.fit(series, [(0, steps)]))
    placed = Window(6, 4).place([(0, steps)])
    return PatchLoader(resident, [graph.adjacency], [whole(size)], placed, batch_size=16, shuffle=shuffle, seed=3)


def mixed(*, shuffle: bool = True, seed: int = 3) -> MixedLoader:
    loaders = [loader(*of, shuffle=shuffle) for of in zip(SIZES, STEPS, strict=True)]
    return MixedLoader(loaders, shuffle=shuffle, seed=seed)


def same(one: PatchBatch, other: PatchBatch) -> bool:
    return one.signal.shape == other.signal.shape and torch.equal(one.signal, other.signal)


def turns(batches: list[PatchBatch]) -> list[int]:
    """Which network each batch is of."""
    return [SIZES.index(batch.signal.shape[2]) for batch in batches]


@pytest.mark.parametrize("shuffle", [True, False])
def test_each_network_has_its_own_batches_in_its_own_order(shuffle: bool) -> None:
    together = mixed(shuffle=shuffle)
    for _ in range(2):
        batches = list(together)
        assert len(batches) == len(together)
        for k, alone in enumerate(together.loaders):
            alone.epoch -= 1
            mine = [batch for batch, turn in zip(batches, turns(batches), strict=True) if turn == k]
            assert all(same(*pair) for pair in zip(mine, alone, strict=True))


def test_in_order_one_network_follows_the_other() -> None:
    found = turns(list(mixed(shuffle=False)))
    assert found == sorted(found)
    assert set(found) == {0, 1, 2}


def test_an_epoch_mixes_them_and_the_next_one_in_another_order() -> None:
    together = mixed()
    first, second = turns(list(together)), turns(list(together))
    assert sorted(first) == sorted(second)
    assert first != second
    half = first[: len(first) // 2]
    assert 0.25 < half.count(1) / first.count(1) < 0.75
    again = mixed()
    again.epoch = 1
    assert turns(list(again)) == second
    assert turns(list(mixed(seed=4))) != first


def test_a_loader_alone_has_its_own_bits() -> None:
    alone, taken = loader(4, 60), MixedLoader([loader(4, 60)], shuffle=True, seed=3)
    for _ in range(2):
        assert all(same(*pair) for pair in zip(alone, taken, strict=True))


@pytest.mark.parametrize("shuffle", [True, False])
def test_several_at_once_are_the_same_batches_joined_in_the_same_order(shuffle: bool) -> None:
    one_by_one, in_threes = (mixed(shuffle=shuffle) for _ in range(2))
    in_threes.at_once = 3
    batches = list(one_by_one)
    expected = [joined(batches[first : first + 3]) for first in range(0, len(batches), 3)]
    found = list(in_threes)
    assert len(found) == len(in_threes) == len(expected)
    assert all(same(*pair) for pair in zip(found, expected, strict=True))
    assert sum(len(set(turns_of(batch))) > 1 for batch in found) >= (5 if shuffle else 1)


def turns_of(batch: PatchBatch) -> list[int]:
    """Which network each patch is of: sensors are numbered through all of them."""
    first = [int(batch.sensors[batch.block == k][0]) for k in range(int(batch.block.max()) + 1)]
    found: list[int] = np.searchsorted(np.cumsum(SIZES), first, side="right").tolist()
    return found


def test_what_it_draws_on_is_what_each_draws_on() -> None:
    together = mixed()
    found, parts = list(together.arrays()), [array for one in together.loaders for array in one.arrays()]
    assert all(map(np.array_equal, found, parts))
    assert len(found) == len(parts) == 3 * (6 + 3 + 1)
