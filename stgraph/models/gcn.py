"""GCN: two graph convolutions on the history as one row of features."""

from typing import ClassVar

import torch
from torch import Tensor

from stgraph.layers import GraphConvolution, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec


class GCN(ForecastModel):
    r"""``Z = A^ relu(A^ X Theta_0) Theta_1``, A^ = D^-1/2 (A + I) D^-1/2, X the history of each sensor as one row.

    Kipf and Welling 2017, eq. 9, https://arxiv.org/abs/1609.02907, with the H steps of the horizon in the place of the
    classes and without their softmax. It has no notion of order in time: the "GCN" row of the T-GCN paper
    (https://arxiv.org/abs/1811.05320, 64 units), there with one convolution and a dense layer in its PyTorch code.

    Args:
        task: what to forecast.
        hidden: width between the two convolutions.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0.
    """

    name: ClassVar[str] = "gcn"
    paper: ClassVar[str] = "Kipf and Welling 2017, https://arxiv.org/abs/1609.02907"

    def __init__(self, task: Task, *, hidden: int = 64) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden)
        features = task.history * (task.channels_in + task.covariates)
        self.first = GraphConvolution(features, hidden, 1, own=False, bias=False)
        self.second = GraphConvolution(hidden, task.horizon * task.outputs, 1, own=False, bias=False)

    @property
    def reach(self) -> int:
        """One hop a convolution."""
        return 2

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The symmetric one, with each sensor's own edge."""
        return (WeightSpec("symmetric"),)

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        history = known_history(batch).transpose(1, 2).flatten(2)  # (B, N, T C)
        return self.over_horizon(self.second(torch.relu(self.first(history, batch.weights)), batch.weights))
