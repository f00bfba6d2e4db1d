"""Adaptive GRU: a graph GRU on a learned graph, with parameters of each sensor out of a common pool."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from stgraph.propagation import propagate


class AdaptiveGraphConvolution(nn.Module):
    r"""``out_i = sum_k (T_k(A) S)_i Theta_{i,k} + b_i`` with ``Theta_i = E_i Pool`` and ``b_i = E_i pool``.

    T_0 = I, T_1 = A, T_k = 2 A T_{k-1} - T_{k-2}. Bai et al. 2020, AGCRN (node adaptive parameter learning),
    https://arxiv.org/abs/2007.02842.

    Args:
        channels_in: C.
        channels_out: C'.
        order: number of T_k, the identity among them.
        vectors: width of a sensor's vector, D.

    Shapes:
        `of_sensors`: vectors (N, D) -> Theta (N, order C, C') and b (N, 1, C'), the same for a whole forward;
        then sensor-major signal (N, B, C), polynomials T_1.. (N, N) and those -> (N, B, C').
    """

    def __init__(self, channels_in: int, channels_out: int, order: int, vectors: int) -> None:
        super().__init__()
        self.pool = nn.Parameter(torch.empty(vectors, order, channels_in, channels_out))
        self.bias_pool = nn.Parameter(torch.empty(vectors, channels_out))
        for parameter in self.parameters():
            nn.init.xavier_uniform_(parameter)

    def of_sensors(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Return the parameters of each sensor."""
        theta = (vectors @ self.pool.flatten(1)).view(len(vectors), -1, self.pool.shape[-1])
        return theta, (vectors @ self.bias_pool)[:, None]

    def forward(self, signal: Tensor, polynomials: Sequence[Tensor], own: tuple[Tensor, Tensor]) -> Tensor:
        """Convolve."""
        gathered = [propagate(signal.flatten(1), t).view(signal.shape) for t in polynomials]
        theta, bias = own
        return torch.baddbmm(bias, torch.cat([signal, *gathered], dim=-1), theta)


class AdaptiveGRU(nn.Module):
    r"""A gated recurrent unit whose products are adaptive graph convolutions, ``*``.

    ::

        z_t = sigmoid(Theta_z * [x_t, h_{t-1}]),  r_t = sigmoid(Theta_r * [x_t, h_{t-1}])
        c_t = tanh(Theta_c * [x_t, z_t h_{t-1}])
        h_t = r_t h_{t-1} + (1 - r_t) c_t

    Bai et al. 2020, AGCRN, https://arxiv.org/abs/2007.02842: there, z resets and r updates.

    Args:
        channels_in: C.
        hidden: width of the state.
        order: number of polynomials, the identity among them.
        vectors: width of a sensor's vector, D.

    Shapes:
        sensor-major inputs (T, N, B, C), vectors (N, D), polynomials T_1.. (N, N) -> (T, N, B, hidden).
    """

    def __init__(self, channels_in: int, hidden: int, order: int, vectors: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.gates = AdaptiveGraphConvolution(channels_in + hidden, 2 * hidden, order, vectors)
        self.candidate = AdaptiveGraphConvolution(channels_in + hidden, hidden, order, vectors)

    def forward(self, inputs: Tensor, vectors: Tensor, polynomials: Sequence[Tensor]) -> Tensor:
        """Run over all steps, from a state of 0."""
        gates, candidate = self.gates.of_sensors(vectors), self.candidate.of_sensors(vectors)
        state = inputs.new_zeros(*inputs.shape[1:3], self.hidden)
        states = []
        for x in inputs.unbind(0):
            both = self.gates(torch.cat([x, state], dim=-1), polynomials, gates).sigmoid()
            reset, update = both.chunk(2, dim=-1)
            c = self.candidate(torch.cat([x, reset * state], dim=-1), polynomials, candidate).tanh()
            state = c + update * (state - c)
            states.append(state)
        return torch.stack(states)
