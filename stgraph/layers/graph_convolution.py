"""Graph convolution: a sum of propagations, each with its own linear map."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from stgraph.errors import MismatchError
from stgraph.layers.graph_sum import Graph, graph_sum, working_type
from stgraph.propagation import Gather, propagate

Propagate = Callable[[Tensor, Tensor | Gather], Tensor]
Weights = Sequence[Tensor | Gather]


class GraphConvolution(nn.Module):
    r"""``out = S Theta_0 + sum_k sum_p W_k^p S Theta_kp + b``, p = 1 .. powers.

    The diffusion convolution of Li et al. 2018 (DCRNN, eq. 2, https://arxiv.org/abs/1707.01926) when the W_k are the
    forward and backward random walk; the Chebyshev convolution of Defferrard et al. 2016 (eq. 4,
    https://arxiv.org/abs/1606.09375) when they are the polynomials of degree 1, 2, ...; with ``own=False`` and the
    one symmetric W, which holds each sensor's own edge, that of Kipf and Welling 2017 (eq. 8,
    https://arxiv.org/abs/1609.02907). A power is gathered one hop after the other: W^2 is never formed. W_k gathers on
    the narrow side of Theta_k: before it where C <= C', else after.

    Args:
        channels_in: C.
        channels_out: C'.
        weights: number of W_k; 0 = no neighbours at all.
        powers: highest power of each W_k.
        own: whether there is a Theta_0.
        bias: whether there is a b.

    Shapes:
        signal (..., N, C), weights a sequence of (N, N) -> (..., N, C'). With ``sensor_major=True``, signal
        (..., N, B, C) -> (..., N, B, C'): one product then gathers for the whole batch.

    Raises:
        MismatchError: no W_k and no Theta_0; in `forward`, another number of weights.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        weights: int,
        *,
        powers: int = 1,
        own: bool = True,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if not weights and not own:
            message = "a graph convolution needs weights, or its own term"
            raise MismatchError(message)
        self.weights, self.powers = weights, powers
        self.narrow_first = channels_in <= channels_out
        self.own = nn.Linear(channels_in, channels_out, bias=False) if own else None
        self.neighbours = nn.ModuleList(
            nn.Linear(channels_in, channels_out, bias=False) for _ in range(weights * powers)
        )
        self.bias = nn.Parameter(torch.zeros(channels_out)) if bias else None

    def forward(self, signal: Tensor, weights: Weights, *, sensor_major: bool = False) -> Tensor:
        """Convolve."""
        if sensor_major and self.narrow_first:
            dtype = working_type(signal)
            return graph_sum(signal.to(dtype), self.thetas().to(dtype), self.bias, self.graph(weights, dtype))
        gather = _propagate_columns if sensor_major else propagate
        terms = [] if self.own is None else [self.own(signal)]
        left, gathered = iter(self.neighbours), _gather_first if self.narrow_first else _gather_last
        for w in self._checked(weights):
            terms += gathered(signal, w, [next(left) for _ in range(self.powers)], gather)
        out: Tensor = sum(terms[1:], start=terms[0])
        return out if self.bias is None else out + self.bias

    def graph(self, weights: Weights, dtype: torch.dtype) -> Graph:
        """Return what it gathers along, to compute in a type."""
        gathers = tuple(Gather.of(w, dtype) for w in self._checked(weights))
        return Graph(gathers, self.powers, self.own is not None)

    def thetas(self) -> Tensor:
        """Return Theta_0, Theta_11, Theta_12, .. as one, (P, C, C')."""
        maps = [*([] if self.own is None else [self.own]), *self.neighbours]
        return torch.stack([theta.get_parameter("weight").T for theta in maps])

    def _checked(self, weights: Weights) -> Weights:
        if len(weights) != self.weights:
            message = f"weights: expected {self.weights} matrices, found {len(weights)}"
            raise MismatchError(message)
        return weights


def _gather_first(
    signal: Tensor, weights: Tensor | Gather, thetas: Sequence[nn.Module], gather: Propagate
) -> list[Tensor]:
    terms = []
    for theta in thetas:
        signal = gather(signal, weights)
        terms.append(theta(signal))
    return terms


def _gather_last(
    signal: Tensor, weights: Tensor | Gather, thetas: Sequence[nn.Module], gather: Propagate
) -> list[Tensor]:
    """All powers in one: W (S Theta_1 + W (S Theta_2 + ..))."""
    *others, last = thetas
    out = gather(last(signal), weights)
    for theta in reversed(others):
        out = gather(theta(signal) + out, weights)
    return [out]


def _propagate_columns(signal: Tensor, weights: Tensor | Gather) -> Tensor:
    """Propagate (..., N, B, C): B and C together are the columns of one product."""
    return propagate(signal.flatten(-2), weights).view(signal.shape)
