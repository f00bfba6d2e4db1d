"""T-GCN: a gated recurrent unit whose gates are graph convolutions."""

from typing import ClassVar

from torch import Tensor, nn

from stgraph.layers import GraphGRU, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec


class TGCN(ForecastModel):
    r"""A graph GRU with A^ = D^-1/2 (A + I) D^-1/2 over the history; a linear map reads the last state out.

    Zhao et al. 2020, https://arxiv.org/abs/1811.05320. Its text convolves the input, twice, before a plain
    GRU; its code (https://github.com/lehaifeng/T-GCN), which made its numbers, convolves [x, h] once in every gate, and
    that is what is here: ``A^ [x_t, h_{t-1}] W + b``. The code then cuts the two gates apart in the middle of all
    sensors laid end to end, so that one half of the network gates the other; here, as in the paper, a sensor's gates
    are its own (with that cut, and copied weights, the states agree to 1e-7). 64 units are its default for LOS-loop.

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

    name: ClassVar[str] = "tgcn"
    paper: ClassVar[str] = "Zhao et al. 2020, https://arxiv.org/abs/1811.05320"

    def __init__(
        self, task: Task, *, hidden: int = 64, time_of_day: bool = False, spatial: str = "GraphConvolution"
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden)
        self.steps_per_day = task.steps_per_day if time_of_day else None
        self.gru = GraphGRU(task.channels_in + time_of_day + task.covariates, hidden, 1, own=False, spatial=spatial)
        self.read_out = nn.Linear(hidden, task.horizon * task.outputs)

    @property
    def reach(self) -> None:
        """A deep recurrence: each step of the history adds hops."""
        return

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The symmetric one, with each sensor's own edge."""
        return (WeightSpec("symmetric"),)

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        inputs = known_history(batch, steps_per_day=self.steps_per_day).permute(1, 2, 0, 3)  # (T, N, B, C)
        last = self.gru(inputs, batch.weights)[-1]  # (N, B, hidden)
        out: Tensor = self.read_out(last)  # (N, B, H C_out)
        return self.over_horizon(out.transpose(0, 1))
