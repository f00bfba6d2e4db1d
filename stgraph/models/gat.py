"""GAT: two layers of attention over the neighbours, on the history as one row of features."""

from typing import ClassVar

from torch import Tensor
from torch.nn import functional

from stgraph.layers import Dropout, PyGConvolution, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec


class GAT(ForecastModel):
    r"""Each sensor weighs its neighbours' rows by attention and sums them, in many heads; twice.

    With X the history of each sensor as one row, N_i the neighbours of sensor i and itself, and heads side by side::

        a_ij = softmax over j in N_i of LeakyReLU(a [W h_i, W h_j])        h_i <- ELU(sum_j a_ij W h_j)

    Velickovic et al. 2018, https://arxiv.org/abs/1710.10903: heads of 8, eight of them, then one that gives the H steps
    of the horizon, in the place of the classes and without their softmax. Dropout is on the inputs of both layers and
    on the attention: 0.6 on its graphs with few labels, none on its large one, and none here. The attention is that of
    `GATConv` in PyTorch Geometric; which edges there are counts, not their weights. A baseline in the manner of `GCN`:
    it has no notion of order in time.

    Args:
        task: what to forecast.
        hidden: width of a head.
        heads: heads of the first layer.
        dropout: share of inputs, and of attention, dropped in training.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0.
    """

    name: ClassVar[str] = "gat"
    paper: ClassVar[str] = "Velickovic et al. 2018, https://arxiv.org/abs/1710.10903"

    def __init__(self, task: Task, *, hidden: int = 8, heads: int = 8, dropout: float = 0.0) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, heads=heads)
        features, width = task.history * (task.channels_in + task.covariates), heads * hidden
        self.first = PyGConvolution("GATConv", features, width, 1, heads=heads, dropout=dropout, edge_dim=None)
        self.second = PyGConvolution("GATConv", width, task.horizon * task.outputs, 1, dropout=dropout, edge_dim=None)
        self.dropout = Dropout(dropout)

    @property
    def reach(self) -> int:
        """One hop a layer."""
        return 2

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The symmetric one, whose edges are those that `GCN` gathers along."""
        return (WeightSpec("symmetric"),)

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        history = known_history(batch).transpose(1, 2).flatten(2)  # (B, N, T C)
        hidden = functional.elu(self.first(self.dropout(history), batch.weights))
        return self.over_horizon(self.second(self.dropout(hidden), batch.weights))
