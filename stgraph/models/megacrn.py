"""MegaCRN: meta-graph convolutional recurrent network, whose graph and decoder read from one memory of prototypes."""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.layers import GraphGRU, ScheduledSampling, chebyshev, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch


class MegaCRN(ForecastModel):
    r"""Graph GRUs as encoder and decoder on a learned graph; a memory Phi, (M, d), is what both of them know.

    ::

        E_1 = U_1 Phi,  E_2 = U_2 Phi                         one row of U_1 and of U_2 a sensor
        G = softmax(relu(E_1 E_2^T)),  G' = softmax(relu(E_2 E_1^T))                    over the rows
        q = W_q h_T,  a = softmax(q Phi^T),  v = a Phi        h_T the encoder's last state, of each sensor
        decoder: begins with [h_T, v], is fed its last forecast and the time of day of the step it writes
        auxiliary loss: s mean relu(|q - p| - |q - n| + 1) + c mean (q - p)^2

    with p and n the prototypes, rows of Phi, that a sensor's query q likes best and second best; they are held still in
    that loss. A convolution, ``*``, takes the polynomials T_0.. of G and of G'. Jiang et al. 2023,
    https://arxiv.org/abs/2212.05989; it looks at no given road.

    Settled with the authors' code (https://github.com/deepkashiwa20/MegaCRN): order 3 means I, G and 2 G G - I; one
    layer; the encoder does not see the time of day; all biases of the gates begin at 0; scheduled sampling as in DCRNN
    with tau = 2000. That code gives T_0 = I of both graphs a matrix each, of which only the sum is ever read: here it
    is one. Where the truth was not observed it feeds the decoder a zero; here its own forecast.

    Args:
        task: what to forecast.
        hidden: width of the encoder's state.
        order: number of polynomials of each graph, the identity among them.
        prototypes: rows of the memory, M.
        width: of a prototype, d.
        sampling_decay: tau of the scheduled sampling; larger = the truth for longer.
        separation: s, share of the triplet term in the loss.
        compactness: c, share of the squared distance to the nearest prototype.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0, a share below 0, less than two prototypes or polynomials.
    """

    name: ClassVar[str] = "megacrn"
    paper: ClassVar[str] = "Jiang et al. 2023, https://arxiv.org/abs/2212.05989"

    def __init__(
        self,
        task: Task,
        *,
        hidden: int = 64,
        order: int = 3,
        prototypes: int = 20,
        width: int = 64,
        sampling_decay: float = 2000.0,
        separation: float = 0.01,
        compactness: float = 0.01,
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, width=width, sampling_decay=sampling_decay)
        self.expect_at_least(2, order=order, prototypes=prototypes)
        self.expect_at_least(0, separation=separation, compactness=compactness)
        self.order, self.separation, self.compactness = order, separation, compactness
        self.memory = nn.Parameter(torch.empty(prototypes, width))
        self.looking, self.seen = (nn.Parameter(torch.empty(task.sensors, prototypes)) for _ in range(2))
        self.query = nn.Linear(hidden, width, bias=False)
        for matrix in (self.memory, self.looking, self.seen, self.query.weight):
            nn.init.xavier_normal_(matrix)
        kinds = 2 * (order - 1)
        self.encoder = GraphGRU(task.channels_in + task.covariates, hidden, kinds)
        self.decoder = GraphGRU(task.channels_out + 1, hidden + width, kinds)
        for gru in (self.encoder, self.decoder):
            nn.init.zeros_(gru.inputs.get_parameter("bias"))
        self.sampling = ScheduledSampling(sampling_decay)
        self.read_out = nn.Linear(hidden + width, task.outputs)

    @property
    def inductive(self) -> bool:
        """False: how each sensor mixes the prototypes."""
        return False

    @property
    def reach(self) -> None:
        """The learned graph joins all sensors."""
        return

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast, and in training set the auxiliary loss."""
        history = known_history(batch).permute(1, 2, 0, 3)  # (T, N, B, C)
        polynomials = self.encoder.prepared(self._polynomials(batch.sensors), history)
        last = self.encoder(history, polynomials)[-1]  # (N, B, hidden)
        state = torch.cat([last, self._recall(self.query(last))], dim=-1)
        clock = self._clock(batch)  # (H, N, B, 1)
        forecasts: list[Tensor] = []
        fed = last.new_zeros(*last.shape[:2], self.task.channels_out)
        for step, time in enumerate(clock.unbind(0)):
            if step:
                fed = self.sampling(self.point(forecasts[-1]), batch, step - 1)
            state = self.decoder(torch.cat([fed, time], dim=-1)[None], polynomials, state)[0]
            forecasts.append(self.over_quantiles(self.read_out(state)))
        return torch.stack(forecasts).movedim(2, 0)  # (H, N, B, C_out) -> (B, H, N, C_out)

    def _polynomials(self, sensors: Tensor) -> list[Tensor]:
        """T_1.. of the graph, then of the graph seen from the other side."""
        related = torch.relu((self.looking[sensors] @ self.memory) @ (self.seen[sensors] @ self.memory).T)
        graphs = (related.softmax(1), related.T.softmax(1))
        return [weights for graph in graphs for weights in chebyshev(graph, self.order - 1)]

    def _recall(self, query: Tensor) -> Tensor:
        """Read the memory with (N, B, d); in training, say how well the queries fit it."""
        attention = (query @ self.memory.T).softmax(-1)
        if self.training:
            best, second = self.memory.detach()[attention.topk(2).indices].unbind(-2)
            triplet = functional.triplet_margin_loss(query, best, second)
            self.auxiliary_loss = self.separation * triplet + self.compactness * functional.mse_loss(query, best)
        return attention @ self.memory

    def _clock(self, batch: PatchBatch) -> Tensor:
        """Return the time of day of each step of the horizon as a share of the day, (H, N, B, 1)."""
        size, _, sensors, _ = batch.signal.shape
        share = batch.calendar[:, self.task.history :, :, :1].to(batch.signal.dtype) / self.task.steps_per_day
        return share.expand(size, -1, sensors, 1).permute(1, 2, 0, 3)
