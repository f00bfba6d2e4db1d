"""Persistence by hand."""

from dataclasses import replace

import torch

from stgraph.models import Persistence, Task
from tests import contracts
from tests.conftest import World


def test_it_repeats_the_last_value_observed_and_else_the_mean(world: World) -> None:
    model = Persistence(replace(contracts.task_of(world), targets=(1, 0)))
    batch = contracts.batch_of(model, world)
    signal, observed = torch.zeros_like(batch.signal), torch.zeros_like(batch.observed)
    signal[0, 1, 0], observed[0, 1, 0] = torch.tensor([7.0, 8.0]), True
    signal[0, 3, 0, 1], observed[0, 3, 0, 1] = 9.0, True
    out = model(replace(batch, signal=signal, observed=observed))
    assert out[0, :, 0].tolist() == [[9.0, 7.0]] * 4
    assert not out[0, :, 1:].any()
    assert model.reach == 0
    assert Persistence(Task(sensors=1)).inductive
