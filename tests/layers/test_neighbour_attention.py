"""Neighbour attention: equal to loops, dense equal to edges, one hop, and the propagation at its start."""

import numpy as np
import pytest
import torch
from torch import Tensor

from stgraph.errors import DataError
from stgraph.layers import NeighbourAttention, neighbourhood
from tests import naive

pytestmark = pytest.mark.filterwarnings("ignore:Sparse CSR")


def weights(seed: int = 0, count: int = 6) -> list[Tensor]:
    rng = np.random.default_rng(seed)
    return [torch.from_numpy(rng.random((count, count)) * (rng.random((count, count)) < 0.3)) for _ in range(2)]


def layer(channels: int = 8, heads: int = 4) -> NeighbourAttention:
    torch.manual_seed(0)
    return NeighbourAttention(channels, heads, weights=2).double()


def test_it_equals_the_loops_with_heads_shared_out_among_the_weights() -> None:
    attend, ws, signal = layer(), weights(), torch.randn(3, 6, 8).double()
    query, key, value = attend.query_key_value(signal).chunk(3, dim=-1)
    expected = np.zeros((3, 6, 8))
    for b in range(3):
        for head in range(4):
            part = np.s_[b, :, 2 * head : 2 * head + 2]
            q, k, v = (x.detach().numpy()[part] for x in (query, key, value))
            expected[part] = naive.attention(q, k, v, ws[head // 2].numpy())
    out = attend.out(torch.from_numpy(expected))
    np.testing.assert_allclose(attend(signal, neighbourhood(ws)).detach(), out.detach(), atol=1e-10)


def test_along_edges_equals_dense_values_and_gradients() -> None:
    attend, ws = layer(), weights()
    found = []
    for around in (neighbourhood(ws), neighbourhood([w.to_sparse_csr() for w in ws])):
        signal = torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64).requires_grad_()
        out = attend(signal, around)
        found.append((out, *torch.autograd.grad(out.square().sum(), (signal, *attend.parameters()))))
    for dense, along in zip(*found, strict=True):
        torch.testing.assert_close(dense, along)


def test_a_sensor_sees_its_neighbours_and_nobody_else() -> None:
    attend, ws, signal = layer(), weights(), torch.randn(1, 6, 8).double()
    linked = (ws[0] != 0) | (ws[1] != 0) | torch.eye(6, dtype=torch.bool)
    before = attend(signal, neighbourhood(ws))
    for j in range(6):
        changed = signal.clone()
        changed[0, j] += 1.0
        moved = (attend(changed, neighbourhood(ws)) - before)[0].abs().amax(-1) > 1e-9
        assert torch.equal(moved, linked[:, j])


def test_with_equal_scores_it_is_the_normalised_propagation() -> None:
    attend, ws, signal = layer(4, 2), weights(), torch.randn(1, 6, 4).double()
    with torch.no_grad():
        attend.query_key_value.weight[:4].zero_()
        attend.query_key_value.bias[:4].zero_()
    value = attend.query_key_value(signal)[..., 8:]
    parts = []
    for k, w in enumerate(ws):
        own = w + torch.eye(6)
        parts.append((own / own.sum(1, keepdim=True)) @ value[..., 2 * k : 2 * k + 2])
    torch.testing.assert_close(attend(signal, neighbourhood(ws)), attend.out(torch.cat(parts, dim=-1)))


@pytest.mark.parametrize(("channels", "heads"), [(8, 3), (9, 3)])
def test_heads_that_do_not_divide_are_refused(channels: int, heads: int) -> None:
    with pytest.raises(DataError, match="heads"):
        NeighbourAttention(channels, heads, weights=2)
