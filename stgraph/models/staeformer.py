"""STAEformer: a plain transformer over time, then over sensors, on a learned vector of each step and sensor."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from stgraph.errors import DataError
from stgraph.layers import Attention, Dropout, known_history
from stgraph.layers.attention import Over
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch

AT_ONCE = 2
"""Windows that go through all layers together; more take longer on a processor, in buffers too large to be kept."""


class STAEformer(ForecastModel):
    r"""Self-attention over time and then over sensors, after an embedding that knows the step and the sensor by heart.

    ::

        Z_{t,i} = [FC(x_{t,i}) | D[step of day] | W[day of week] | E[t, i]]      x = signal, time of day, day of week
        Z <- norm(Z + dropout(attention(Z)))      Z <- norm(Z + dropout(FC(relu(FC(Z)))))      in each layer
        forecast_i = FC([Z_{1,i} | .. | Z_{T,i}])      after the layers over time, then those over sensors

    Liu et al. 2023, https://arxiv.org/abs/2308.10425. E, the adaptive embedding, is free for each step of the history
    and each sensor. Settled with the authors' code (https://github.com/XDZhelheim/STAEformer): time of day and day of
    week (a number from 0 to 6) are channels beside the signal as well as tables; the normalisation comes after the sum;
    no dropout inside the attention; the tables begin as standard normals (a day that training never saw stays a random
    vector), E Xavier-uniform. With copied weights its forward is that code's. It looks at no given road.

    Args:
        task: what to forecast.
        embedding: width of each of the three embeddings of the input: channels, time of day, day of week.
        adaptive: width of E.
        layers: over time, and as many over sensors.
        heads: attention heads; divide ``3 embedding + adaptive``.
        feed_forward: hidden width of a layer's perceptron.
        dropout: share of activations dropped in training.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0, or heads that do not divide the width.
    """

    name: ClassVar[str] = "staeformer"
    paper: ClassVar[str] = "Liu et al. 2023, https://arxiv.org/abs/2308.10425"

    def __init__(
        self,
        task: Task,
        *,
        embedding: int = 24,
        adaptive: int = 80,
        layers: int = 3,
        heads: int = 4,
        feed_forward: int = 256,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(task)
        self.expect_positive(
            embedding=embedding, adaptive=adaptive, layers=layers, heads=heads, feed_forward=feed_forward
        )
        width = 3 * embedding + adaptive
        if width % heads:
            message = f"{self.name}: expected heads that divide 3 embedding + adaptive = {width}, found {heads}"
            raise DataError(message)
        self.read_in = nn.Linear(task.channels_in + 2 + task.covariates, embedding)
        self.time_of_day = nn.Embedding(task.steps_per_day, embedding)
        self.day_of_week = nn.Embedding(7, embedding)
        self.adaptive = nn.Parameter(torch.empty(task.history, task.sensors, adaptive))
        nn.init.xavier_uniform_(self.adaptive)
        sizes = (width, heads, feed_forward, dropout)
        self.over_time = nn.Sequential(*(_Layer("time", *sizes) for _ in range(layers)))
        self.over_sensors = nn.Sequential(*(_Layer("sensors", *sizes) for _ in range(layers)))
        self.read_out = nn.Linear(task.history * width, task.horizon * task.outputs)

    @property
    def inductive(self) -> bool:
        """False: a vector for each step and sensor."""
        return False

    @property
    def reach(self) -> None:
        """Each sensor looks at all others."""
        return

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        pieces = torch.split(self._embedded(batch), AT_ONCE)  # no window sees another
        z = torch.cat([self.over_sensors(self.over_time(piece)) for piece in pieces])  # (B, T, N, width)
        return self.over_horizon(self.read_out(z.transpose(1, 2).flatten(2)))  # (B, N, H C_out)

    def _embedded(self, batch: PatchBatch) -> Tensor:
        """Return Z, (B, T, N, width)."""
        known = known_history(batch, steps_per_day=self.task.steps_per_day, day_of_week=True)
        step, day, _ = batch.calendar[:, : self.task.history].unbind(-1)  # (B, T, N or 1)
        parts = [self.read_in(known), self.time_of_day(step), self.day_of_week(day), self.adaptive[:, batch.sensors]]
        return torch.cat([part.expand(*known.shape[:3], -1) for part in parts], dim=-1)


class _Layer(nn.Module):
    """Self-attention over one axis, then a perceptron at each place, each added to what it reads and normalised."""

    def __init__(self, over: Over, width: int, heads: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads, over=over)
        self.perceptron = nn.Sequential(nn.Linear(width, feed_forward), nn.ReLU(), nn.Linear(feed_forward, width))
        self.attended, self.fed = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = Dropout(dropout)

    def forward(self, z: Tensor) -> Tensor:
        """Attend, then feed forward."""
        z = self.attended(z + self.dropout(self.attention(z)))
        out: Tensor = self.fed(z + self.dropout(self.perceptron(z)))
        return out
