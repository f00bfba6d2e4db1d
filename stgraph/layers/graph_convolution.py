"""Graph convolution: a sum of propagations, each with its own linear map."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from stgraph.errors import MismatchError
from stgraph.propagation import propagate


class GraphConvolution(nn.Module):
    r"""``out = S Theta_0 + sum_k W_k S Theta_k + b``.

    The diffusion convolution of Li et al. 2018 (DCRNN, eq. 2, https://arxiv.org/abs/1707.01926) when the W_k are
    powers of the forward and backward random walk; the Chebyshev convolution of Defferrard et al. 2016 (eq. 4,
    https://arxiv.org/abs/1606.09375) when they are the polynomials of degree 1, 2, ...; with ``own=False`` and the
    one symmetric W, which holds each sensor's own edge, that of Kipf and Welling 2017 (eq. 8,
    https://arxiv.org/abs/1609.02907). W_k gathers on the narrow side of Theta_k: before it where C <= C', else after.

    Args:
        channels_in: C.
        channels_out: C'.
        weights: number of W_k; 0 = no neighbours at all.
        own: whether there is a Theta_0.
        bias: whether there is a b.

    Shapes:
        signal (..., N, C), weights a sequence of (N, N) -> (..., N, C'). With ``sensor_major=True``, signal
        (..., N, B, C) -> (..., N, B, C'): one product then gathers for the whole batch.

    Raises:
        MismatchError: no W_k and no Theta_0; in `forward`, another number of weights.
    """

    def __init__(
        self, channels_in: int, channels_out: int, weights: int, *, own: bool = True, bias: bool = True
    ) -> None:
        super().__init__()
        if not weights and not own:
            message = "a graph convolution needs weights, or its own term"
            raise MismatchError(message)
        self.narrow_first = channels_in <= channels_out
        self.own = nn.Linear(channels_in, channels_out, bias=False) if own else None
        self.neighbours = nn.ModuleList(nn.Linear(channels_in, channels_out, bias=False) for _ in range(weights))
        self.bias = nn.Parameter(torch.zeros(channels_out)) if bias else None

    def forward(self, signal: Tensor, weights: Sequence[Tensor], *, sensor_major: bool = False) -> Tensor:
        """Convolve."""
        if len(weights) != len(self.neighbours):
            message = f"weights: expected {len(self.neighbours)} matrices, found {len(weights)}"
            raise MismatchError(message)
        gather = _propagate_columns if sensor_major else propagate
        terms = [] if self.own is None else [self.own(signal)]
        for theta, w in zip(self.neighbours, weights, strict=True):
            terms.append(theta(gather(signal, w)) if self.narrow_first else gather(theta(signal), w))
        out: Tensor = sum(terms[1:], start=terms[0])
        return out if self.bias is None else out + self.bias


def _propagate_columns(signal: Tensor, weights: Tensor) -> Tensor:
    """Propagate (..., N, B, C): B and C together are the columns of one product."""
    return propagate(signal.flatten(-2), weights).view(signal.shape)
