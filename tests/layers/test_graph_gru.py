"""Graph GRU: the loop over the paper's equations, and a value by hand."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from stgraph.layers import GraphConvolution, GraphGRU, PyGConvolution
from stgraph.propagation import Gather
from tests import naive


def matrices(layer: GraphConvolution | PyGConvolution) -> list[np.ndarray]:
    """(C, C') of each term, the sensor's own first where there is one."""
    assert isinstance(layer, GraphConvolution)
    maps = ([] if layer.own is None else [layer.own]) + list(layer.neighbours)
    return [m.weight.detach().numpy().T for m in maps if isinstance(m, nn.Linear)]


def parts(gru: GraphGRU) -> tuple[dict[str, list[np.ndarray]], dict[str, np.ndarray]]:
    """The layer's parameters as the papers write them: one matrix over [x, h] for each gate and W."""
    h = gru.hidden
    columns = {"r": slice(0, h), "u": slice(h, 2 * h), "c": slice(2 * h, 3 * h)}
    assert isinstance(gru.inputs, GraphConvolution)
    assert gru.inputs.bias is not None
    bias = gru.inputs.bias.detach().numpy()
    thetas = {}
    for gate, place in columns.items():
        of_state = [m[:, place] for m in matrices(gru.gates)] if gate != "c" else matrices(gru.candidate)
        of_input = [m[:, place] for m in matrices(gru.inputs)]
        thetas[gate] = [np.concatenate(pair) for pair in zip(of_input, of_state, strict=True)]
    return thetas, {gate: bias[place] for gate, place in columns.items()}


@pytest.mark.parametrize("own", [True, False])
def test_it_is_the_loop_over_the_papers_equations(own: bool) -> None:
    torch.manual_seed(0)
    steps, sensors, batch, channels, hidden = 5, 4, 3, 2, 6
    gru = GraphGRU(channels, hidden, 2, own=own).double()
    weights = torch.rand(2, sensors, sensors).double()
    signal = torch.randn(batch, steps, sensors, channels).double()
    out = gru(signal.permute(1, 2, 0, 3), list(weights))
    assert out.shape == (steps, sensors, batch, hidden)
    every = ([np.eye(sensors)] if own else []) + list(weights.numpy())
    for b in range(batch):
        np.testing.assert_allclose(
            out[:, :, b].detach(), naive.graph_gru(signal[b].numpy(), every, *parts(gru)), atol=1e-12
        )


def test_one_sensor_by_hand() -> None:
    gru = GraphGRU(1, 1, 0)
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.fill_(0.5)
    first = (1 - 1 / (1 + math.exp(-1.5))) * math.tanh(1.5)  # x = 2, h = 0: every gate reads 0.5 * 2 + 0.5
    assert gru(torch.tensor([[[[2.0]]]]), []).item() == pytest.approx(first, abs=1e-6)


def test_it_goes_on_from_a_state() -> None:
    torch.manual_seed(0)
    gru, weights, signal = GraphGRU(2, 4, 1).double(), [torch.rand(3, 3).double()], torch.randn(6, 3, 2, 2).double()
    whole = gru(signal, weights)
    half = gru(signal[:3], weights)
    torch.testing.assert_close(gru(signal[3:], weights, half[-1]), whole[3:])


def test_gates_begin_open_and_parameters_with_the_papers_spread() -> None:
    """Biases 1, 1, 0; the matrices of one gate as parts of one Xavier initialisation."""
    torch.manual_seed(0)
    gru = GraphGRU(2, 64, 4)
    assert isinstance(gru.inputs, GraphConvolution)
    assert gru.inputs.bias is not None
    assert gru.inputs.bias.tolist() == [1.0] * 128 + [0.0] * 64
    fan_in = 66 * 5
    assert isinstance(gru.gates, GraphConvolution)
    assert isinstance(gru.candidate, GraphConvolution)
    assert torch.cat([m.weight for m in gru.gates.neighbours]).std().item() == pytest.approx(  # type: ignore[misc]
        math.sqrt(2 / (fan_in + 128)), rel=0.02
    )
    assert torch.cat([m.weight for m in gru.candidate.neighbours]).std().item() == pytest.approx(  # type: ignore[misc]
        math.sqrt(2 / (fan_in + 64)), rel=0.02
    )


@pytest.mark.parametrize("own", [True, False])
def test_with_another_linear_convolution_it_is_the_same(own: bool) -> None:
    """GCNConv without normalisation of its own is W S Theta + b, so that the joint and the split form agree."""
    torch.manual_seed(0)
    ours, theirs = GraphGRU(2, 4, 2, own=own).double(), GraphGRU(2, 4, 2, own=own, spatial="GCNConv").double()
    state = {key: value for key, value in ours.state_dict().items() if ".own." in key}
    for part in ("inputs", "gates", "candidate"):
        for k in range(2):
            inner = f"{part}.convolutions.{k}.convolution"
            state[f"{inner}.lin.weight"] = ours.state_dict()[f"{part}.neighbours.{k}.weight"]
            if part == "inputs":
                state[f"{inner}.bias"] = ours.state_dict()["inputs.bias"] / 2  # two halves
    theirs.load_state_dict(state)
    signal, weights = torch.randn(5, 4, 3, 2).double(), list(torch.rand(2, 4, 4).double())
    torch.testing.assert_close(theirs(signal, weights), ours(signal, weights))


def test_with_attention_each_gate_adds_what_x_and_h_give() -> None:
    """One window, step by step, with the layer's own convolutions called on x, h and r h one by one."""
    torch.manual_seed(0)
    gru, weights = GraphGRU(2, 4, 1, spatial="GATv2Conv").double(), [torch.rand(3, 3).double()]
    signal = torch.randn(5, 3, 1, 2).double()
    h = torch.zeros(3, 4).double()
    for x, found in zip(signal[:, :, 0], gru(signal, weights)[:, :, 0], strict=True):
        of_x, of_h = gru.inputs(x, weights), gru.gates(h, weights)
        r, u = (of_x[:, :4] + of_h[:, :4]).sigmoid(), (of_x[:, 4:8] + of_h[:, 4:]).sigmoid()
        c = (of_x[:, 8:] + gru.candidate(r * h, weights)).tanh()
        h = u * h + (1 - u) * c
        torch.testing.assert_close(found, h)


@pytest.mark.parametrize("spatial", ["GraphConvolution", "GCNConv"])
def test_prepared_weights_give_the_same_states(spatial: str) -> None:
    torch.manual_seed(0)
    gru, weights = (
        GraphGRU(20, 4, 2, powers=2 if spatial == "GraphConvolution" else 1, spatial=spatial),
        torch.rand(2, 5, 5),
    )
    weights[0] *= torch.eye(5)  # of which one is sparse
    signal = torch.randn(3, 5, 2, 20)
    ready = gru.prepared(list(weights), signal)
    torch.testing.assert_close(gru(signal, ready), gru(signal, list(weights)))
    assert isinstance(ready[0], Gather) == (spatial == "GraphConvolution")
