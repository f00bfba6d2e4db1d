"""A3T-GCN: T-GCN with attention over the moments of the history."""

from typing import ClassVar

from torch import Tensor, nn

from stgraph.layers import GraphGRU, TemporalAttention, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec


class A3TGCN(ForecastModel):
    r"""The states of T-GCN after every step, weighed by temporal attention, summed, and read out by a linear map.

    Zhu et al. 2021, https://arxiv.org/abs/2006.11583. A true recurrence: the state runs from step to step,
    so the order of time matters. The widths that the paper leaves open are those of its code
    (https://github.com/lehaifeng/T-GCN), which has a parameter a sensor in the attention; the code squares the scores
    and reads out one number a moment, where the paper and this do not. 64 units, as T-GCN.

    Args:
        task: what to forecast.
        hidden: width of the state.
        time_of_day: whether the time of day is an input beside the signal.
        spatial: the convolution in the gates, ours or a class of torch_geometric.nn, such as GATv2Conv.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0, or a convolution that cannot be used.
        UnknownNameError: no such convolution.
    """

    name: ClassVar[str] = "a3tgcn"
    paper: ClassVar[str] = "Zhu et al. 2021, https://arxiv.org/abs/2006.11583"

    def __init__(
        self, task: Task, *, hidden: int = 64, time_of_day: bool = False, spatial: str = "GraphConvolution"
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden)
        self.steps_per_day = task.steps_per_day if time_of_day else None
        self.gru = GraphGRU(task.channels_in + time_of_day + task.covariates, hidden, 1, own=False, spatial=spatial)
        self.attention = TemporalAttention(hidden, task.sensors)
        self.read_out = nn.Linear(hidden, task.horizon * task.outputs)

    @property
    def inductive(self) -> bool:
        """False: the attention has a parameter for each sensor."""
        return False

    @property
    def reach(self) -> None:
        """A moment is weighed by what all sensors show."""
        return

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The symmetric one, with each sensor's own edge."""
        return (WeightSpec("symmetric"),)

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        inputs = known_history(batch, steps_per_day=self.steps_per_day).permute(1, 2, 0, 3)  # (T, N, B, C)
        context = self.attention(self.gru(inputs, batch.weights), batch.sensors)  # (N, B, hidden)
        out: Tensor = self.read_out(context)  # (N, B, H C_out)
        return self.over_horizon(out.transpose(0, 1))
