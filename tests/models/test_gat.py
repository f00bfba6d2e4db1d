"""GAT: the loop over its equation, its counts, its refusals."""

from typing import cast

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from stgraph.errors import DataError
from stgraph.layers import PyGConvolution
from stgraph.models import GAT, Task
from tests import contracts
from tests.conftest import World

Floats = NDArray[np.float64]


def attend(layer: PyGConvolution, rows: Floats, linked: NDArray[np.bool_], heads: int) -> Floats:
    """One window (N, C), head by head and sensor by sensor, with the parameters of the layer."""
    state = {key.rpartition("convolution.")[2]: value.detach().numpy() for key, value in layer.named_parameters()}
    values = (rows @ state["lin.weight"].T).reshape(len(rows), heads, -1)
    out = np.zeros_like(values)
    for head in range(heads):
        for i in range(len(rows)):
            near = [j for j in range(len(rows)) if linked[i, j] or i == j]
            score = [
                values[j, head] @ state["att_src"][0, head] + values[i, head] @ state["att_dst"][0, head] for j in near
            ]
            share = np.exp([max(s, 0.2 * s) for s in score])
            for j, part in zip(near, share / share.sum(), strict=True):
                out[i, head] += part * values[j, head]
    return cast("Floats", out.reshape(len(rows), -1) + state["bias"])


def test_it_is_the_loop_over_the_papers_equation(speed_world: World) -> None:
    torch.manual_seed(0)
    model = GAT(contracts.task_of(speed_world), hidden=3, heads=2).double().eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    batch = contracts.batch_of(model, speed_world).to("cpu", torch.float64)
    linked = speed_world.graph.adjacency.toarray() > 0
    hidden = attend(model.first, batch.signal[0, :, :, 0].T.numpy(), linked, heads=2)
    hidden = np.where(hidden > 0, hidden, np.expm1(hidden))
    expected = attend(model.second, hidden, linked, heads=1)  # (N, H)
    np.testing.assert_allclose(model(batch)[0, :, :, 0].detach(), expected.T, atol=1e-10)


def test_parameters_at_metr_la_size_add_up_by_hand() -> None:
    """A map, two vectors of attention for each head, and a bias; twice."""
    first, second = 12 * 64 + 2 * 8 * 8 + 64, 64 * 12 + 2 * 12 + 12
    assert sum(p.numel() for p in GAT(Task(sensors=207)).parameters()) == first + second


def test_its_facts_are_those_of_its_layers() -> None:
    model = GAT(Task(sensors=4))
    assert model.first.hops == model.second.hops == 1
    assert model.reach == 2
    assert model.inductive


def test_in_training_inputs_and_attention_are_dropped(world: World) -> None:
    model = GAT(contracts.task_of(world), dropout=0.6).train()
    batch = contracts.batch_of(model, world)
    assert not torch.equal(model(batch), model(batch))
    assert torch.equal(model.eval()(batch), model(batch))
    rates = {part.dropout for part in model.modules() if type(part).__name__ == "GATConv"}
    assert rates == {0.6}


@pytest.mark.parametrize("settings", [{"hidden": 0}, {"heads": -1}])
def test_a_width_of_nothing_is_refused(settings: dict[str, int]) -> None:
    with pytest.raises(DataError, match=f"gat: expected {next(iter(settings))} above 0"):
        GAT(Task(sensors=3), **settings)
