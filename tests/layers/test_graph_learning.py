"""Graph learning: by hand, one way, few and strong, ties always broken the same way."""

import math

import pytest
import torch

from stgraph.errors import DataError
from stgraph.layers import GraphLearning
from stgraph.layers.graph_learning import TIE, tie_break


def learned(sensors: int, neighbours: int, channels: int = 40) -> GraphLearning:
    torch.manual_seed(0)
    return GraphLearning(sensors, channels, neighbours)


def test_by_hand() -> None:
    """Theta of 1, vectors 0.1, 0.2 and 0.3, 0.1: M_1 M_2^T - M_2 M_1^T has one number, which goes one way."""
    layer = GraphLearning(2, 1, neighbours=2)
    with torch.no_grad():
        for parameter in (*layer.of_leads.parameters(), *layer.of_follows.parameters()):
            parameter.fill_(float(parameter.ndim == 2))
        layer.leads.weight.copy_(torch.tensor([[0.1], [0.2]]))
        layer.follows.weight.copy_(torch.tensor([[0.3], [0.1]]))
    one, other = math.tanh(0.3) * math.tanh(0.3), math.tanh(0.9) * math.tanh(0.6)
    assert layer(torch.arange(2)).flatten().tolist() == pytest.approx([0, 0, math.tanh(3 * (other - one)), 0])


def test_it_goes_one_way_and_a_row_keeps_its_strongest() -> None:
    everything, few = learned(30, 30)(torch.arange(30)), learned(30, 4)(torch.arange(30))
    assert torch.equal(everything * everything.T, torch.zeros(30, 30))
    kept = few > 0
    assert torch.equal(few[kept], everything[kept])
    assert kept.sum(1).max() == 4
    for row, keeps in zip(everything, kept, strict=True):
        if keeps.any():
            assert row[keeps].min() >= row[~keeps].max() - TIE


def test_where_there_are_fewer_sensors_all_are_kept() -> None:
    assert torch.equal(learned(5, 20)(torch.arange(5)), learned(5, 5)(torch.arange(5)))
    assert learned(1, 20)(torch.arange(1)).tolist() == [[0.0]]


def test_it_follows_the_sensors_and_leaves_nothing_to_chance() -> None:
    layer, order = learned(207, 20), torch.randperm(207)
    straight = layer(torch.arange(207))
    assert torch.equal(layer.eval()(torch.arange(207)), straight)
    relabelled = layer(order)
    kept = (relabelled > 0) == (straight[order][:, order] > 0)
    assert kept.all()
    torch.testing.assert_close(relabelled, straight[order][:, order])


def test_saturated_as_it_begins_it_still_learns() -> None:
    """At the size of METR-LA sixty weights a row are 1 exactly, yet every vector has its gradient."""
    layer = learned(207, 20)
    weights = layer(torch.arange(207))
    assert 50 < (learned(207, 207)(torch.arange(207)) == 1).sum(1).float().mean() < 70
    (weights * torch.rand(207, 207)).sum().backward()
    for table in (layer.leads.weight, layer.follows.weight):
        assert table.grad is not None
        assert table.grad.any(1).all()


def test_ties_break_evenly() -> None:
    """No two of a row are alike, and no stretch of a row's 0 to 1 is empty for longer than twice the mean gap."""
    gaps = tie_break(torch.arange(200)).sort(1).values.diff(dim=1)
    assert gaps.min() > 0
    assert gaps.max() < 2 / 200
    assert len(set(tie_break(torch.tensor([10**6, 10**6 + 1])).flatten().tolist())) == 4


@pytest.mark.parametrize("numbers", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_what_cannot_be_is_said(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(DataError, match=f"found {', '.join(map(str, numbers))}"):
        GraphLearning(*numbers)
