"""Graph WaveNet: the published count less what nothing reads, its field, and its padding."""

from dataclasses import replace

import pytest
import torch

from stgraph.errors import DataError
from stgraph.models import GraphWaveNet, Task
from tests import contracts
from tests.conftest import World


def test_the_count_is_the_published_one_less_what_nothing_reads() -> None:
    """309,400 with 8 residual convolutions that nothing calls, and the last layer's convolution and normalisation."""
    residual, convolution, norm = 32 * 32 + 32, 7 * 32 * 32 + 32, 2 * 32
    count = 309_400 - 8 * residual - convolution - norm
    assert sum(p.numel() for p in GraphWaveNet(Task(sensors=207)).parameters()) == count == 293_688


def test_it_sees_thirteen_steps_and_no_more(speed_world: World) -> None:
    task = replace(contracts.task_of(speed_world), history=20)
    torch.manual_seed(0)
    model = GraphWaveNet(task, hidden=4, time_of_day=False).eval()
    assert model.field == 13
    batch = contracts.batch_of(contracts.model_of("graph-wavenet", speed_world), speed_world)
    weights = batch.weights
    signal = torch.randn(2, 20, 17, 1)
    batch = replace(
        batch,
        signal=signal,
        observed=torch.ones_like(signal, dtype=torch.bool),
        calendar=torch.zeros(2, 24, 1, 3, dtype=torch.long),
        target=None,
        target_observed=None,
    )
    before = model(batch)
    for step, seen in ((6, False), (7, True)):
        changed = signal.clone()
        changed[:, step] += 5
        assert bool((model(replace(batch, signal=changed)) - before).abs().max() > 1e-6) == seen
    assert len(weights) == 2


def test_a_short_history_is_padded_with_zeros(speed_world: World) -> None:
    """Seven more steps of zeros in front are what it sees in any case."""
    torch.manual_seed(0)
    short = GraphWaveNet(contracts.task_of(speed_world), hidden=4, time_of_day=False).eval()
    batch = contracts.batch_of(short, speed_world)
    long = GraphWaveNet(replace(short.task, history=13), hidden=4, time_of_day=False).eval()
    long.load_state_dict(short.state_dict())
    zeros = torch.zeros(8, 7, 17, 1)
    padded = replace(
        batch,
        signal=torch.cat([zeros, batch.signal], 1),
        observed=torch.cat([zeros.bool(), batch.observed], 1),
        calendar=torch.cat([batch.calendar[:, :7], batch.calendar], 1),
    )
    torch.testing.assert_close(long(padded), short(batch))


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="graph-wavenet: expected blocks above 0, found 0"):
        GraphWaveNet(Task(sensors=3), blocks=0)
