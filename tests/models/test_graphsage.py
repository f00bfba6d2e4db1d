"""GraphSAGE: the loop over its equation, its counts, its refusals."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.layers import PyGConvolution
from stgraph.models import GraphSAGE, Task
from tests import contracts
from tests.conftest import World

Floats = NDArray[np.float64]


def sage(layer: PyGConvolution, rows: Floats, adjacency: Floats) -> Floats:
    """One window (N, C), sensor by sensor: one map of [h_i, mean h_j], as the paper writes it."""
    state = {key.rpartition("convolution.")[2]: value.detach().numpy() for key, value in layer.named_parameters()}
    joint = np.concatenate([state["lin_r.weight"], state["lin_l.weight"]], axis=1)  # (C', 2 C)
    out = []
    for i, own in enumerate(rows):
        near = [rows[j] for j in range(len(rows)) if adjacency[i, j] > 0]
        mean = sum(near) / len(near) if near else np.zeros_like(own)
        out.append(joint @ np.concatenate([own, mean]) + state["lin_l.bias"])
    return np.array(out)


def test_it_is_the_loop_over_the_papers_equation(speed_world: World) -> None:
    torch.manual_seed(0)
    model = GraphSAGE(contracts.task_of(speed_world), hidden=5).double()
    batch = contracts.batch_of(model, speed_world).to("cpu", torch.float64)
    adjacency = speed_world.graph.adjacency.toarray()
    hidden = np.maximum(sage(model.first, batch.signal[0, :, :, 0].T.numpy(), adjacency), 0)
    expected = sage(model.second, hidden, adjacency)  # (N, H)
    np.testing.assert_allclose(model(batch)[0, :, :, 0].detach(), expected.T, atol=1e-10)


def test_parameters_at_metr_la_size_add_up_by_hand() -> None:
    """A map of a sensor's own row, another of its neighbours' mean, a bias; twice."""
    expected = (2 * 12 * 64 + 64) + (2 * 64 * 12 + 12)
    assert sum(p.numel() for p in GraphSAGE(Task(sensors=207)).parameters()) == expected


def test_its_facts_are_those_of_its_layers() -> None:
    model = GraphSAGE(Task(sensors=4))
    assert model.first.hops == model.second.hops == 1
    assert model.reach == 2
    assert model.inductive


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="graphsage: expected hidden above 0, found 0"):
        GraphSAGE(Task(sensors=3), hidden=0)
