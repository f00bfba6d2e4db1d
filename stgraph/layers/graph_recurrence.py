"""The steps of a graph GRU with their derivative by hand."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from stgraph.layers.graph_sum import Graph, Sums, add_products

_sigmoid_back = torch.ops.aten.sigmoid_backward
_tanh_back = torch.ops.aten.tanh_backward


def graph_recurrence(read: Tensor, state: Tensor, thetas: Sequence[Tensor], graph: Graph) -> Tensor:
    r"""Return the states of a graph GRU after each step, from what its input convolution gave.

    ::

        [r | u] = sigmoid(read_ru + sum_p H_p Theta_p)
        c = tanh(read_c + sum_p (r h)_p Phi_p)
        h <- u h + (1 - u) c

    The equations are those of `GraphGRU`; H_p are S, W_1 S, .. as `Graph.terms` lists them. Autograd would keep the
    result of every small operation, and add up a derivative for every Theta and every step.

    Args:
        read: (T, N, B, 3 h): reset, update, candidate.
        state: (N, B, h) to begin with.
        thetas: Theta (P, h, 2 h) and Phi (P, h, h).
        graph: what to gather along; its weights are of the type of `read`.

    Returns:
        (T, N, B, h).
    """
    steps, sensors, size, _ = read.shape
    out: Tensor = _Recurrence.apply(  # type: ignore[no-untyped-call]
        read.contiguous(), state.reshape(sensors, -1), *thetas, graph, torch.is_grad_enabled(), *graph.learned
    )
    return out.view(steps, sensors, size, -1)


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: FunctionCtx,
        read: Tensor,
        state: Tensor,
        of_gates: Tensor,
        of_candidate: Tensor,
        graph: Graph,
        keep: bool,
        *_: Tensor | None,
    ) -> Tensor:
        steps, h = len(read), of_candidate.shape[-1]
        rows = state.numel() // h
        states = read.new_empty(steps + 1, *state.shape)
        gates, candidates = read.new_empty(steps, rows, 2 * h), read.new_empty(steps, rows, h)
        kept = []
        states[0] = state
        for t, of_input in enumerate(read.view(steps, rows, 3 * h)):
            s, g, c = states[t], gates[t], candidates[t]
            terms = graph.terms(s)
            add_products(g.copy_(of_input[:, : 2 * h]).view(len(s), -1), terms, of_gates)
            g.sigmoid_()
            reset_terms = graph.terms((g[:, :h] * s.view(rows, h)).view(s.shape))
            add_products(c.copy_(of_input[:, 2 * h :]).view(s.shape), reset_terms, of_candidate)
            c.tanh_()
            torch.lerp(c, s.view(rows, h), g[:, h:], out=states[t + 1].view(rows, h))
            if keep:
                kept.append((terms, reset_terms))
        ctx.save_for_backward(states, gates, candidates, of_gates, of_candidate)
        ctx.graph, ctx.kept = graph, kept  # type: ignore[attr-defined]
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grads: Tensor) -> tuple[Tensor | None, ...]:
        states, gates, candidates, of_gates, of_candidate = ctx.saved_tensors  # type: ignore[attr-defined]
        graph: Graph = ctx.graph  # type: ignore[attr-defined]
        gate_sums, candidate_sums = Sums.zeros(of_gates, graph), Sums.zeros(of_candidate, graph)
        steps, rows, h = candidates.shape
        by_read = grads.new_empty(steps, rows, 3 * h)
        ds = torch.zeros_like(grads[0])
        for t in reversed(range(steps)):
            terms, reset_terms = ctx.kept[t]  # type: ignore[attr-defined]
            before, s, c = states[t], states[t].view(rows, h), candidates[t]
            r, u = gates[t, :, :h], gates[t, :, h:]
            ds = (ds + grads[t]).view(rows, h)
            by_c = _tanh_back(ds - ds * u, c)
            by_ru = torch.empty_like(gates[t])
            by_ru[:, h:] = _sigmoid_back(ds * (s - c), u)
            candidate_sums.add(by_c.view(before.shape), reset_terms)
            by_reset = graph.back(by_c.view(before.shape), (r * s).view(before.shape), reset_terms, candidate_sums)
            by_ru[:, :h] = _sigmoid_back(by_reset.view(rows, h) * s, r)
            ds = torch.addcmul(ds * u, by_reset.view(rows, h), r).view(before.shape)
            gate_sums.add(by_ru.view(len(before), -1), terms)
            ds += graph.back(by_ru.view(len(before), -1), before, terms, gate_sums)
            by_read[t, :, : 2 * h], by_read[t, :, 2 * h :] = by_ru, by_c
        pairs = zip(gate_sums.of_weights(graph), candidate_sums.of_weights(graph), strict=True)
        by_weights = [None if one is None or other is None else one + other for one, other in pairs]
        by_read = by_read.view(steps, len(ds), -1, 3 * h)
        return by_read, ds, gate_sums.by_thetas, candidate_sums.by_thetas, None, None, *by_weights
