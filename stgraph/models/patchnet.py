"""PatchNet: the library's own model, exact on patches, inductive, direct over the horizon."""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.errors import DataError
from stgraph.layers import (
    CalendarEmbedding,
    Dropout,
    Hops,
    NeighbourAttention,
    Neighbourhood,
    SensorEmbedding,
    hops_of,
    last_observed,
    neighbourhood,
    spatial_convolution,
)
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec


class PatchNet(ForecastModel):
    r"""What is known of each sensor by itself, then layers of graph convolution.

    The state of a sensor begins as its history, what is usual on it at these times (its profile) and, side by side
    with them, the calendar. A layer is an MLP of a sensor and its neighbours::

        h <- h + Linear(GELU(GraphConvolution(h, W)))                                 one hop
        h <- h + Linear(GELU(GraphConvolution(h, W))) + NeighbourAttention(h, W)      with `heads`

    and the read-out adds to the last observed value for all steps of the horizon at once::

        y_h = s_h last + (Linear(h))_h

    with learned shares s_h that begin at 1, persistence: of traffic that falls back to its mean, less should stay.
    W are the forward and backward random walks, so it sees downstream and upstream apart. Its reach is its
    number of spatial layers, or more where another `spatial` convolution needs more hops. Without `sensor_embedding`
    nothing in it belongs to a single sensor: it works on sensors, and networks, that it has never seen. What a sensor
    is like it learns from the profile.

    Args:
        task: what to forecast.
        hidden: width of the state of a sensor, half of it for the calendar.
        layers: number of layers.
        hops: how many of them look at neighbours (the first ones); None = all. 0 = each sensor by itself.
        heads: attention heads, half of them downstream, half upstream; even, and divides `hidden`. 0 = none.
        sensor_embedding: width of a free embedding of each sensor; 0 = none.
        profile: whether it is shown what is usual.
        profile_dropout: share of the windows in training that are not shown it, so that it can do without: on the
            first Sunday after five working days, say, nothing is known of Sundays.
        dropout: share of activations dropped in training.
        spatial: the convolution, ours or a class of torch_geometric.nn, such as GATv2Conv.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a width or number that is not above 0, a share outside 0 to 1, hops outside 0..layers, heads that do
            not fit, or a convolution that cannot be used.
        UnknownNameError: no such convolution.
    """

    name: ClassVar[str] = "patchnet"
    paper: ClassVar[str] = "stgraph's own"

    def __init__(
        self,
        task: Task,
        *,
        hidden: int = 64,
        layers: int = 3,
        hops: int | None = None,
        heads: int = 0,
        sensor_embedding: int = 0,
        profile: bool = True,
        profile_dropout: float = 0.2,
        dropout: float = 0.0,
        spatial: str = "GraphConvolution",
    ) -> None:
        super().__init__(task)
        self.expect_positive(layers=layers)
        self.expect_at_least(2, hidden=hidden)
        self.expect_at_least(0, heads=heads)
        self.hops = layers if hops is None else hops
        if not 0 <= self.hops <= layers:
            message = f"hops: expected 0 to {layers}, the number of layers, found {hops}"
            raise DataError(message)
        self._profile, self.profile_dropout = profile, profile_dropout
        if not 0 <= profile_dropout <= 1:
            message = f"profile_dropout: expected a share from 0 to 1, found {profile_dropout}"
            raise DataError(message)
        usual = 3 * task.channels_out * (task.history + task.horizon) if profile else 0
        channels = task.history * (2 * task.channels_in + task.covariates) + usual + task.static + sensor_embedding
        self.read_in = nn.Linear(channels, hidden - hidden // 2)
        self.calendar = CalendarEmbedding(task.steps_per_day, hidden // 2)
        self.sensor = SensorEmbedding(task.sensors, sensor_embedding) if sensor_embedding else None
        self.heads = heads
        kinds = len(self.weights)
        parts = [_Layer(hidden, heads, kinds if k < self.hops else 0, dropout, spatial) for k in range(layers)]
        self._reach = None if parts[0].hops is None else parts[0].hops.of_layers(self.hops)
        self.layers = nn.ModuleList(parts)
        self.read_out = nn.Linear(hidden, task.horizon * task.outputs)
        self.share = nn.Parameter(torch.ones(task.horizon, 1, task.channels_out))

    @property
    def inductive(self) -> bool:
        """True unless it has a sensor embedding."""
        return self.sensor is None

    @property
    def wants_profile(self) -> bool:
        """True unless it is told not to look."""
        return self._profile

    @property
    def reach(self) -> int | None:
        """One hop a spatial layer, or as many as its convolution needs; None = the whole graph."""
        return self._reach

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """Forward and backward random walk, if it looks at neighbours at all."""
        return (WeightSpec("forward"), WeightSpec("backward")) if self.hops else ()

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        known = self.read_in(self._history(batch))
        calendar = self.calendar(batch.calendar[:, self.task.history - 1])
        h = torch.cat([known, calendar.expand(*known.shape[:2], -1)], dim=-1)
        around = neighbourhood(batch.weights) if batch.weights and self.heads else None
        for layer in self.layers:
            h = layer(h, batch.weights, around)
        last = last_observed(batch.signal, batch.observed)[..., list(self.task.targets)]
        return self.over_horizon(self.read_out(h)) + self.for_each_quantile(self.share * last[:, None])

    def _history(self, batch: PatchBatch) -> Tensor:
        """All that is known of a sensor by itself, as one row: (B, N, channels of the read-in)."""
        size, steps, sensors, _ = batch.signal.shape
        parts = [batch.signal, batch.observed.to(batch.signal.dtype)]
        if batch.covariates is not None:
            parts.append(batch.covariates[:, :steps].expand(-1, -1, sensors, -1))
        rows = [torch.cat(parts, dim=-1).transpose(1, 2).flatten(2)]
        if self.wants_profile:
            rows.append(self._usual(batch))
        if batch.static is not None:
            rows.append(batch.static.expand(size, -1, -1))
        if self.sensor is not None:
            rows.append(self.sensor(batch.sensors).expand(size, -1, -1))
        return torch.cat(rows, dim=-1)

    def _usual(self, batch: PatchBatch) -> Tensor:
        """What is usual at the times of the window, (B, N, channels of it), or zeros, as where nothing is known."""
        usual = self.profile_of(batch).transpose(1, 2).flatten(2)
        if self.training and self.profile_dropout:
            usual = usual * (torch.rand(len(usual), 1, 1, device=usual.device) >= self.profile_dropout)
        return usual


class _Layer(nn.Module):
    """One layer of PatchNet, and how far it sees; `weights` = 0 leaves the neighbours out."""

    def __init__(self, hidden: int, heads: int, weights: int, dropout: float, spatial: str) -> None:
        super().__init__()
        self.spatial = weights > 0
        self.hops: Hops | None = Hops(0, 0)
        self.attention = NeighbourAttention(hidden, heads, weights) if heads and weights else None
        self.convolution = spatial_convolution(spatial if weights else "GraphConvolution", hidden, 2 * hidden, weights)
        if weights:
            hops, least = hops_of(self.convolution), int(self.attention is not None)
            self.hops = None if hops is None else Hops(max(least, hops.graph), max(least, hops.signal))
        self.back = nn.Linear(2 * hidden, hidden)
        self.dropout = Dropout(dropout)

    def forward(self, h: Tensor, weights: tuple[Tensor, ...], around: Neighbourhood | None) -> Tensor:
        """Mix one hop, or each sensor by itself."""
        change = self.back(functional.gelu(self.convolution(h, weights if self.spatial else ())))
        if self.attention is not None and around is not None:
            change = change + self.attention(h, around)
        mixed: Tensor = h + self.dropout(change)
        return mixed
