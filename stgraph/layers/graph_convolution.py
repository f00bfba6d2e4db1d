"""Graph convolution: a sum of propagations, each with its own linear map."""

from collections.abc import Sequence

from torch import Tensor, nn

from stgraph.errors import MismatchError
from stgraph.propagation import propagate


class GraphConvolution(nn.Module):
    r"""``out = S Theta_0 + sum_k W_k S Theta_k + b``.

    The diffusion convolution of Li et al. 2018 (DCRNN, eq. 2, https://arxiv.org/abs/1707.01926) when the W_k
    are powers of the forward and backward random walk; Chebyshev or Kipf-Welling when they are those.
    Products go from the narrow side: S Theta_k is formed before W_k gathers it.

    Args:
        channels_in: C.
        channels_out: C'.
        weights: number of W_k; 0 = no neighbours at all.

    Shapes:
        signal (..., N, C), weights a sequence of (N, N) -> (..., N, C').
    """

    def __init__(self, channels_in: int, channels_out: int, weights: int) -> None:
        super().__init__()
        self.own = nn.Linear(channels_in, channels_out)
        self.neighbours = nn.ModuleList(nn.Linear(channels_in, channels_out, bias=False) for _ in range(weights))

    def forward(self, signal: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """Convolve."""
        if len(weights) != len(self.neighbours):
            message = f"weights: expected {len(self.neighbours)} matrices, found {len(weights)}"
            raise MismatchError(message)
        out: Tensor = self.own(signal)
        for theta, w in zip(self.neighbours, weights, strict=True):
            out = out + propagate(theta(signal), w)
        return out
