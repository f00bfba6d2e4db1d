"""DCRNN: the published count, the loop over its equations, and scheduled sampling."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from stgraph.errors import DataError
from stgraph.models import DCRNN, Task
from stgraph.patches import PatchBatch
from tests import contracts, naive
from tests.conftest import World
from tests.layers.test_graph_gru import parts


def test_the_count_is_the_published_one() -> None:
    """207 sensors, speed and time of day in, 2 layers of 64 units, 2 diffusion steps each way."""
    assert sum(p.numel() for p in DCRNN(Task(sensors=207)).parameters()) == 372_353
    two_channels = DCRNN(Task(sensors=207, channels_in=2), time_of_day=False)
    assert sum(p.numel() for p in two_channels.parameters()) == 372_353


def model_and_batch(world: World) -> tuple[DCRNN, PatchBatch]:
    model = contracts.model_of("dcrnn", world).double()
    assert isinstance(model, DCRNN)
    return model, contracts.batch_of(model, world).to("cpu", torch.float64)


def test_it_is_the_loop_over_the_papers_equations(speed_world: World) -> None:
    """One window: W from the adjacency by loops, encoder and decoder step by step on [x, h]."""
    model, batch = model_and_batch(speed_world)
    adjacency = speed_world.graph.adjacency.toarray()
    forward, backward = naive.forward_walk(adjacency), naive.forward_walk(adjacency.T)
    weights = [np.eye(17), forward, forward @ forward, backward, backward @ backward]
    clock = np.broadcast_to(np.arange(6)[:, None, None] / 48, (6, 17, 1))
    signal = np.concatenate([batch.signal[0].numpy(), clock], axis=-1)
    gates = [[parts(gru) for gru in layers] for layers in (model.encoder, model.decoder)]  # type: ignore[arg-type]
    states = []
    for thetas, biases in gates[0]:
        signal = naive.graph_gru(signal, weights, thetas, biases)
        states.append(signal[-1])
    out, bias = (p.detach().numpy() for p in model.read_out.parameters())
    forecast = model.eval()(batch)[0].detach().numpy()
    fed = np.zeros((17, 1))
    for step in range(4):
        for k, (thetas, biases) in enumerate(gates[1]):
            fed = states[k] = naive.graph_gru_step(fed, states[k], weights, thetas, biases)
        fed = fed @ out.T + bias
        np.testing.assert_allclose(forecast[step], fed, atol=1e-6)


def test_in_training_the_truth_is_fed_and_the_unobserved_is_not(speed_world: World) -> None:
    model, batch = model_and_batch(speed_world)
    assert batch.target is not None
    assert batch.target_observed is not None
    target, observed = batch.target.double(), batch.target_observed
    batch = replace(batch, target=target)
    free = model.eval()(batch)
    torch.testing.assert_close(model(replace(batch, target=target + 9)), free)  # knows no future
    model.train()
    taught = model(batch)  # at step 0 the truth is fed with a probability of 2000 / 2001
    torch.testing.assert_close(taught[:, 0], free[:, 0])
    assert (taught[:, 1:] - free[:, 1:]).abs().amax((0, 2, 3)).min() > 1e-4
    blind = replace(batch, target_observed=torch.zeros_like(observed))
    torch.testing.assert_close(model(blind), free)
    late = replace(batch, step=10**6)  # the share of truth is 0 by now
    torch.testing.assert_close(model(late), free)


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(DataError, match="dcrnn: expected diffusion_steps above 0, found 0"):
        DCRNN(Task(sensors=3), diffusion_steps=0)


@pytest.mark.parametrize(
    "law",
    [
        contracts.gives_the_shape_it_promises,
        contracts.every_parameter_gets_a_gradient,
        contracts.an_inductive_model_follows_a_relabelling,
        contracts.a_model_works_on_another_graph_or_says_why_not,
    ],
    ids=lambda law: law.__name__,
)
def test_it_keeps_the_contract_with_another_convolution(
    world: World, monkeypatch: pytest.MonkeyPatch, law: Callable[[str, World], None]
) -> None:
    settings = {"hidden": 4, "layers": 1, "diffusion_steps": 1, "spatial": "GATv2Conv"}
    monkeypatch.setattr(contracts, "SMALL", {"dcrnn": settings})
    law("dcrnn", world)


def test_another_convolution_stands_for_one_hop_of_both_walks() -> None:
    """GCNConv and an own term: three maps instead of five in each of the 4 layers, and a bias for each walk."""

    def layer(channels: int) -> int:
        return 3 * (channels * 192 + 64 * 128 + 64 * 64) + 2 * 192

    model = DCRNN(Task(sensors=207), spatial="GCNConv")
    assert sum(p.numel() for p in model.parameters()) == layer(2) + layer(1) + 2 * layer(64) + 65
