"""Graph WaveNet: dilated gated convolutions over time, and diffusion on the road and on a learned graph."""

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor, nn

from stgraph.layers import AdaptiveGraph, Dropout, GatedTemporalConvolution, GraphConvolution, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec

STEPS = 2  # of the diffusion, each way and on the learned graph
WALKS = 2  # forward and backward


class GraphWaveNet(ForecastModel):
    r"""Layers of ``h <- norm(convolve(gated(h)) + h)``, whose gated states all reach the read-out by skip connections.

    ::

        gated(h) = tanh(Theta_1 h + b) * sigmoid(Theta_2 h + c)             over time, two taps
        convolve(x) = sum_k P_f^k x W_k1 + P_b^k x W_k2 + A^k x W_k3        k = 0, 1, 2, A learned

    Wu et al. 2019, https://arxiv.org/abs/1906.00121, with the dilations 1 and 2 in each of four blocks: 13 steps; a
    shorter history is padded with zeros in front. Settled with the authors' code
    (https://github.com/nnzhan/Graph-WaveNet): the time of day is a second input; batch normalisation after each layer;
    dropout after each graph convolution; skip and read-out are 8 and 16 times as wide as `hidden`. That code gathers
    with the transposed matrices; this follows the paper. Its residual convolutions, which nothing calls, and the last
    layer's graph convolution and normalisation, whose result nothing reads, are left out.

    Args:
        task: what to forecast.
        hidden: width of a layer.
        blocks: number of blocks.
        layers: layers of a block, with dilations 1, 2, 4, ...
        vectors: width of a sensor's two vectors for the learned graph.
        dropout: share of activations dropped in training.
        time_of_day: whether the time of day is an input beside the signal.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0.
    """

    name: ClassVar[str] = "graph-wavenet"
    paper: ClassVar[str] = "Wu et al. 2019, https://arxiv.org/abs/1906.00121"

    def __init__(
        self,
        task: Task,
        *,
        hidden: int = 32,
        blocks: int = 4,
        layers: int = 2,
        vectors: int = 10,
        dropout: float = 0.3,
        time_of_day: bool = True,
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, blocks=blocks, layers=layers, vectors=vectors)
        self.steps_per_day = task.steps_per_day if time_of_day else None
        self.graph = AdaptiveGraph(task.sensors, vectors)
        self.read_in = nn.Linear(task.channels_in + time_of_day + task.covariates, hidden)
        dilations = [2**k for _ in range(blocks) for k in range(layers)]
        self.field = 1 + sum(dilations)
        self.layers = nn.ModuleList(
            _Layer(hidden, d, dropout, last=k == len(dilations) - 1) for k, d in enumerate(dilations)
        )
        self.read_out = nn.Sequential(
            nn.ReLU(),
            nn.Linear(8 * hidden, 16 * hidden),
            nn.ReLU(),
            nn.Linear(16 * hidden, task.horizon * task.outputs),
        )

    @property
    def inductive(self) -> bool:
        """False: two vectors for each sensor."""
        return False

    @property
    def reach(self) -> None:
        """The learned graph joins all sensors."""
        return

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The forward and the backward random walk; their powers are gathered one hop after the other."""
        return WeightSpec("forward"), WeightSpec("backward")

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        weights = (*batch.weights, self.graph(batch.sensors))
        known = known_history(batch, steps_per_day=self.steps_per_day, at_least=self.field)
        h = self.read_in(known.permute(1, 2, 0, 3))  # (T, N, B, hidden)
        skipped = None
        for layer in self.layers:
            h, skip = layer(h, weights)
            skipped = skip if skipped is None else skipped + skip
        out: Tensor = self.read_out(skipped)  # (N, B, H C_out)
        return self.over_horizon(out.transpose(0, 1))


class _Layer(nn.Module):
    """One layer; the `last` one gives its skip alone."""

    def __init__(self, hidden: int, dilation: int, dropout: float, *, last: bool) -> None:
        super().__init__()
        self.gated = GatedTemporalConvolution(hidden, hidden, dilation=dilation)
        self.skip = nn.Linear(hidden, 8 * hidden)
        self.convolution = None if last else GraphConvolution(hidden, hidden, WALKS + 1, powers=STEPS)
        self.norm = None if last else nn.BatchNorm1d(hidden)
        self.dropout = Dropout(dropout)

    def forward(self, h: Tensor, weights: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the next state, shorter by the dilation, and what skips ahead: of the last step, all that is read."""
        x = self.gated(h.flatten(1, 2)[None]).view(-1, *h.shape[1:])  # all sensors of all windows as one row
        skip: Tensor = self.skip(x[-1])  # (N, B, 8 hidden)
        if self.convolution is None or self.norm is None:
            return x, skip
        x = self.dropout(self.convolution(x, weights, sensor_major=True)) + h[-len(x) :]
        return self.norm(x.flatten(0, -2)).view(x.shape), skip
