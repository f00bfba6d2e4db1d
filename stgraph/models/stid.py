"""STID: what a sensor, a time of day and a day of week are like, and no graph."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from stgraph.layers import Dropout, SensorEmbedding, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch


class STID(ForecastModel):
    r"""The history of each sensor beside its identity and that of the moment, through residual perceptrons.

    ::

        H = FC(history)      history = signal, time of day, day of week
        Z_0 = [H | E[sensor] | T[step of day] | D[day]]      at the last step of the history
        Z_l = FC_2(dropout(relu(FC_1(Z_{l-1})))) + Z_{l-1}
        forecast = FC(Z_L)

    Shao et al. 2022, https://arxiv.org/abs/2208.05233. Settled with the authors' code
    (https://github.com/zezhishao/STID): the day of week is a number from 0 to 6 among the inputs, the dropout is 0.15,
    all tables are Xavier-initialised. A day of the week that training never saw is therefore a random vector: on less
    than a week of training data some days speak without having been trained.

    Args:
        task: what to forecast.
        hidden: width of the embedded history, and of each of the three identities.
        layers: number of residual perceptrons, L.
        dropout: share of activations dropped in training.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0.
    """

    name: ClassVar[str] = "stid"
    paper: ClassVar[str] = "Shao et al. 2022, https://arxiv.org/abs/2208.05233"

    def __init__(self, task: Task, *, hidden: int = 32, layers: int = 3, dropout: float = 0.15) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, layers=layers)
        self.history = nn.Linear(task.history * (task.channels_in + 2 + task.covariates), hidden)
        self.sensor = SensorEmbedding(task.sensors, hidden)
        self.time_of_day = nn.Embedding(task.steps_per_day, hidden)
        self.day_of_week = nn.Embedding(7, hidden)
        for table in (self.time_of_day, self.day_of_week):
            nn.init.xavier_uniform_(table.weight)
        self.encoder = nn.Sequential(*(_Residual(4 * hidden, dropout) for _ in range(layers)))
        self.read_out = nn.Linear(4 * hidden, task.horizon * task.outputs)

    @property
    def inductive(self) -> bool:
        """False: a vector for each sensor."""
        return False

    @property
    def reach(self) -> int:
        """A sensor sees itself alone."""
        return 0

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        known = known_history(batch, steps_per_day=self.task.steps_per_day, day_of_week=True)
        h = self.history(known.transpose(1, 2).flatten(2))  # (B, N, hidden)
        step, day, _ = batch.calendar[:, self.task.history - 1].unbind(-1)  # (B, N or 1)
        identities = (self.sensor(batch.sensors), self.time_of_day(step), self.day_of_week(day))
        z = torch.cat([h, *(identity.expand_as(h) for identity in identities)], dim=-1)
        return self.over_horizon(self.read_out(self.encoder(z)))  # (B, N, H C_out)


class _Residual(nn.Module):
    """A perceptron of one hidden layer, added to what it reads."""

    def __init__(self, hidden: int, dropout: float) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), Dropout(dropout), nn.Linear(hidden, hidden))

    def forward(self, z: Tensor) -> Tensor:
        """Add."""
        added: Tensor = self.mlp(z) + z
        return added
