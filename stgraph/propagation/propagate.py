"""The one propagation at the heart of the library: F(S, A) = sum over the edges (i, j) of W_ij S_j."""

import torch
from torch import Tensor

from stgraph.propagation.gather import Gather
from stgraph.shapes import check_shape


def propagate(signal: Tensor, weights: Tensor | Gather) -> Tensor:
    """Gather the signal of the neighbours of each sensor: ``out_i = sum_j W[i, j] S_j``.

    Differentiable in the signal and in the weights, for dense and for CSR weights.

    Args:
        signal: (..., N, C).
        weights: (N, N), dense or sparse CSR, of the signal's dtype; or a `Gather` made of them, to do it many times.

    Returns:
        (..., N, C).

    Raises:
        ShapeError: weights are not (N, N) for the N of the signal.

    >>> weights = torch.tensor([[0.0, 1.0], [0.0, 0.0]])
    >>> propagate(torch.tensor([[1.0], [5.0]]), weights)
    tensor([[5.],
            [0.]])
    """
    if isinstance(weights, Gather):
        return weights(signal)
    check_shape(weights, "N N", name="weights", N=signal.shape[-2])
    if weights.layout == torch.strided:
        return torch.matmul(weights, signal)
    return Gather(weights)(signal)
