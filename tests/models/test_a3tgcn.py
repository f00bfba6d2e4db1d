"""A3T-GCN: a true recurrence under its attention."""

from dataclasses import replace

import torch

from stgraph.models import A3TGCN, TGCN, Task
from tests import contracts
from tests.conftest import World


def uniform(world: World) -> A3TGCN:
    """A model whose attention gives every moment the same share."""
    model = contracts.model_of("a3tgcn", world).eval()
    assert isinstance(model, A3TGCN)
    torch.nn.init.zeros_(model.attention.sensor.weight)
    return model


def test_with_uniform_attention_permuting_time_still_changes_the_forecast(world: World) -> None:
    """A sum over moments that do not know each other would not change: the state must run through them."""
    model = uniform(world)
    batch = contracts.batch_of(model, world)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    shuffled = replace(batch, signal=batch.signal[:, order], covariates=None)
    assert batch.covariates is not None
    steps = torch.cat([batch.covariates[:, order], batch.covariates[:, 6:]], dim=1)
    shuffled = replace(shuffled, covariates=steps)
    assert (model(batch) - model(shuffled)).abs().max() > 1e-3


def test_with_uniform_attention_it_is_the_mean_of_the_states_of_tgcn(speed_world: World) -> None:
    model = uniform(speed_world)
    batch = contracts.batch_of(model, speed_world)
    twin = TGCN(model.task, hidden=16).eval()
    twin.gru.load_state_dict(model.gru.state_dict())
    twin.read_out.load_state_dict(model.read_out.state_dict())
    states = twin.gru(batch.signal.permute(1, 2, 0, 3), batch.weights)
    expected = twin.read_out(states.mean(0)).permute(1, 2, 0)[..., None]
    torch.testing.assert_close(model(batch), expected)


def test_the_count_is_that_of_the_published_code_but_for_the_read_out_and_two_biases() -> None:
    """The published code (A3T-GCN of https://github.com/lehaifeng/T-GCN) with 64 units, by its shapes, has 13,101.

    It reads out a number for each of 12 moments, 12 x 12, where this reads out the 64 units of the context; and its two
    layers of attention have a bias each, which the softmax of the paper's scores, not squared as there, cancels.
    """
    cell = 65 * 128 + 128 + 65 * 64 + 64
    attention = 64 + 207
    published = cell + (attention + 1 + 1) + (12 * 12 + 12)
    assert published == 13_101
    count = cell + attention + (64 * 12 + 12)
    assert count == published - 2 + (64 - 12) * 12 == 13_723
    assert sum(p.numel() for p in A3TGCN(Task(sensors=207)).parameters()) == count
