"""GraphSAGE: two layers of a mean over the neighbours, on the history as one row of features."""

from typing import ClassVar

import torch
from torch import Tensor

from stgraph.layers import PyGConvolution, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec


class GraphSAGE(ForecastModel):
    r"""``h_i <- relu(W_self h_i + W_near mean of h_j over the neighbours j + b)``, then the same without relu.

    Hamilton et al. 2017, https://arxiv.org/abs/1706.02216, with the mean aggregator: its one map of
    [h_i, mean h_j] is the two maps here. It begins with the history of each sensor as one row and ends with the H steps
    of the horizon. The paper draws some neighbours by chance and brings every vector to length 1; here all neighbours
    count, so that a patch is exact, and lengths stay, since the level of the traffic is in them. The layer is
    `SAGEConv` in PyTorch Geometric; which edges there are counts, not their weights. Neighbours are those that A
    points to, as for `GCN`. It has no notion of order in time.

    Args:
        task: what to forecast.
        hidden: width between the two layers.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0.
    """

    name: ClassVar[str] = "graphsage"
    paper: ClassVar[str] = "Hamilton et al. 2017, https://arxiv.org/abs/1706.02216"

    def __init__(self, task: Task, *, hidden: int = 64) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden)
        features = task.history * (task.channels_in + task.covariates)
        self.first = PyGConvolution("SAGEConv", features, hidden, 1, aggr="mean")
        self.second = PyGConvolution("SAGEConv", hidden, task.horizon * task.outputs, 1, aggr="mean")

    @property
    def reach(self) -> int:
        """One hop a layer."""
        return 2

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The forward walk, which has no edge of a sensor to itself."""
        return (WeightSpec("forward"),)

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        history = known_history(batch).transpose(1, 2).flatten(2)  # (B, N, T C)
        return self.over_horizon(self.second(torch.relu(self.first(history, batch.weights)), batch.weights))
