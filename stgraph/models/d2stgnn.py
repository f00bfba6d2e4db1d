"""D2STGNN: what spreads along the roads and what a sensor does by itself, taken apart and forecast apart."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from stgraph.errors import DataError
from stgraph.layers import (
    AdaptiveGraph,
    DiffusionBlock,
    DynamicGraph,
    EstimationGate,
    InherentBlock,
    ResidualDecomposition,
    known_history,
    powers_between,
)
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec

HEADS = 4  # of the attention over time


class D2STGNN(ForecastModel):
    r"""Layers that each explain, and forecast, first what neighbours bring, then what stays, and pass on the rest.

    ::

        states_d, ahead_d = diffusion(gate(X), graphs)      X' = norm(X - relu(states_d B_d))
        states_i, ahead_i = inherent(X')                    X_next = norm(X' - relu(states_i B_i))
        forecast = FC(relu(FC(relu(sum over layers of ahead_d F_d + ahead_i F_i))))

    The graphs are powers 1..order, without self-loops, of one learned from two vectors of each sensor, and of the
    forward and the backward random walk, weighed anew for each batch by what the sensors show (`DynamicGraph`). Gate
    and weighing read vectors of the sensor, of the time of day and of the day of week: the gate those of the very step
    that it gates, the weighing those of the last step. No calendar of the horizon is read. On less than a week of
    training data some days of the week speak without having been trained, as in STID.

    Shao et al. 2022, https://arxiv.org/abs/2206.09112. Settled with the authors' code
    (https://github.com/GestaltCogTeam/D2STGNN): each of the states ahead is read out for `gap` steps; the states ahead
    are 8, the read-out 16, gate and weighing 2 times as wide as `hidden`; four heads; all tables are
    Xavier-initialised; what `DiffusionBlock`, `InherentBlock` and `DynamicGraph` tell. Every layer is shorter by
    kernel - 1 steps than the one before. That code gathers with the transposed walks; this follows the paper. The
    weighing reads all channels of the history, there the first one. Left out: normalisations and a map of the time of
    day that nothing calls, and the last layer's second residual, which nothing reads. That their trainer lengthens the
    horizon as it learns (curriculum learning) is training, not model.

    Args:
        task: what to forecast.
        hidden: width of a layer; a multiple of 4.
        layers: number of layers.
        vectors: width of each vector of a sensor, of a time of day, of a day of week.
        order: highest power of a graph.
        kernel: steps that a diffusion sees.
        gap: steps of the horizon that one state ahead is read out for; at most the horizon.
        dropout: share of activations dropped in training.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0, a width that four heads do not divide, a history too short.
    """

    name: ClassVar[str] = "d2stgnn"
    paper: ClassVar[str] = "Shao et al. 2022, https://arxiv.org/abs/2206.09112"

    def __init__(
        self,
        task: Task,
        *,
        hidden: int = 32,
        layers: int = 5,
        vectors: int = 10,
        order: int = 2,
        kernel: int = 3,
        gap: int = 3,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, layers=layers, vectors=vectors, order=order, kernel=kernel, gap=gap)
        self._expect_to_fit(hidden, layers, kernel)
        self.order, self.gap = order, min(gap, task.horizon)
        self.ahead = -(-task.horizon // self.gap)
        channels, graphs = task.channels_in + task.covariates, order * (1 + len(self.weights))
        self.graph = AdaptiveGraph(task.sensors, vectors)
        self.time_of_day = nn.Embedding(task.steps_per_day, vectors)
        self.day_of_week = nn.Embedding(7, vectors)
        for table in (*self.graph.parameters(), self.time_of_day.weight, self.day_of_week.weight):
            nn.init.xavier_uniform_(table)
        self.dynamic_graph = DynamicGraph(task.history * channels, 2 * vectors, vectors, hidden, dropout=dropout)
        self.read_in = nn.Linear(channels, hidden)
        self.layers = nn.ModuleList(
            _Layer(
                EstimationGate(2 * vectors, 2 * vectors, 2 * hidden),
                DiffusionBlock(hidden, graphs, kernel=kernel, dropout=dropout),
                InherentBlock(hidden, HEADS, moments=task.history + self.ahead, dropout=dropout),
                hidden=hidden,
                last=k == layers - 1,
            )
            for k in range(layers)
        )
        self.read_out = nn.Sequential(
            nn.ReLU(),
            nn.Linear(8 * hidden, 16 * hidden),
            nn.ReLU(),
            nn.Linear(16 * hidden, self.gap * task.outputs),
        )

    def _expect_to_fit(self, hidden: int, layers: int, kernel: int) -> None:
        if hidden % HEADS:
            message = f"{self.name}: expected hidden to be a multiple of {HEADS}, found {hidden}"
            raise DataError(message)
        shortest = layers * (kernel - 1) + 1
        if self.task.history < shortest:
            message = (
                f"{self.name}: expected a history of at least {shortest} steps, of which each of {layers} layers takes "
                f"{kernel - 1} (fewer layers or a smaller kernel take fewer), found {self.task.history}"
            )
            raise DataError(message)

    @property
    def inductive(self) -> bool:
        """False: two vectors for each sensor."""
        return False

    @property
    def reach(self) -> None:
        """The learned graph joins all sensors."""
        return

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The forward, then the backward random walk."""
        return WeightSpec("forward"), WeightSpec("backward")

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        looking, seen = (vectors[batch.sensors] for vectors in self.graph.parameters())
        step, day, _ = batch.calendar[:, : self.task.history].transpose(1, 2).unbind(-1)
        moments = torch.cat([self.time_of_day(step), self.day_of_week(day)], dim=-1)  # (B, N or 1, T, 2 vectors)
        known = known_history(batch).transpose(1, 2)  # (B, N, T, C)
        dynamic = self.dynamic_graph(known.flatten(2), moments[:, :, -1], (seen, looking), batch.weights)
        every = (*dynamic, self.graph(batch.sensors))
        graphs = [power for graph in every for power in powers_between(graph, self.order)]
        places = torch.cat([looking, seen], dim=-1)
        h, total = self.read_in(known), None
        for layer in self.layers:
            h, ahead = layer(h, graphs, moments, places, self.ahead)
            total = ahead if total is None else total + ahead
        out: Tensor = self.read_out(total)  # (B, N, ahead, gap C_out)
        out = out.reshape(*out.shape[:2], self.ahead * self.gap, -1)
        return self.over_quantiles(out[:, :, : self.task.horizon].transpose(1, 2))


class _Layer(nn.Module):
    """One layer; the `last` one leaves no rest."""

    def __init__(
        self, gate: EstimationGate, diffusion: DiffusionBlock, inherent: InherentBlock, *, hidden: int, last: bool
    ) -> None:
        super().__init__()
        self.gate, self.diffusion, self.inherent = gate, diffusion, inherent
        self.without_diffusion = ResidualDecomposition(hidden)
        self.without_inherent = None if last else ResidualDecomposition(hidden)
        self.diffusion_ahead = nn.Linear(hidden, 8 * hidden)
        self.inherent_ahead = nn.Linear(hidden, 8 * hidden)

    def forward(
        self, h: Tensor, graphs: list[Tensor], moments: Tensor, places: Tensor, steps: int
    ) -> tuple[Tensor, Tensor]:
        """Return the rest, shorter by what the diffusion takes, and both states ahead, widened: (B, N, steps, 8 C)."""
        gated = self.gate(h, moments[:, :, -h.shape[2] :], places)
        states, diffused = self.diffusion(gated, graphs, steps)
        h = self.without_diffusion(h[:, :, -states.shape[2] :], states)
        states, inherent = self.inherent(h, steps)
        if self.without_inherent is not None:
            h = self.without_inherent(h, states)
        return h, self.diffusion_ahead(diffused) + self.inherent_ahead(inherent)
