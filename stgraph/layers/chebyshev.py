"""Chebyshev polynomials of learned weights."""

import torch
from torch import Tensor


def chebyshev(weights: Tensor, order: int) -> list[Tensor]:
    """Return T_1, .., T_order of the weights: T_0 = I, T_1 = W, ``T_k = 2 W T_{k-1} - T_{k-2}``.

    As AGCRN (Bai et al. 2020, https://arxiv.org/abs/2007.02842) and MegaCRN (Jiang et al. 2023,
    https://arxiv.org/abs/2212.05989) take them: of a learned row-stochastic W, where Defferrard et al. 2016 take those
    of a scaled Laplacian.

    Args:
        weights: W, (N, N) dense.
        order: degree of the last one; 0 = none.

    >>> [t.item() for t in chebyshev(torch.tensor([[0.5]]), 3)]
    [0.5, -0.5, -1.0]
    """
    found = [torch.eye(len(weights)).to(weights), weights]
    while len(found) <= order:
        found.append(2 * weights @ found[-1] - found[-2])
    return found[1 : order + 1]
