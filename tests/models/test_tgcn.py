"""T-GCN: a value by hand, the count of its published code, and the order of time."""

from dataclasses import replace

import pytest
import torch

from stgraph.models import TGCN, Task
from tests import contracts
from tests.conftest import World


def test_the_count_is_that_of_the_published_code() -> None:
    """Two products on [x, h], (1 + 64) x 128 and (1 + 64) x 64 with biases, and 64 x 12 with biases to read out.

    Nothing is left out and nothing added: so many has T-GCN-PyTorch of https://github.com/lehaifeng/T-GCN with 64
    units, its linear regressor among them, for 12 steps out. None belongs to a sensor or to a step of the history.
    """
    count = 65 * 128 + 128 + 65 * 64 + 64 + 64 * 12 + 12
    assert count == 13_452
    assert sum(p.numel() for p in TGCN(Task(sensors=207)).parameters()) == count
    assert sum(p.numel() for p in TGCN(Task(sensors=3, history=4)).parameters()) == count


def test_one_step_by_hand(speed_world: World) -> None:
    """From a state of 0, h = (1 - sigmoid(A^x w_u + 1)) tanh(A^x w_c), here with all w = 1."""
    model = TGCN(replace(contracts.task_of(speed_world), history=1), hidden=1)
    for name, parameter in model.named_parameters():
        if name != "gru.inputs.bias":
            torch.nn.init.ones_(parameter)
    batch = contracts.batch_of(contracts.model_of("tgcn", speed_world), speed_world)
    batch = replace(batch, signal=batch.signal[:, :1], observed=batch.observed[:, :1], calendar=batch.calendar[:, 5:])
    gathered = batch.signal[:, 0, :, 0] @ batch.weights[0].T
    state = (1 - (gathered + 1).sigmoid()) * gathered.tanh()
    torch.testing.assert_close(model(batch)[:, 0, :, 0], state + 1)


@pytest.mark.parametrize("name", ["tgcn", "gru", "dcrnn"])
def test_the_order_of_time_matters(name: str, world: World) -> None:
    model = contracts.model_of(name, world).eval()
    batch = contracts.batch_of(model, world)
    turned = replace(batch, signal=batch.signal.flip(1))
    assert (model(batch) - model(turned)).abs().max() > 1e-3
