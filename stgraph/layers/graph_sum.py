"""The sum of a graph convolution and its derivative by hand: terms are added where they are made, none is copied."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from stgraph.propagation import Gather


class Graph(NamedTuple):
    """What a graph convolution gathers along.

    Args:
        gathers: one a W.
        powers: each W gathers 1, 2, .. `powers` times.
        own: whether the signal itself is the first term.
    """

    gathers: tuple[Gather, ...]
    powers: int = 1
    own: bool = True

    @property
    def learned(self) -> list[Tensor | None]:
        """Each W that is learned, None for the others: what autograd is to see."""
        return [g.weights if g.learned else None for g in self.gathers]

    def terms(self, signal: Tensor) -> list[Tensor]:
        """Return what there is of (N, B C): S, W_1 S, W_1 W_1 S, .., W_2 S, .., each of the same shape."""
        found = [signal] if self.own else []
        for gather in self.gathers:
            gathered = signal
            for _ in range(self.powers):
                gathered = gather.there(gathered)
                found.append(gathered)
        return found

    def back(self, grad: Tensor, signal: Tensor, terms: Sequence[Tensor], sums: "Sums") -> Tensor:
        """Return the derivative by the signal, (N, B C), and add those by every learned W to `sums`.

        Args:
            grad: (N, B C'), the derivative by ``sum_p S_p Theta_p``.
            signal: S.
            terms: what `terms` made of it.
            sums: changed in place.
        """
        channels, width = sums.thetas.shape[1:]
        rows, back = grad.view(-1, width), sums.thetas.transpose(1, 2)
        parts = [(rows @ back[0]).view(signal.shape)] if self.own else []
        for k, gather in enumerate(self.gathers):
            first = self.own + k * self.powers
            part = (rows @ back[first + self.powers - 1]).view(signal.shape)
            for p in reversed(range(self.powers)):
                if gather.learned:
                    sums.by_weights[k].addmm_(part, (terms[first + p - 1] if p else signal).T)
                part = gather.back(part)
                if p:
                    part.view(-1, channels).addmm_(rows, back[first + p - 1])
            parts.append(part)
        total = parts[0]
        for part in parts[1:]:
            total += part
        return total


class Sums(NamedTuple):
    """The Theta of a sum, and derivatives by them and by W, as they grow.

    Args:
        thetas: (P, C, C').
        by_thetas: (P, C, C').
        by_weights: (N, N) for each W that is learned; for others nothing.
    """

    thetas: Tensor
    by_thetas: Tensor
    by_weights: list[Tensor]

    @classmethod
    def zeros(cls, thetas: Tensor, graph: Graph) -> "Sums":
        """Begin with 0."""
        by_weights = [torch.zeros_like(g.weights) if g.learned else thetas.new_empty(0) for g in graph.gathers]
        return cls(thetas, torch.zeros_like(thetas), by_weights)

    def add(self, grad: Tensor, terms: Sequence[Tensor]) -> None:
        """Add the derivative by Theta, of the derivative by the sum of `terms` times them."""
        channels, width = self.thetas.shape[1:]
        rows = grad.view(-1, width)
        for term, by_theta in zip(terms, self.by_thetas, strict=True):
            by_theta.addmm_(term.view(-1, channels).T, rows)

    def of_weights(self, graph: Graph) -> list[Tensor | None]:
        """Return the derivative by each W, None where it is not learned."""
        return [w if g.learned else None for w, g in zip(self.by_weights, graph.gathers, strict=True)]


def add_products(out: Tensor, terms: Sequence[Tensor], thetas: Tensor) -> None:
    """Add ``sum_p S_p Theta_p`` to `out`.

    Args:
        out: (N, B C'), changed in place.
        terms: S_p, (N, B C) each.
        thetas: (P, C, C').
    """
    channels, width = thetas.shape[1:]
    rows = out.view(-1, width)
    for term, theta in zip(terms, thetas, strict=True):
        rows.addmm_(term.view(-1, channels), theta)


def graph_sum(signal: Tensor, thetas: Tensor, bias: Tensor | None, graph: Graph) -> Tensor:
    """Return ``sum_p S_p Theta_p + b``; differentiable in the signal, Theta, b and every W that is learned.

    Args:
        signal: (..., N, B, C), sensor-major.
        thetas: (P, C, C'), P = own + number of W times powers.
        bias: (C',) or None.
        graph: what to gather along; its weights are of the signal's type.

    Returns:
        (..., N, B, C').
    """
    flat = signal.reshape(-1, signal.shape[-3], signal.shape[-2] * signal.shape[-1]).contiguous()
    out: Tensor = _GraphSum.apply(flat, thetas, graph, torch.is_grad_enabled(), *graph.learned)  # type: ignore[no-untyped-call]
    out = out.view(*signal.shape[:-1], -1)
    return out if bias is None else out + bias.to(out.dtype)


class _GraphSum(torch.autograd.Function):
    """Of signals (L, N, B C), one after the other."""

    @staticmethod
    def forward(
        ctx: FunctionCtx, signals: Tensor, thetas: Tensor, graph: Graph, keep: bool, *_: Tensor | None
    ) -> Tensor:
        out = signals.new_zeros(*signals.shape[:2], signals.shape[2] // thetas.shape[1] * thetas.shape[2])
        kept = []
        for signal, target in zip(signals, out, strict=True):
            terms = graph.terms(signal)
            add_products(target, terms, thetas)
            if keep:
                kept.append(terms)
        ctx.save_for_backward(signals, thetas)
        ctx.graph, ctx.terms = graph, kept  # type: ignore[attr-defined]
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grads: Tensor) -> tuple[Tensor | None, ...]:
        signals, thetas = ctx.saved_tensors  # type: ignore[attr-defined]
        graph: Graph = ctx.graph  # type: ignore[attr-defined]
        sums, back = Sums.zeros(thetas, graph), []
        wanted = ctx.needs_input_grad[0] or any(g.learned for g in graph.gathers)  # type: ignore[attr-defined]
        for grad, signal, terms in zip(grads.contiguous(), signals, ctx.terms, strict=True):  # type: ignore[attr-defined]
            sums.add(grad, terms)
            if wanted:
                back.append(graph.back(grad, signal, terms, sums))
        return torch.stack(back) if wanted else None, sums.by_thetas, None, None, *sums.of_weights(graph)


def working_type(signal: Tensor) -> torch.dtype:
    """Return the type that products are taken in here: that of autocast where it is on, else the signal's own."""
    kind = signal.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else signal.dtype
