"""How many hops a layer sees: found by trying, not by believing."""

import copy
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

LIMIT = 8
"""Most hops that are tried."""


class Hops(NamedTuple):
    """How far one application of a layer sees.

    Args:
        graph: hops of the patch that gives the whole graph's answer at its centre.
        signal: hops from which it takes the signal; beyond, it takes weights alone, such as a neighbour's degree.
    """

    graph: int
    signal: int

    def of_layers(self, layers: int) -> int:
        """Return the hops that so many of them need, one after the other: the first needs all, the others no more W."""
        return self.graph + (layers - 1) * self.signal if layers else 0


def measured_hops(layer: nn.Module, channels: int) -> Hops | None:
    """Return the smallest r for which patches of r, r + 1, ... hops give the whole graph's answer at their centre.

    Tried on a road of random weights in both directions, some with an edge to themselves, with the W of a patch cut
    from the whole; the largest and the smallest weights stand beyond every patch, so that what a layer takes from the
    whole graph (a count, a mean, an extreme) shows. It is a copy of the layer that is tried, in float64 and eval,
    with random parameters and signals; neither the layer nor the global random state is touched.

    Args:
        layer: called as ``layer(signal, weights)`` with (B, N, C) and a dense (N, N), gives (B, N, C').
        channels: C.

    Returns:
        The hops, or None where no patch up to `LIMIT` hops is exact to 1e-10: it may see the whole graph.
    """
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        trial = copy.deepcopy(layer).cpu().double().eval()
        for parameter in trial.parameters():
            drawn = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            parameter.copy_(drawn / parameter.shape[-1] ** 0.5 if parameter.dim() else drawn)
        weights = _road(generator)
        signal, other = torch.randn(2, 16, len(weights), channels, generator=generator, dtype=torch.float64)
        centre = len(weights) // 2
        answer = trial(signal, weights)[:, centre]

        def of_patch(near: slice) -> Tensor:
            found: Tensor = trial(signal[:, near], weights[near, near].clone())[:, centre - near.start]
            return found

        def of_signal(near: slice) -> Tensor:
            beyond = other.clone()
            beyond[:, near] = signal[:, near]
            found: Tensor = trial(beyond, weights)[:, centre]
            return found

        graph, far = (_smallest(found, answer, centre) for found in (of_patch, of_signal))
    return None if graph is None or far is None else Hops(graph, far)


def _smallest(found: Callable[[slice], Tensor], answer: Tensor, centre: int) -> int | None:
    """Return the smallest r from which on what is found with r hops around the centre is the answer."""
    smallest = None
    for r in reversed(range(LIMIT + 1)):
        gap = (found(slice(centre - r, centre + r + 1)) - answer).abs().max()
        if not gap <= 1e-10:  # so that NaN is not exact either
            break
        smallest = r
    return smallest


def _road(generator: torch.Generator) -> Tensor:
    """Return the weights (N, N) of a road that is two sensors longer, at both ends, than the largest patch."""
    count = 2 * (LIMIT + 2) + 1
    weights = 0.3 + 0.7 * torch.rand(count, count, generator=generator, dtype=torch.float64)
    place = torch.arange(count)
    beside = (place[:, None] - place).abs() == 1
    itself = torch.diag(place % 3 == 0)
    weights[:2] *= 10
    weights[-2:] /= 10
    return weights.where(beside | itself, 0.0)
