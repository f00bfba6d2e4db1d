"""Measured hops: layers whose hops are known by construction."""

import pytest
import torch
from torch import Tensor, nn

from stgraph.layers import Hops, measured_hops
from stgraph.layers.measured_hops import LIMIT
from stgraph.propagation import propagate


class Power(nn.Module):
    """W^k S, times a parameter that begins at nothing."""

    def __init__(self, power: int) -> None:
        super().__init__()
        self.power, self.theta = power, nn.Parameter(torch.zeros(()))

    def forward(self, signal: Tensor, weights: Tensor) -> Tensor:
        out = signal
        for _ in range(self.power):
            out = propagate(out, weights)
        return self.theta * out + signal


class Normalised(nn.Module):
    """(D^-1 W) S or (W D^-1) S: what sensors gather in all, or what they give in all, is brought to one."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, signal: Tensor, weights: Tensor) -> Tensor:
        degree = weights.sum(self.axis, keepdim=True)
        return propagate(signal, weights / degree.where(degree > 0, 1.0))


class Scaled(nn.Module):
    """W S, divided by something of all weights."""

    def __init__(self, of: str) -> None:
        super().__init__()
        self.of = of

    def forward(self, signal: Tensor, weights: Tensor) -> Tensor:
        return propagate(signal, weights / getattr(weights[weights > 0], self.of)())


@pytest.mark.parametrize("power", range(LIMIT + 1))
def test_a_power_of_w_needs_as_many_hops(power: int) -> None:
    assert measured_hops(Power(power), 2) == Hops(graph=power, signal=power)


def test_more_hops_than_are_tried_are_not_known() -> None:
    assert measured_hops(Power(LIMIT + 1), 2) is None


@pytest.mark.parametrize(("axis", "graph"), [(1, 1), (0, 2)])
def test_what_a_neighbour_gives_in_all_takes_one_hop_more(axis: int, graph: int) -> None:
    assert measured_hops(Normalised(axis), 2) == Hops(graph, signal=1)


@pytest.mark.parametrize("of", ["max", "min", "mean", "sum"])
def test_what_is_taken_from_the_whole_graph_shows(of: str) -> None:
    assert measured_hops(Scaled(of), 2) is None


def test_nan_is_not_exact() -> None:
    class Nothing(nn.Module):
        def forward(self, signal: Tensor, weights: Tensor) -> Tensor:
            return propagate(signal, weights) * torch.nan

    assert measured_hops(Nothing(), 2) is None


def test_it_leaves_the_layer_and_the_random_state_alone() -> None:
    class Noisy(Power):
        def forward(self, signal: Tensor, weights: Tensor) -> Tensor:
            torch.rand(3)
            return super().forward(signal, weights)

    layer, before = Noisy(1).train(), torch.get_rng_state()
    assert measured_hops(layer, 3) == (1, 1)
    assert torch.equal(torch.get_rng_state(), before)
    assert layer.training
    assert layer.theta.dtype == torch.float32
    assert layer.theta.item() == 0.0


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_layers_one_after_the_other_need_what_is_counted(axis: int, layers: int) -> None:
    class Stack(nn.ModuleList):
        def forward(self, signal: Tensor, weights: Tensor) -> Tensor:
            for layer in self:
                signal = layer(signal, weights)
            return signal

    one, together = measured_hops(Normalised(axis), 2), measured_hops(Stack(Normalised(axis) for _ in range(layers)), 2)
    assert one is not None
    assert together is not None
    assert together.graph == one.of_layers(layers)


def test_no_layers_need_no_hops() -> None:
    assert Hops(graph=2, signal=1).of_layers(0) == 0
