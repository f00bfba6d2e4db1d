"""Inherent block: what goes on at each sensor by itself, now and for steps to come."""

import torch
from torch import Tensor, nn

from stgraph.layers.attention import Attention
from stgraph.layers.dropout import Dropout


class InherentBlock(nn.Module):
    r"""A GRU, and attention over all its states, also fed its own outcome, step by step.

    ::

        h_t = GRU(x_t, h_{t-1})
        m = h + e,      z = attention(m, m)                     e the sinusoids of the moments
        h' = GRU(z', m'),   m <- [m | h'] + e,  z' = attention(h', m)         for each step of the horizon

    Shao et al. 2022, D2STGNN, https://arxiv.org/abs/2206.09112; sinusoids as in Vaswani et al. 2017,
    https://arxiv.org/abs/1706.03762. A prime marks the last of a sequence. The last line is that of the authors' code
    (https://github.com/GestaltCogTeam/D2STGNN): the GRU goes on from the last m, and e is added to all that is
    remembered once more at each step. Its dropouts are kept (of the GRU's states, of m, of z) but for one inside the
    attention, which fused attention has not.

    Args:
        channels: C, in and out.
        heads: of the attention; divides C.
        moments: most steps that are ever remembered, history and horizon.
        dropout: share of activations dropped in training.

    Shapes:
        signal (B, N, T, C), number of steps P to forecast, at least 1 -> states (B, N, T, C), and (B, N, P, C), the
        last state and those forecast.

    Raises:
        DataError: heads that do not divide the channels.
    """

    def __init__(self, channels: int, heads: int, *, moments: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.gru = nn.GRU(channels, channels)
        self.attention = Attention(channels, heads, over="time")
        self.dropout = Dropout(dropout)
        self.sinusoids: Tensor
        self.register_buffer("sinusoids", _sinusoids(moments, channels)[:, None], persistent=False)

    def forward(self, signal: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """Go on."""
        rows = signal.flatten(0, 1).transpose(0, 1)  # (T, B N, C)
        memory = self._remember(self.dropout(self.gru(rows)[0]))
        states = self._attend(memory, memory)
        forecast = [states[-1:]]
        while len(forecast) < steps:
            state, _ = self.gru(forecast[-1], memory[-1:])
            memory = self._remember(torch.cat([memory, state]))
            forecast.append(self._attend(state, memory))
        return _unrolled(states, signal), _unrolled(torch.cat(forecast), signal)

    def _remember(self, states: Tensor) -> Tensor:
        remembered: Tensor = self.dropout(states + self.sinusoids[: len(states)])
        return remembered

    def _attend(self, states: Tensor, memory: Tensor) -> Tensor:
        attended: Tensor = self.dropout(self.attention(states[None], memory[None])[0])
        return attended


def _unrolled(rows: Tensor, like: Tensor) -> Tensor:
    """(T, B N, C) -> (B, N, T, C)."""
    return rows.view(len(rows), *like.shape[:2], -1).permute(1, 2, 0, 3)


def _sinusoids(moments: int, channels: int) -> Tensor:
    """Sine and cosine in turn of t / 10000^(c / C), for each moment t and each even c: (moments, C)."""
    frequencies = 10000 ** (-torch.arange(0, channels, 2) / channels)
    phase = torch.arange(moments)[:, None] * frequencies
    return torch.stack([phase.sin(), phase.cos()], dim=-1).flatten(1)[:, :channels]
