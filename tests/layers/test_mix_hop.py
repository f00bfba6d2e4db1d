"""Mix-hop propagation: hop by hop as the paper writes it, and the shares that it gives."""

import pytest
import torch
from torch import Tensor

from stgraph.errors import DataError
from stgraph.layers import MixHop, mix_hops


def one_way(signal: Tensor, adjacency: Tensor, depth: int, keep: float) -> Tensor:
    """The states of all hops side by side: (B, N, T, C) -> (B, N, T, (1 + depth) C)."""
    walk = adjacency + torch.eye(len(adjacency))
    walk = walk / walk.sum(1)[:, None]
    states = [signal]
    for _ in range(depth):
        states.append(keep * signal + (1 - keep) * torch.einsum("ij,bjtc->bitc", walk, states[-1]))
    return torch.cat(states, dim=-1)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_it_is_the_papers_hop_by_hop(depth: int) -> None:
    torch.manual_seed(0)
    layer, signal, adjacency = MixHop(3, 5, depth).double(), torch.randn(2, 6, 4, 3).double(), torch.rand(6, 6).double()
    both = [one_way(signal, a, depth, 0.05) for a in (adjacency, adjacency.T)]
    expected = layer.along(both[0]) + layer.against(both[1])
    torch.testing.assert_close(layer(signal, mix_hops(adjacency, depth, 0.05)), expected)


def test_each_hop_shares_out_all_of_it() -> None:
    found = mix_hops(torch.rand(5, 5), depth=3, keep=0.2)
    assert found.shape == (5, 30)
    torch.testing.assert_close(found.view(5, 6, 5).sum(2), torch.ones(5, 6))


def test_a_hop_more_reaches_a_sensor_more() -> None:
    """On a one-way chain, the second hop's row of the first sensor holds three."""
    one, two, *_ = mix_hops(torch.eye(4, 4).roll(1, 1).triu(), depth=2, keep=0.1).chunk(4, dim=1)
    assert [int((p[0] > 0).sum()) for p in (one, two)] == [2, 3]


def test_no_hop_is_refused() -> None:
    with pytest.raises(DataError, match="depth of 1 or more, found 0"):
        MixHop(1, 1, 0)
