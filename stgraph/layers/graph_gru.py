"""Graph GRU: a gated recurrent unit whose gates are graph convolutions."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from stgraph.layers.graph_convolution import GraphConvolution
from stgraph.layers.graph_recurrence import graph_recurrence
from stgraph.layers.graph_sum import working_type
from stgraph.layers.spatial_convolution import spatial_convolution
from stgraph.propagation import Gather


class GraphGRU(nn.Module):
    r"""A gated recurrent unit in which every product with a matrix is a graph convolution, written ``*``.

    ::

        r_t = sigmoid(Theta_r * [x_t, h_{t-1}] + b_r)
        u_t = sigmoid(Theta_u * [x_t, h_{t-1}] + b_u)
        c_t = tanh(Theta_c * [x_t, r_t h_{t-1}] + b_c)
        h_t = u_t h_{t-1} + (1 - u_t) c_t

    The DCGRU of Li et al. 2018, section 2.3, https://arxiv.org/abs/1707.01926, and with one symmetric W and without
    a term of its own the cell of T-GCN (Zhao et al. 2020, https://arxiv.org/abs/1811.05320). A convolution is linear,
    so that of [x, h] is that of x plus that of h: the first is taken for all steps at once. As in both papers' code,
    b_r and b_u begin at 1, b_c at 0, and all Theta of one convolution share one Xavier initialisation.

    With another convolution, `spatial`, a gate reads ``Theta_x * x_t + Theta_h * h_{t-1}``, as in Seo et al. 2018,
    https://arxiv.org/abs/1612.07659. Where that convolution is linear (GCNConv, TAGConv) this is the one of [x, h];
    where it is not (GATConv), x and h have their attention apart, and the gates that one convolution serves (all of x;
    r and u of h) share it. Its parameters begin as its class has them.

    Args:
        channels_in: C.
        hidden: width of the state.
        weights: number of W_k.
        powers: highest power of each W_k.
        own: whether the convolutions have a term of the sensor itself.
        spatial: the convolution, as `spatial_convolution` reads it.

    Shapes:
        Sensor-major, so that one product gathers for the whole batch: inputs (T, N, B, C), weights a sequence of
        (N, N) or what `prepared` made of it, state (N, B, hidden) or None = 0 -> (T, N, B, hidden), the state after
        each step.
    """

    def __init__(
        self,
        channels_in: int,
        hidden: int,
        weights: int,
        *,
        powers: int = 1,
        own: bool = True,
        spatial: str = "GraphConvolution",
    ) -> None:
        super().__init__()
        self.hidden = hidden
        self.inputs = spatial_convolution(spatial, channels_in, 3 * hidden, weights, powers=powers, own=own)
        self.gates = spatial_convolution(spatial, hidden, 2 * hidden, weights, powers=powers, own=own, bias=False)
        self.candidate = spatial_convolution(spatial, hidden, hidden, weights, powers=powers, own=own, bias=False)
        if isinstance(self.inputs, GraphConvolution):
            self._initialise((channels_in + hidden) * (weights * powers + own))

    def _initialise(self, fan_in: int) -> None:
        gates, candidate = slice(2 * self.hidden), slice(2 * self.hidden, None)
        for name, theta in self.named_parameters():
            if name == "inputs.bias":
                nn.init.ones_(theta[gates])
            elif name.startswith("inputs"):
                for rows in (gates, candidate):
                    _xavier(theta[rows], fan_in)
            else:
                _xavier(theta, fan_in)

    def prepared(self, weights: Sequence[Tensor | Gather], signal: Tensor) -> Sequence[Tensor | Gather]:
        """Return weights made ready once for many calls, of the type that `signal` is worked with in.

        A convolution that is not ours takes them as they are.
        """
        if not isinstance(self.gates, GraphConvolution):
            return weights
        return self.gates.graph(weights, working_type(signal)).gathers

    def forward(self, inputs: Tensor, weights: Sequence[Tensor | Gather], state: Tensor | None = None) -> Tensor:
        """Run over all steps."""
        if state is None:
            state = inputs.new_zeros(*inputs.shape[1:3], self.hidden)
        weights = self.prepared(weights, inputs)
        read = self.inputs(inputs, weights, sensor_major=True)  # (T, N, B, 3 hidden)
        if isinstance(self.gates, GraphConvolution) and isinstance(self.candidate, GraphConvolution):
            thetas = [layer.thetas().to(read.dtype) for layer in (self.gates, self.candidate)]
            return graph_recurrence(read, state.to(read.dtype), thetas, self.gates.graph(weights, read.dtype))
        states = []
        for of_input in read.unbind(0):
            state = self._step(of_input, state, weights)
            states.append(state)
        return torch.stack(states)

    def _step(self, read: Tensor, state: Tensor, weights: Sequence[Tensor | Gather]) -> Tensor:
        """One step, from what the convolution of the input gives, (N, B, 3 hidden)."""
        gates, candidate = read[..., : 2 * self.hidden], read[..., 2 * self.hidden :]
        reset, update = (gates + self.gates(state, weights, sensor_major=True)).sigmoid().chunk(2, dim=-1)
        candidate = (candidate + self.candidate(reset * state, weights, sensor_major=True)).tanh()
        out: Tensor = candidate + update * (state - candidate)
        return out


def _xavier(theta: Tensor, fan_in: int) -> None:
    """Glorot and Bengio 2010, eq. 12, of which `theta` (C', C) is a part: its convolution takes `fan_in` in all."""
    nn.init.normal_(theta, std=(2 / (fan_in + theta.shape[0])) ** 0.5)
