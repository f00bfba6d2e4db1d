"""Attention: how much each moment, or each sensor, looks at every other; of one sequence or between two."""

from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.errors import DataError

Over = Literal["time", "sensors"]
Score = Literal["dot-product", "additive"]


def attend(
    query: Tensor, key: Tensor, value: Tensor, *, over: Over, heads: int = 1, mask: Tensor | None = None
) -> Tensor:
    r"""``out_i = sum_j softmax_j(q_i . k_j / sqrt(d)) v_j`` in each head; i and j are moments, or sensors.

    Scaled dot-product attention without parameters, the heads side by side: Vaswani et al. 2017,
    https://arxiv.org/abs/1706.03762. Who may look at nobody gets 0.

    Args:
        query: (B, T, N, C), who looks.
        key: (B, S, N, C) over time, (B, T, M, C) over sensors: what is looked at.
        value: what is gathered there; axes as `key`, any number of channels that `heads` divides.
        over: the axis that is attended, time or sensors.
        heads: number of heads; divides C.
        mask: bool, True = may be looked at; broadcasts to (B, N, T, S) over time, to (B, T, N, M) over sensors.

    Returns:
        (B, T, N, C) with the channels of `value`.

    >>> moments = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).view(1, 2, 1, 2)
    >>> causal = torch.ones(2, 2, dtype=torch.bool).tril()
    >>> attend(0 * moments, moments, moments, over="time", mask=causal).view(2, 2)
    tensor([[1.0000, 0.0000],
            [0.5000, 0.5000]])
    """
    split = [_heads(x, over, heads) for x in (query, key, value)]
    q, k, v = (x.flatten(0, 1) for x in split)  # four axes, or torch leaves its fused kernel
    out = functional.scaled_dot_product_attention(q, k, v, attn_mask=_fitted(mask, split[0], split[1]))
    return _joined(out.view(*split[0].shape[:2], *out.shape[1:]), over)


class Attention(nn.Module):
    r"""Multi-head attention with learned queries, keys and values, over time or over sensors.

    ::

        q = signal W_q + b_q      k, v = context W_kv + b_kv      out = [head_1 | head_2 | ..] W_o + b_o
        head_i = sum_j softmax_j(e_ij) v_j
        e_ij = q_i . k_j / sqrt(d)      dot-product: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762
        e_ij = a . tanh(q_i + k_j)      additive, one a a head: Bahdanau et al. 2015, https://arxiv.org/abs/1409.0473

    Without a context it is self-attention; with one, one sequence looks at another (cross, or interactive, attention),
    which may have other moments (over time) or other sensors (over sensors) than the first. Additive scores hold
    d numbers for each pair in memory, the fused dot product none.

    Args:
        channels: C, in and out.
        heads: number of heads; divides C; d = C / heads.
        over: the axis that is attended, time or sensors.
        score: dot-product or additive.
        context_channels: C of the context; None = as the signal.

    Shapes:
        signal (B, T, N, C), context (B, S, N, C') over time or (B, T, M, C') over sensors -> (B, T, N, C).
        mask bool, True = may be looked at: broadcasts to (B, N, T, S) over time, to (B, T, N, M) over sensors.

    Raises:
        DataError: heads that do not divide the channels, or another axis or score.
    """

    def __init__(
        self,
        channels: int,
        heads: int = 1,
        *,
        over: Over,
        score: Score = "dot-product",
        context_channels: int | None = None,
    ) -> None:
        super().__init__()
        if heads < 1 or channels % heads:
            message = f"heads: expected a divisor of {channels} channels, found {heads}"
            raise DataError(message)
        for name, found, valid in (("over", over, get_args(Over)), ("score", score, get_args(Score))):
            if found not in valid:
                message = f"{name}: expected one of {', '.join(valid)}, found {found!r}"
                raise DataError(message)
        self.heads, self.over = heads, over
        self.query = nn.Linear(channels, channels)
        self.key_value = nn.Linear(channels if context_channels is None else context_channels, 2 * channels)
        self.out = nn.Linear(channels, channels)
        self.additive = nn.Parameter(torch.empty(heads, channels // heads)) if score == "additive" else None
        if self.additive is not None:
            nn.init.xavier_uniform_(self.additive)

    def forward(self, signal: Tensor, context: Tensor | None = None, *, mask: Tensor | None = None) -> Tensor:
        """Attend."""
        query = self.query(signal)
        key, value = self.key_value(signal if context is None else context).chunk(2, dim=-1)
        if self.additive is None:
            gathered = attend(query, key, value, over=self.over, heads=self.heads, mask=mask)
        else:
            gathered = self._attend_additively(self.additive, query, key, value, mask)
        out: Tensor = self.out(gathered)
        return out

    def _attend_additively(self, a: Tensor, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        q, k, v = (_heads(x, self.over, self.heads) for x in (query, key, value))  # (B, other, heads, Q or K, d)
        scores = ((q[..., None, :] + k[..., None, :, :]).tanh() * a[:, None, None]).sum(-1)
        if mask is None:
            return _joined(scores.softmax(-1) @ v, self.over)
        allowed = mask[..., None, :, :]
        share = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min).softmax(-1) * allowed
        return _joined(share @ v, self.over)


def _heads(x: Tensor, over: Over, heads: int) -> Tensor:
    """(B, T, N, C) -> (B, N, heads, T, d) over time, (B, T, heads, N, d) over sensors."""
    x = x.view(*x.shape[:-1], heads, -1)
    return x.permute(0, 2, 3, 1, 4) if over == "time" else x.transpose(2, 3)


def _joined(x: Tensor, over: Over) -> Tensor:
    """Undo `_heads`."""
    x = x.permute(0, 3, 1, 2, 4) if over == "time" else x.transpose(2, 3)
    return x.flatten(-2)


def _fitted(mask: Tensor | None, query: Tensor, key: Tensor) -> Tensor | None:
    """Give the mask the axes (B other, 1, Q, K), or (1, 1, Q, K) where it is the same for all."""
    if mask is None:
        return None
    if mask.dim() == 2:  # (Q, K)
        return mask[None, None]
    full = (*query.shape[:2], query.shape[-2], key.shape[-2])
    return mask.expand(full).flatten(0, 1)[:, None]
