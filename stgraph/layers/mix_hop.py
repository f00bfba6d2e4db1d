"""Mix-hop propagation: what reaches a sensor from 1, 2, .. hops either way, each with some of its own kept."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.errors import DataError


class MixHop(nn.Module):
    r"""``out = sum_k H_k Theta_k + b + sum_k G_k Phi_k + c``, H along the graph and G against it.

    ::

        H_0 = S,  H_k = keep S + (1 - keep) D^-1 (A + I) H_{k-1},  D the row sums of A + I;  G_k with A^T

    The mix-hop propagation of Wu et al. 2020, MTGNN, https://arxiv.org/abs/2005.11650, added up both ways as in its
    graph convolution module. H_k is P_k S with ``P_k = keep I + (1 - keep) D^-1 (A + I) P_{k-1}``, the same for a whole
    forward: `mix_hops` finds them once, and one product then gathers all that the linear maps give.

    Args:
        channels_in: C.
        channels_out: C'.
        depth: number of hops.

    Shapes:
        sensors before time, (B, N, T, C), and what `mix_hops` gives -> (B, N, T, C').

    Raises:
        DataError: a depth below 1.
    """

    def __init__(self, channels_in: int, channels_out: int, depth: int) -> None:
        super().__init__()
        if depth < 1:
            message = f"mix-hop: expected a depth of 1 or more, found {depth}"
            raise DataError(message)
        self.along, self.against = (nn.Linear((depth + 1) * channels_in, channels_out) for _ in range(2))

    def forward(self, signal: Tensor, hops: Tensor) -> Tensor:
        """Propagate."""
        size, sensors, steps, channels = signal.shape
        width = len(self.along.bias)
        along, *thetas = self.along.weight.view(width, -1, channels).unbind(1)  # (C', C) each
        against, *phis = self.against.weight.view(width, -1, channels).unbind(1)
        own = functional.linear(signal, along + against, self.along.bias + self.against.bias)
        sent = functional.linear(signal, torch.cat([*thetas, *phis])).view(size, sensors, steps, -1, width)
        columns = sent.permute(3, 1, 0, 2, 4).reshape(hops.shape[1], -1)  # (2 depth N, B T C')
        return own + (hops @ columns).view(sensors, size, steps, -1).transpose(0, 1)


def mix_hops(weights: Tensor, depth: int, keep: float) -> Tensor:
    """Return P_1, P_2, .. along the graph and then against it, side by side.

    Args:
        weights: A, (N, N) dense and not negative.
        depth: number of hops.
        keep: share of its own that a sensor keeps at each hop, beta in the paper.

    Returns:
        (N, 2 depth N); the rows of each P add up to 1.

    >>> mix_hops(torch.tensor([[0.0, 1.0], [0.0, 0.0]]), depth=1, keep=0.5)
    tensor([[0.7500, 0.2500, 1.0000, 0.0000],
            [0.0000, 1.0000, 0.2500, 0.7500]])
    """
    own = torch.eye(len(weights)).to(weights)
    found = []
    for way in (weights + own, weights.T + own):
        walk = (1 - keep) * way / way.sum(1, keepdim=True)
        power = own
        for _ in range(depth):
            power = walk @ power + keep * own
            found.append(power)
    return torch.cat(found, dim=1)
