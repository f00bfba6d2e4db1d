"""Each window of each patch once; batches divided among processes; two loaders with one seed agree."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.patches import Patch, PatchBatch, PatchLoader, Resident, Window, patch_around, whole
from stgraph.propagation import WeightSpec, build_weights
from stgraph.series import Scaler
from tests.conftest import World, road, traffic

SCALER = Scaler((60.0, 1000.0), (10.0, 200.0))
WORLD = World(road(), traffic(road()))


def loader(world: World, patches: list[Patch], window: Window, **how: Any) -> PatchLoader:
    weights = build_weights(world.graph.adjacency, [WeightSpec("forward")])
    resident = Resident.of(world.series, SCALER, targets=(1,))
    return PatchLoader(resident, weights, patches, window.place([(0, 40), (50, 90)]), **how)


@pytest.mark.parametrize("shuffle", [False, True])
def test_an_epoch_has_each_window_of_each_patch_once(world: World, *, shuffle: bool) -> None:
    patches = [patch_around(world.graph, [n], 1) for n in (2, 8, 15)]
    batches = list(loader(world, patches, Window(4, 2), batch_size=16, blocks=2, shuffle=shuffle))
    assert len(batches) == len(loader(world, patches, Window(4, 2), batch_size=16, blocks=2))
    values = world.series.values
    found = []
    for batch in batches:
        for n in np.flatnonzero(batch.centre.numpy()):
            sensor = int(batch.sensors[n])
            flow = batch.signal[:, :, n, 1].numpy() * SCALER.deviation[1] + SCALER.mean[1]
            for row, seen in zip(flow, batch.observed[:, :, n, 1].numpy(), strict=True):
                starts = [s for s in (*range(35), *range(50, 85)) if same(row, values[s : s + 4, sensor, 1], seen)]
                found += [(sensor, starts[0])] if len(starts) == 1 else []
    assert len(found) == len(set(found)) > 190  # all but the few windows whose holes make them ambiguous
    order = [start for sensor, start in found if sensor == 2]
    assert (order == sorted(order)) != shuffle


def same(row: Any, values: Any, seen: Any) -> bool:
    return bool(np.allclose(row[seen], values[seen], rtol=1e-4))


def test_two_epochs_differ_and_two_loaders_with_one_seed_agree(world: World) -> None:
    one, other = (loader(world, [whole(len(world.graph))], Window(4, 2), shuffle=True, seed=3) for _ in range(2))
    first = torch.cat([b.signal for b in one])
    assert torch.equal(first, torch.cat([b.signal for b in other]))
    assert not torch.equal(first, torch.cat([b.signal for b in one]))


def test_a_series_shorter_than_a_window_says_how_long_one_is(world: World) -> None:
    with pytest.raises(DataError, match=r"50 steps \(30 history \+ 20 horizon\)"):
        loader(world, [whole(len(world.graph))], Window(30, 20))


def alone(world: World, count: int) -> list[Patch]:
    """Patches of one sensor each."""
    return [patch_around(world.graph, [n], 0) for n in range(count)]


def units(batch: PatchBatch) -> list[tuple[int, int]]:
    """Which (sensor, step of the week) pairs a batch scores: in the tiny world they tell a window of a sensor."""
    assert batch.target_observed is not None
    start = batch.calendar[:, 0, :, 0] + 48 * batch.calendar[:, 0, :, 1]
    start = start.expand(-1, len(batch.sensors))
    scored = (batch.target_observed.any(1).any(-1) & batch.centre).numpy()
    return [(int(batch.sensors[n]), int(start[b, n])) for b, n in np.argwhere(scored)]


@settings(deadline=None, max_examples=60)
@given(
    patches=st.integers(1, 7),
    how=st.fixed_dictionaries(
        {
            "blocks": st.integers(1, 4),
            "shares": st.integers(1, 4),
            "batch_size": st.integers(7, 40),
            "shuffle": st.booleans(),
        }
    ),
    epoch=st.integers(0, 3),
)
def test_processes_divide_each_batch_and_are_in_step(patches: int, how: dict[str, Any], epoch: int) -> None:
    world, shares = WORLD, how["shares"]
    every = [loader(world, alone(world, patches), Window(4, 2), share=k, **how) for k in range(shares)]
    together = loader(world, alone(world, patches), Window(4, 2), **how)
    for each in (*every, together):
        each.epoch = epoch
    seen: list[tuple[int, int]] = []
    read: list[set[int]] = [set() for _ in every]
    for whole_batch, *parts in zip(together, *every, strict=True):
        assert sorted(units(whole_batch)) == sorted(unit for part in parts for unit in units(part))
        seen += units(whole_batch)
        for mine, part in zip(read, parts, strict=True):
            mine.update(part.sensors.tolist())
    in_order = loader(world, alone(world, patches), Window(4, 2))
    assert sorted(seen) == sorted(unit for batch in in_order for unit in units(batch))
    if patches >= shares:
        assert sum(map(len, read)) == patches, "each process reads its own part of the series alone"


def test_a_shuffled_batch_has_patches_of_different_times(world: World) -> None:
    batch = next(iter(loader(world, alone(world, 6), Window(4, 2), batch_size=8, blocks=3, shuffle=True)))
    assert len(set(batch.sensors.tolist())) == 3
    steps = batch.calendar[:, 0, :, 0] + 48 * batch.calendar[:, 0, :, 1]
    assert not torch.equal(steps[:, 0], steps[:, 1])


def test_the_largest_patches_are_those_of_a_batch_that_costs_most(world: World) -> None:
    patches = [patch_around(world.graph, [n], n % 4) for n in range(12)]
    few = loader(world, patches, Window(4, 2), blocks=2).of_largest()
    assert sorted(map(len, few.patches)) == sorted(map(len, patches))[-2:]
    assert {len(batch.sensors) for batch in few} == {sum(map(len, few.patches))}
