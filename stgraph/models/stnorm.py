"""ST-Norm: a WaveNet that reads every state thrice, as it is, against the sensor's own level and against the others."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from stgraph.layers import GatedTemporalConvolution, SpatialNormalisation, TemporalNormalisation, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch


class STNorm(ForecastModel):
    r"""Layers of ``h <- W gated([h | temporal(h) | spatial(h)]) + h``, whose gated states all reach the read-out.

    ::

        gated(z) = tanh(Theta_1 z + b) sigmoid(Theta_2 z + c)       over time, two taps
        temporal(h) = g_i (h - mean over windows and steps) / deviation + b_i       of each sensor i
        spatial(h) = g (h - mean over sensors) / deviation + b                      of each moment

    Deng et al. 2021, https://doi.org/10.1145/3447548.3467330: no graph, the two normalisations part what is local in
    time and in space from what is not. Settled with the authors' code (https://github.com/JLDeng/ST-Norm): no dropout,
    which it builds and never calls; the last step of each gated state skips ahead. The dilations 1 and 2 in each of
    four blocks, 32 channels and the time of day as a second input are those of the benchmarks that run it at METR-LA
    (https://github.com/zezhishao/BasicTS). It sees 13 steps: a shorter history is padded with zeros in front, of a
    longer one the last 13 are read. The last layer's W, whose result nothing reads, is left out. An unobserved entry is
    0, the mean of the training part, and counts as such in both normalisations.

    Args:
        task: what to forecast.
        hidden: width of a layer.
        blocks: number of blocks.
        layers: layers of a block, with dilations 1, 2, 4, ...
        time_of_day: whether the time of day is an input beside the signal.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0.
    """

    name: ClassVar[str] = "stnorm"
    paper: ClassVar[str] = "Deng et al. 2021, https://doi.org/10.1145/3447548.3467330"

    def __init__(
        self, task: Task, *, hidden: int = 32, blocks: int = 4, layers: int = 2, time_of_day: bool = True
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, blocks=blocks, layers=layers)
        self.steps_per_day = task.steps_per_day if time_of_day else None
        self.read_in = nn.Linear(task.channels_in + time_of_day + task.covariates, hidden)
        dilations = [2**k for _ in range(blocks) for k in range(layers)]
        self.field = 1 + sum(dilations)
        self.layers = nn.ModuleList(
            _Layer(task.sensors, hidden, d, last=k == len(dilations) - 1) for k, d in enumerate(dilations)
        )
        self.read_out = nn.Sequential(
            nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, task.horizon * task.outputs)
        )

    @property
    def inductive(self) -> bool:
        """False: each sensor has its own level, scale and shift."""
        return False

    @property
    def reach(self) -> None:
        """The spatial normalisation is over all sensors."""
        return

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        known = known_history(batch, steps_per_day=self.steps_per_day, at_least=self.field)
        h = self.read_in(known[:, -self.field :])  # (B, T, N, hidden)
        skipped = torch.zeros_like(h[:, 0])
        for layer in self.layers:
            h, skip = layer(h, batch.sensors)
            skipped = skipped + skip
        return self.over_horizon(self.read_out(skipped))  # (B, N, H C_out)


class _Layer(nn.Module):
    """One layer; the last one gives its skip alone."""

    def __init__(self, sensors: int, hidden: int, dilation: int, *, last: bool) -> None:
        super().__init__()
        self.temporal = TemporalNormalisation(sensors, hidden)
        self.spatial = SpatialNormalisation(hidden)
        self.gated = GatedTemporalConvolution(3 * hidden, hidden, dilation=dilation)
        self.skip = nn.Linear(hidden, hidden)
        self.out = None if last else nn.Linear(hidden, hidden)

    def forward(self, h: Tensor, sensors: Tensor) -> tuple[Tensor, Tensor]:
        """Return the next state, shorter by the dilation, and what skips ahead: of the last step, all that is read."""
        x = self.gated(torch.cat([h, self.temporal(h, sensors), self.spatial(h)], dim=-1))
        skip: Tensor = self.skip(x[:, -1])  # (B, N, hidden)
        return (x if self.out is None else self.out(x) + h[:, -x.shape[1] :]), skip
