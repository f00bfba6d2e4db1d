"""Attention of each sensor over its graph neighbours: one hop, dense or along edges."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.errors import DataError


@dataclass(frozen=True)
class Neighbourhood:
    """Who may attend to whom, and how strongly before looking: built once a forward, shared by all layers.

    Args:
        dense: (K, N, N) log weights, -inf where there is no edge; None along edges.
        edges: one a W_k: who attends (E,), to whom (E,), and the log weight (E,); empty where dense.
    """

    dense: Tensor | None = None
    edges: tuple[tuple[Tensor, Tensor, Tensor], ...] = ()


def neighbourhood(weights: Sequence[Tensor]) -> Neighbourhood:
    """Return the neighbours by each W_k, and each sensor itself with weight 1.

    Args:
        weights: K >= 1 non-negative matrices (N, N), all dense or all CSR.
    """
    if weights[0].layout == torch.strided:
        stacked = torch.stack(list(weights))
        stacked = stacked + torch.eye(stacked.shape[-1]).to(stacked)
        linked = stacked > 0
        strength = torch.where(linked, stacked, 1.0).log()  # the log of zeros is slow
        return Neighbourhood(dense=strength.masked_fill(linked.logical_not(), float("-inf")))
    own = torch.arange(weights[0].shape[0], device=weights[0].device)
    return Neighbourhood(edges=tuple(_edges(w, own) for w in weights))


def _edges(weights: Tensor, own: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    asks = torch.cat([torch.repeat_interleave(own, weights.crow_indices().diff()), own])
    answers = torch.cat([weights.col_indices(), own])
    strength = torch.cat([weights.values(), torch.ones_like(own, dtype=weights.dtype)])
    return asks, answers, strength.log()


class NeighbourAttention(nn.Module):
    r"""Multi-head attention along the edges of the graph, which starts from the propagation itself.

    The heads are shared out among the W_k, so that some look downstream and some upstream; a head of W gives::

        out_i = sum_j W'_ij exp(q_i k_j / sqrt(d)) v_j / sum_j W'_ij exp(q_i k_j / sqrt(d)),    W' = W + I

    which is the propagation F(S, A), normalised, where all q k are equal. Dot products as in Vaswani et al. 2017,
    eq. 1, https://arxiv.org/abs/1706.03762; masked to the graph as in Velickovic et al. 2018, eq. 3,
    https://arxiv.org/abs/1710.10903.

    Args:
        channels: C, in and out.
        heads: number of heads; divides C, and K divides it.
        weights: K, number of W_k.

    Shapes:
        signal (B, N, C) and a `Neighbourhood` -> (B, N, C).

    Raises:
        DataError: heads that don't divide.
    """

    def __init__(self, channels: int, heads: int, weights: int) -> None:
        super().__init__()
        if channels % heads or heads % weights:
            message = f"heads: expected a divisor of {channels} channels that {weights} weights divide, found {heads}"
            raise DataError(message)
        self.heads = heads
        self.query_key_value = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)

    def forward(self, signal: Tensor, around: Neighbourhood) -> Tensor:
        """Attend."""
        size, sensors, channels = signal.shape
        qkv = self.query_key_value(signal).view(size, sensors, 3, self.heads, -1)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)  # each (B, heads, N, d)
        if around.dense is not None:
            mask = around.dense.repeat_interleave(self.heads // len(around.dense), dim=0)
            mask = mask.to(query.dtype)[None]  # four axes, or torch leaves its fused kernel
            attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        else:
            groups = (x.chunk(len(around.edges), dim=1) for x in (query, key, value))
            parts = zip(*groups, around.edges, strict=True)
            attended = torch.cat([_along(q, k, v, edges) for q, k, v, edges in parts], dim=1)
        mixed: Tensor = self.out(attended.transpose(1, 2).reshape(size, sensors, channels))
        return mixed


def _along(query: Tensor, key: Tensor, value: Tensor, edges: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Attend along edges: (B, heads, N, d) each -> the same, with (B, heads, E) scores in between."""
    asks, answers, strength = edges
    scores = (query[:, :, asks] * key[:, :, answers]).sum(-1) / query.shape[-1] ** 0.5 + strength
    highest = scores.new_full(query.shape[:3], float("-inf"))
    highest = highest.scatter_reduce(2, asks.expand_as(scores), scores.detach(), "amax")
    share = (scores - highest[:, :, asks]).exp()
    total = torch.zeros_like(highest).index_add(2, asks, share)
    weighted = (share / total[:, :, asks])[..., None] * value[:, :, answers]
    return torch.zeros_like(query).index_add(2, asks, weighted.to(query.dtype))
