"""Joined batches: each answers, and is scored, as alone; in any order, in any layout, with fewer windows or more."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from stgraph.models import PatchNet
from stgraph.patches import PatchBatch, joined, patch_around, whole
from stgraph.training import masked_absolute_error
from tests import contracts
from tests.conftest import World, road, traffic

SCALE = torch.tensor([10.0])


@pytest.fixture(scope="module")
def worlds(world: World) -> list[World]:
    small = road(8)
    return [world, World(small, traffic(small, steps=300, seed=5))]


@pytest.fixture(scope="module")
def model(world: World) -> PatchNet:
    found = contracts.model_of("patchnet", world).eval()
    assert isinstance(found, PatchNet)
    return found


def batches(model: PatchNet, worlds: list[World], windows: tuple[int, ...] = (32, 32)) -> list[PatchBatch]:
    """The first windows of each network."""
    loaders = [
        contracts.loader_of(model, world, [whole(len(world.graph))], size=many)
        for world, many in zip(worlds, windows, strict=True)
    ]
    return [next(iter(loader)) for loader in loaders]


@pytest.mark.parametrize("layout", ["dense", "csr"])
@pytest.mark.parametrize("windows", [(32, 32), (32, 9), (5, 32)])
def test_each_answers_as_alone_and_the_loss_is_the_mean_weighted_by_what_was_observed(
    model: PatchNet, worlds: list[World], windows: tuple[int, int], layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(joined.__globals__, "DENSE_UP_TO", 1024 if layout == "dense" else 0)
    alone = batches(model, worlds, windows)
    together = joined(alone)
    assert (together.weights[0].layout == torch.strided) == (layout == "dense")
    out, answers = model(together), [model(batch) for batch in alone]
    model.check(together)
    for k, (batch, answer) in enumerate(zip(alone, answers, strict=True)):
        part = out[: len(answer), :, together.block == k]
        torch.testing.assert_close(part, answer, rtol=1e-5, atol=1e-5)
        assert torch.equal(together.sensors[together.block == k], batch.sensors)
    errors = [masked_absolute_error(answer, batch, SCALE) for answer, batch in zip(answers, alone, strict=True)]
    total, count = masked_absolute_error(out, together, SCALE)
    assert int(count) == sum(int(scored) for _, scored in errors)
    torch.testing.assert_close(total, torch.stack([one for one, _ in errors]).sum())


def test_their_order_is_that_of_the_sensors_and_nothing_else(model: PatchNet, worlds: list[World]) -> None:
    one, other = batches(model, worlds, (32, 9))
    ours, turned = joined([one, other]), joined([other, one])
    order = torch.cat([torch.arange(len(other.sensors), len(ours.sensors)), torch.arange(len(other.sensors))])
    torch.testing.assert_close(model(turned)[:, :, order], model(ours), rtol=1e-5, atol=1e-5)
    assert torch.equal(turned.sensors[order], ours.sensors)


def test_joined_patches_of_one_network_are_what_the_loader_makes_of_them(model: PatchNet, world: World) -> None:
    patches = [patch_around(world.graph, [n], 1) for n in (2, 9, 15)]
    wanted = contracts.batch_of(model, world, patches)
    found = joined([contracts.batch_of(model, world, [patch]) for patch in patches])
    for name in ("signal", "observed", "sensors", "centre", "block", "target", "target_observed"):
        assert torch.equal(getattr(found, name), getattr(wanted, name)), name
    np.testing.assert_array_equal(found.weights[0].numpy(), wanted.weights[0].numpy())
    assert torch.equal(found.calendar, wanted.calendar.expand_as(found.calendar))


def test_nothing_crosses_from_one_to_the_other(model: PatchNet, worlds: list[World]) -> None:
    one, other = batches(model, worlds)
    changed: Any = replace(other, signal=other.signal + 7)
    ours, theirs = joined([one, other]), joined([one, changed])
    mine = ours.block == 0
    assert torch.equal(model(theirs)[:, :, mine], model(ours)[:, :, mine])
    assert joined([one]) is one
