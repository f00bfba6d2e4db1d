"""GRU: a recurrent network on each sensor by itself."""

from typing import ClassVar

from torch import Tensor, nn

from stgraph.layers import known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch


class GRU(ForecastModel):
    r"""One gated recurrent unit, shared by all sensors, over the history of each; a linear map reads it out.

    ::

        r_t = sigmoid(W_r x_t + U_r h_{t-1} + b_r)
        u_t = sigmoid(W_u x_t + U_u h_{t-1} + b_u)
        c_t = tanh(W_c x_t + b_c + r_t (U_c h_{t-1} + d_c))
        h_t = u_t h_{t-1} + (1 - u_t) c_t

    Cho et al. 2014, eq. 5 to 8, https://arxiv.org/abs/1406.1078, with the reset gate after the product, as in
    `torch.nn.GRU`, which this is. With 64 units it is the "GRU" row of the T-GCN paper
    (https://arxiv.org/abs/1811.05320).

    Args:
        task: what to forecast.
        hidden: width of the state.
        layers: GRU layers on top of each other.
        time_of_day: whether the time of day is an input beside the signal.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0.
    """

    name: ClassVar[str] = "gru"
    paper: ClassVar[str] = "Cho et al. 2014, https://arxiv.org/abs/1406.1078"

    def __init__(self, task: Task, *, hidden: int = 64, layers: int = 1, time_of_day: bool = False) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, layers=layers)
        self.steps_per_day = task.steps_per_day if time_of_day else None
        channels = task.channels_in + time_of_day + task.covariates
        self.gru = nn.GRU(channels, hidden, layers)
        self.read_out = nn.Linear(hidden, task.horizon * task.outputs)

    @property
    def reach(self) -> int:
        """A sensor sees itself alone."""
        return 0

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        size, steps, sensors, _ = batch.signal.shape
        inputs = known_history(batch, steps_per_day=self.steps_per_day).transpose(0, 1)  # (T, B, N, C)
        _, last = self.gru(inputs.reshape(steps, size * sensors, -1))
        return self.over_horizon(self.read_out(last[-1]).view(size, sensors, -1))
