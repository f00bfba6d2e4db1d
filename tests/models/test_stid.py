"""STID: the published count, a value by hand, and which rows of its tables speak."""

from dataclasses import replace

import pytest
import torch

from stgraph.errors import DataError
from stgraph.models import STID, Task
from tests import contracts
from tests.conftest import World


def test_the_count_is_the_published_one() -> None:
    """207 sensors, 12 -> 12, 32 wide, 3 layers, 288 and 7 slots of the calendar."""
    history, tables = 36 * 32 + 32, (207 + 288 + 7) * 32
    count = history + tables + 3 * 2 * (128 * 128 + 128) + 128 * 12 + 12
    assert count == 117_868
    assert sum(p.numel() for p in STID(Task(sensors=207)).parameters()) == count


def small(world: World) -> STID:
    model = contracts.model_of("stid", world).eval()
    assert isinstance(model, STID)
    return model


def test_one_layer_by_hand(speed_world: World) -> None:
    """Width 1, all maps of ones: z = relu(sum of all four) + each of them, read out as its sum."""
    model = STID(contracts.task_of(speed_world), hidden=1, layers=1, dropout=0.0)
    for name, parameter in model.named_parameters():
        torch.nn.init.zeros_(parameter) if name.endswith("bias") else torch.nn.init.ones_(parameter)
    batch = contracts.batch_of(model, speed_world)
    clock = (batch.calendar[:, :6, 0, 0] / 48 + batch.calendar[:, :6, 0, 1]).sum(1)  # the world has no covariates here
    h = batch.signal[..., 0].sum(1) + clock[:, None]
    total = h + 3  # three identities of 1
    expected = 4 * 4 * torch.relu(total) + total  # FC_1 gives the total four times, FC_2 the sum of those four times
    torch.testing.assert_close(model(batch)[:, 0, :, 0], expected)


def test_the_identity_of_the_moment_is_that_of_the_last_step(world: World) -> None:
    """The first window begins at midnight on a Monday, in steps of half an hour: its last step is the sixth."""
    model = small(world)
    batch = contracts.batch_of(model, world)
    before = model(batch)
    with torch.no_grad():
        model.time_of_day.weight[5] += 1.0
    changed = (model(batch) - before).abs().amax((1, 2, 3)) > 0
    assert changed.tolist() == [True] + [False] * 7
    with torch.no_grad():
        model.day_of_week.weight[1:] += 1.0  # no window of the batch is on another day than Monday
    assert torch.equal(model(batch)[1:], before[1:])


def test_sensors_that_swap_identity_and_history_swap_forecasts(world: World) -> None:
    model = small(world)
    batch = contracts.batch_of(model, world)
    order = torch.arange(17).flip(0)
    turned = replace(batch, signal=batch.signal[:, :, order], observed=batch.observed[:, :, order])
    assert not torch.allclose(model(turned), model(batch)[:, :, order])
    torch.testing.assert_close(model(replace(turned, sensors=batch.sensors[order])), model(batch)[:, :, order])


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="stid: expected hidden above 0, found 0"):
        STID(Task(sensors=3), hidden=0)
