"""Diffusion block: what spreads along graphs within a few steps, now and for steps to come."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.layers.dropout import Dropout


def powers_between(graph: Tensor, order: int) -> list[Tensor]:
    """Return the powers 1..order of a graph, each without what comes back to its own sensor.

    Args:
        graph: (..., N, N).
        order: number of powers.

    >>> there, back = powers_between(torch.tensor([[0.5, 0.5], [0.0, 1.0]]), 2)
    >>> back
    tensor([[0.0000, 0.7500],
            [0.0000, 0.0000]])
    """
    powers = [graph]
    while len(powers) < order:
        powers.append(powers[-1] @ graph)
    between = 1 - torch.eye(graph.shape[-1], dtype=graph.dtype, device=graph.device)
    return [power * between for power in powers]


class DiffusionBlock(nn.Module):
    r"""A convolution over the last steps of a sensor and of its neighbours, also fed its own outcome, step by step.

    ::

        u_t = relu([x_{t-k+1} | .. | x_t] U)                    k steps, out of which come k parts u_t^1 .. u_t^k
        h_t = 1/k sum_s u_t^s Theta_0 + sum_g G_g (sum_s u_t^s) Theta_g + b

    The localised spatial-temporal convolution of Shao et al. 2022, D2STGNN, https://arxiv.org/abs/2206.09112: a graph
    without self-loops joins a sensor to others at each of the last k steps, and has the same weights at each, so that
    the steps are summed before the graph gathers. For the horizon, the last h is taken for the signal of the step
    after, and so on. As in the authors' code (https://github.com/GestaltCogTeam/D2STGNN): U has no bias, the sensor's
    own part is the mean over the k steps, dropout follows each convolution.

    Args:
        channels: C, in and out.
        graphs: number of graphs.
        kernel: k, steps that the convolution sees.
        dropout: share of activations dropped in training.

    Shapes:
        signal (B, N, T, C), graphs each (N, N) or (B, N, N), number of steps P to forecast, at least 1 ->
        states (B, N, T - k + 1, C), of the last steps, and (B, N, P, C), the last state and those forecast.
    """

    def __init__(self, channels: int, graphs: int, *, kernel: int = 3, dropout: float = 0.1) -> None:
        super().__init__()
        self.kernel = kernel
        self.steps = nn.Linear(kernel * channels, kernel * channels, bias=False)
        self.gathered = nn.Linear((1 + graphs) * channels, channels)
        self.dropout = Dropout(dropout)

    def forward(self, signal: Tensor, graphs: Sequence[Tensor], steps: int) -> tuple[Tensor, Tensor]:
        """Spread."""
        states = self._convolve(signal, graphs)
        frames = [*torch.split(signal[:, :, -self.kernel :], 1, dim=2), states[:, :, -1:]]
        while len(frames) < self.kernel + steps:
            frames.append(self._convolve(torch.cat(frames[-self.kernel :], dim=2), graphs))
        return states, torch.cat(frames[self.kernel :], dim=2)

    def _convolve(self, signal: Tensor, graphs: Sequence[Tensor]) -> Tensor:
        count = signal.shape[2] - self.kernel + 1
        window = torch.cat([signal[:, :, k : k + count] for k in range(self.kernel)], dim=-1)
        parts = self.steps(window).relu().unflatten(-1, (self.kernel, -1))
        summed = parts.sum(-2)  # (B, N, count, C)
        own, *others = self.gathered.weight.chunk(1 + len(graphs), dim=1)
        out = functional.linear(summed / self.kernel, own, self.gathered.bias).flatten(2)  # (B, N, count C)
        for graph, theta in zip(graphs, others, strict=True):
            of_others = functional.linear(summed, theta).flatten(2)
            out = torch.baddbmm(out, graph.expand(len(out), -1, -1), of_others)
        dropped: Tensor = self.dropout(out.view(summed.shape))
        return dropped
