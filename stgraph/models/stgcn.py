"""STGCN: gated convolutions over time around a convolution over the graph, and nothing recurrent."""

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor, nn

from stgraph.layers import Dropout, GatedTemporalConvolution, GraphConvolution, NetworkNorm, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec


class STGCN(ForecastModel):
    r"""Sandwiches of time, graph and time; one gate then reads all steps that are left, two linear maps the horizon.

    ::

        gated(h) = (Theta_1 h + b + h) * sigmoid(Theta_2 h + c)        over time, `kernel` taps, no padding
        spread(h) = relu(sum_k T_k(L~) z W_k + d + z),  z = W h        k = 0 .. order - 1, z is `bottleneck` wide
        h <- norm(gated(spread(gated(h))))                             in each block
        forecast = FC(relu(FC(norm(gated(h)))))                        this gate has a tap for every step left

    Yu et al. 2018, https://arxiv.org/abs/1709.04875. Settled with the code whose numbers benchmarks quote
    (https://github.com/hazdzz/STGCN, as in https://github.com/zezhishao/BasicTS): h is added inside the gate, padded
    with zeros where it is narrower; the bottleneck is a linear map before the graph; the normalisation is over all
    sensors and channels of a step; dropout after each block; the horizon is read out at once, where the authors' own
    code feeds one step back. BasicTS takes the polynomials of L of the directed graph; this takes those of L~, as the
    paper says. Alignments of that code whose result nothing reads are left out. A history shorter than the blocks need
    is padded with zeros in front.

    Args:
        task: what to forecast.
        hidden: width of the time layers; the read-out is twice as wide.
        bottleneck: width of the graph layers.
        blocks: number of sandwiches.
        kernel: steps that a gate sees.
        order: number of Chebyshev polynomials, the identity among them.
        dropout: share of activations dropped in training.
        time_of_day: whether the time of day is an input beside the signal.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0.
    """

    name: ClassVar[str] = "stgcn"
    paper: ClassVar[str] = "Yu et al. 2018, https://arxiv.org/abs/1709.04875"

    def __init__(
        self,
        task: Task,
        *,
        hidden: int = 64,
        bottleneck: int = 16,
        blocks: int = 2,
        kernel: int = 3,
        order: int = 3,
        dropout: float = 0.5,
        time_of_day: bool = False,
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, bottleneck=bottleneck, blocks=blocks, kernel=kernel, order=order)
        self.order, self.steps_per_day = order, task.steps_per_day if time_of_day else None
        used = 2 * blocks * (kernel - 1)
        self.field = used + 1
        channels = task.channels_in + time_of_day + task.covariates
        self.blocks = nn.ModuleList(
            _Block(task.sensors, (hidden if k else channels, hidden, bottleneck), kernel, order - 1, dropout)
            for k in range(blocks)
        )
        left = max(task.history, self.field) - used
        self.last = _gated(hidden, 2 * hidden, left)
        self.norm = NetworkNorm(task.sensors, 2 * hidden)
        self.read_out = nn.Sequential(
            nn.Linear(2 * hidden, 2 * hidden), nn.ReLU(), nn.Linear(2 * hidden, task.horizon * task.outputs)
        )

    @property
    def inductive(self) -> bool:
        """False: the normalisations have a scale for each sensor."""
        return False

    @property
    def reach(self) -> None:
        """The normalisations see the whole network."""
        return

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The Chebyshev polynomials after T_0."""
        return tuple(WeightSpec("chebyshev", k) for k in range(1, self.order))

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        h = known_history(batch, steps_per_day=self.steps_per_day, at_least=self.field)  # (B, T, N, C)
        for block in self.blocks:
            h = block(h, batch.weights, batch.sensors)
        h = self.norm(self.last(h)[:, 0], batch.sensors)
        return self.over_horizon(self.read_out(h))  # (B, N, H C_out)


class _Block(nn.Module):
    """Time, graph, time; `widths` are those of its input, its time layers and its graph layer."""

    def __init__(self, sensors: int, widths: tuple[int, int, int], kernel: int, weights: int, dropout: float) -> None:
        super().__init__()
        channels, hidden, bottleneck = widths
        self.before = _gated(channels, hidden, kernel)
        self.narrow = nn.Linear(hidden, bottleneck)
        self.convolution = GraphConvolution(bottleneck, bottleneck, weights)
        self.after = _gated(bottleneck, hidden, kernel)
        self.norm = NetworkNorm(sensors, hidden)
        self.dropout = Dropout(dropout)

    def forward(self, h: Tensor, weights: Sequence[Tensor], sensors: Tensor) -> Tensor:
        """Return (B, T - 2 (kernel - 1), N, hidden)."""
        z = self.narrow(self.before(h))
        h = self.after((self.convolution(z, weights) + z).relu())
        out: Tensor = self.dropout(self.norm(h, sensors))
        return out


def _gated(channels_in: int, channels_out: int, kernel: int) -> GatedTemporalConvolution:
    return GatedTemporalConvolution(channels_in, channels_out, kernel, activation="linear", residual=True)
