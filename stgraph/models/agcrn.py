"""AGCRN: adaptive graph convolutional recurrent network, which learns its own graph."""

from typing import ClassVar

from torch import Tensor, nn

from stgraph.layers import AdaptiveGraph, AdaptiveGRU, chebyshev, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch


class AGCRN(ForecastModel):
    r"""Graph GRUs on a graph learned from one vector a sensor, which also picks the sensor's parameters from a pool.

    Bai et al. 2020, https://arxiv.org/abs/2007.02842; a linear map reads the last state out for the whole
    horizon at once. Settled with the authors' code (https://github.com/LeiBAI/AGCRN): order 2 means I and A; all
    matrices begin Xavier-uniform; the time of day is no input (``tod = False``). It looks at no given road.

    Args:
        task: what to forecast.
        hidden: width of a layer's state.
        layers: graph GRUs on top of each other.
        vectors: width of a sensor's vector.
        order: number of polynomials of the learned graph, the identity among them.
        time_of_day: whether the time of day is an input beside the signal.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0.
    """

    name: ClassVar[str] = "agcrn"
    paper: ClassVar[str] = "Bai et al. 2020, https://arxiv.org/abs/2007.02842"

    def __init__(
        self,
        task: Task,
        *,
        hidden: int = 64,
        layers: int = 2,
        vectors: int = 10,
        order: int = 2,
        time_of_day: bool = False,
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, layers=layers, vectors=vectors, order=order)
        self.order, self.steps_per_day = order, task.steps_per_day if time_of_day else None
        channels = task.channels_in + time_of_day + task.covariates
        self.graph = AdaptiveGraph(task.sensors, vectors, directed=False)
        self.layers = nn.ModuleList(
            AdaptiveGRU(hidden if k else channels, hidden, order, vectors) for k in range(layers)
        )
        self.read_out = nn.Linear(hidden, task.horizon * task.outputs)
        for matrix in (self.graph.vectors, self.read_out.weight):
            nn.init.xavier_uniform_(matrix)

    @property
    def inductive(self) -> bool:
        """False: a vector for each sensor."""
        return False

    @property
    def reach(self) -> None:
        """The learned graph joins all sensors."""
        return

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        vectors = self.graph.vectors[batch.sensors]
        signal = known_history(batch, steps_per_day=self.steps_per_day).permute(1, 2, 0, 3)  # (T, N, B, C)
        polynomials = chebyshev(self.graph(batch.sensors), self.order - 1)
        for layer in self.layers:
            signal = layer(signal, vectors, polynomials)
        out: Tensor = self.read_out(signal[-1])  # (N, B, H C_out)
        return self.over_horizon(out.transpose(0, 1))
