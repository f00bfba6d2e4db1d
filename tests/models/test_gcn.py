"""GCN: a value by hand."""

import pytest
import torch

from stgraph.errors import DataError
from stgraph.models import GCN, Task
from tests import contracts
from tests.conftest import World


def test_by_hand(speed_world: World) -> None:
    """With the sum of the history as the one hidden unit: Z = A^ relu(A^ sum_t X)."""
    model = GCN(contracts.task_of(speed_world), hidden=1)
    for parameter in model.parameters():
        torch.nn.init.ones_(parameter)
    batch = contracts.batch_of(model, speed_world)
    adjacency = torch.from_numpy(speed_world.graph.adjacency.toarray()) + torch.eye(17)
    half = torch.diag(adjacency.sum(1) ** -0.5)
    weights = (half @ adjacency @ half).float()
    total = batch.signal[..., 0].sum(1)  # (B, N)
    expected = torch.relu(total @ weights.T) @ weights.T
    for step in range(4):
        torch.testing.assert_close(model(batch)[:, step, :, 0], expected)


def test_parameters_at_metr_la_size_add_up_by_hand() -> None:
    assert sum(p.numel() for p in GCN(Task(sensors=207)).parameters()) == 12 * 64 + 64 * 12


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="gcn: expected hidden above 0, found 0"):
        GCN(Task(sensors=3), hidden=0)
