"""Random-walk embedding: where a sensor lies in the road network, told without learning anything."""

from collections.abc import Sequence

import torch
from torch import Tensor

CONSTANT = 1e-6  # spread of a column, as a share of its mean, below which only rounding is left


def random_walk_embedding(weights: Sequence[Tensor], steps: int) -> Tensor:
    r"""How likely a walk from each sensor is back there after 1, 2, .., `steps` steps, compared with other sensors.

    ::

        p_i = [P_ii, (P^2)_ii, .., (P^steps)_ii]      P = D^-1 (I + sum_k W_k), D the row sums

    The random-walk positional encoding of Dwivedi et al. 2022, https://arxiv.org/abs/2110.07875, each column then
    shifted and scaled to mean 0 and deviation 1 over the sensors (0 where all sensors are alike). Their walk is on an
    undirected graph. With the forward and the backward random walk as weights, this one stays, drives on or drives
    back, each as likely where there is a way: on roads of one direction a walk along the arrows alone never comes back,
    and says nothing but how many roads leave. Staying lets it come back after odd numbers of steps too.

    It is the same for the same graph, follows a relabelling of the sensors, and has no parameter and no gradient. Two
    sensors that lie alike (the two ends of an even road) have the same. In float64, about 2 sqrt(steps) products of
    N x N: the diagonal of ``P^(a+b)`` needs the powers a and b alone.

    Args:
        weights: non-negative (N, N), dense or CSR; what each gathers from is where a walk may go.
        steps: length of the walk, K.

    Returns:
        (N, K), in the type of the weights.

    >>> one_way = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])  # a -> b -> c
    >>> random_walk_embedding([one_way, one_way.T], 1)  # 1/2, 1/3 and 1/2 to be back after one step
    tensor([[ 0.7071],
            [-1.4142],
            [ 0.7071]])
    """
    with torch.no_grad():
        returns = _returns(_walk(weights), steps)
        mean, deviation = returns.mean(0), returns.std(0, correction=0)
        alike = deviation <= CONSTANT * mean
        embedding = ((returns - mean) / deviation.masked_fill(alike, 1.0)).masked_fill(alike, 0.0)
        return embedding.to(weights[0].dtype)


def _walk(weights: Sequence[Tensor]) -> Tensor:
    """Return P, dense; in float64 wherever there is such a thing: rounding must not look like a difference."""
    exact = torch.float32 if weights[0].device.type == "mps" else torch.float64
    moves = torch.eye(weights[0].shape[0], dtype=exact, device=weights[0].device)
    for w in weights:
        moves = moves + (w if w.layout == torch.strided else w.to_dense()).to(exact)
    return moves / moves.sum(1, keepdim=True)


def _returns(walk: Tensor, steps: int) -> Tensor:
    """Return the diagonals of P, P^2, .., P^steps, (N, steps)."""
    stride = max(int(steps**0.5), 1)
    short = [walk]  # P^1 .. P^stride
    while len(short) < stride:
        short.append(short[-1] @ walk)
    found = [torch.stack([power.diagonal() for power in short], dim=1)]
    mirrored = torch.stack(short).transpose(1, 2)
    far = short[-1]  # P^stride, P^(2 stride), ..
    for _ in range(stride, steps, stride):
        found.append((far * mirrored).sum(-1).T)  # (P^a P^b)_ii = sum_j P^a_ij P^b_ji
        far = far @ short[-1]
    return torch.cat(found, dim=1)[:, :steps]
