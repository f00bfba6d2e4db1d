"""GMAN: graph multi-attention network, attention over sensors and over time side by side, gated."""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.errors import DataError
from stgraph.layers import Dropout, attend, known_history, random_walk_embedding
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec


class GMAN(ForecastModel):
    r"""An encoder and a decoder of attention blocks; between them, each moment ahead looks at the history.

    ::

        e_{t,i} = FC(place_i) + FC(moment_t)      the spatio-temporal embedding, of history and horizon
        S = attention over sensors, T = attention over time, both of [h | e]      in each block
        z = sigmoid(S W_1 + T W_2 + b)      h <- h + FC(z S + (1 - z) T)
        h_horizon = sum_t softmax_t(f_1(e_horizon) . f_2(e_t) / sqrt(d)) f_3(h_t)      between encoder and decoder
        f(x) = relu(norm(x W))      the projections of all attentions; FC(x) = f(x) W'

    Zheng et al. 2020, https://arxiv.org/abs/1911.08415. Settled with the authors' code for METR-LA
    (https://github.com/zhengchuanpan/GMAN): 5 blocks each way (its PeMS code has 1, the paper 3), values are projected
    from [h | e] as queries and keys are, an FC after each attention, the past alone is looked at over time (`causal`;
    not so in its PeMS code), dropout before each map of the read-out, all matrices begin Xavier-uniform. Its batch
    normalisation has an epsilon of 1e-3; its training lowers the momentum of the running averages from 0.5 to 0.01,
    this keeps the 0.1 that its layer has by default.

    Where this differs: `place`, there a node2vec vector trained apart on the graph of its data set, is here the
    random-walk embedding of the forward and the backward walk, which needs no training and no sensor's own parameters:
    the model works on another network. The one-hot day and time of day times a matrix are the rows of a table: the
    same parameters, much cheaper. Biases that the next normalisation takes out again are left out. Apart from these,
    with copied weights its forward is that code's.

    Args:
        task: what to forecast.
        hidden: width of all layers.
        blocks: of the encoder, and of the decoder.
        heads: attention heads; divide `hidden`.
        walk: steps of the random walk that tells the place of a sensor.
        causal: whether a moment looks at itself and the moments before it alone.
        dropout: share of activations dropped in training, in the read-out.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0, or heads that do not divide the width.
    """

    name: ClassVar[str] = "gman"
    paper: ClassVar[str] = "Zheng et al. 2020, https://arxiv.org/abs/1911.08415"

    def __init__(
        self,
        task: Task,
        *,
        hidden: int = 64,
        blocks: int = 5,
        heads: int = 8,
        walk: int = 64,
        causal: bool = True,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, blocks=blocks, heads=heads, walk=walk)
        if hidden % heads:
            message = f"{self.name}: expected heads that divide hidden = {hidden}, found {heads}"
            raise DataError(message)
        self.walk, self.heads = walk, heads
        self.read_in = _Perceptron(task.channels_in + task.covariates, hidden)
        self.place = _Perceptron(walk, hidden)
        self.day_and_time = nn.Embedding(7 + task.steps_per_day, hidden)
        self.moment = nn.Sequential(_Normalised(hidden), nn.Linear(hidden, hidden, bias=False))
        self.encoder = nn.ModuleList(_Block(hidden, heads, causal=causal) for _ in range(blocks))
        self.ahead = _Projection(hidden, hidden)
        self.before = _Projection(hidden, hidden)
        self.encoded = _Projection(hidden, hidden)
        self.transformed = _Perceptron(hidden, hidden)
        self.decoder = nn.ModuleList(_Block(hidden, heads, causal=causal) for _ in range(blocks))
        self.read_out = nn.Sequential(
            Dropout(dropout),
            _Projection(hidden, hidden),
            Dropout(dropout),
            nn.Linear(hidden, task.outputs),
        )
        self._initialise(hidden)

    @property
    def reach(self) -> None:
        """Each sensor looks at all others."""
        return

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The forward and the backward random walk, for the place of a sensor."""
        return WeightSpec("forward"), WeightSpec("backward")

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        place = self.place(random_walk_embedding(batch.weights, self.walk))  # (N, hidden)
        step, day, _ = batch.calendar.unbind(-1)  # (B, T+H, N or 1)
        moment = self.moment(self.day_and_time(torch.stack([day, 7 + step], dim=-1)).sum(-2))
        history, horizon = moment[:, : self.task.history], moment[:, self.task.history :]  # (B, T or H, N or 1, hidden)
        h = self.read_in(known_history(batch))  # (B, T, N, hidden)
        for block in self.encoder:
            h = block(h, place, history)
        query, key = self.ahead(place + horizon), self.before(place + history)
        h = self.transformed(attend(query, key, self.encoded(h), over="time", heads=self.heads))  # (B, H, N, hidden)
        for block in self.decoder:
            h = block(h, place, horizon)
        return self.over_quantiles(self.read_out(h))

    def _initialise(self, hidden: int) -> None:
        """Xavier-uniform matrices, one by one where several lie in one, and biases of 0."""
        with torch.no_grad():
            for module in self.modules():
                if isinstance(module, nn.Linear):
                    for matrix in torch.split(module.weight, hidden):
                        nn.init.xavier_uniform_(matrix)
                    if module.bias is not None:
                        nn.init.zeros_(module.bias)
            nn.init.xavier_uniform_(self.day_and_time.weight)


class _Normalised(nn.Module):
    """``relu(norm(x))``, normalised over all places of the batch; of a single place the shift is left."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise."""
        rows = x.flatten(0, -2)
        if len(rows) == 1:  # alone it is its own mean; torch wants two to say so
            rows = rows.expand(2, -1)
        normalised: Tensor = self.norm(rows)[: x[..., 0].numel()]
        return functional.relu(normalised.view(x.shape))


class _Projection(nn.Module):
    """``f(x) = relu(norm(x W))``; a bias would be gone after the normalisation."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.linear = nn.Linear(channels_in, channels_out, bias=False)
        self.normalised = _Normalised(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """Project."""
        projected: Tensor = self.normalised(self.linear(x))
        return projected


class _Perceptron(nn.Module):
    """``FC(x) = f(x) W'``; what is added to h or e everywhere, as a bias is, is gone after the next normalisation."""

    def __init__(self, channels: int, hidden: int, *, bias: bool = False) -> None:
        super().__init__()
        self.projection = _Projection(channels, hidden)
        self.out = nn.Linear(hidden, hidden, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Apply."""
        out: Tensor = self.out(self.projection(x))
        return out


class _Block(nn.Module):
    """Attention over sensors and over time of [h | e], fused by a gate, added to h."""

    def __init__(self, hidden: int, heads: int, *, causal: bool) -> None:
        super().__init__()
        self.heads, self.causal = heads, causal
        self.projections = nn.Linear(2 * hidden, 6 * hidden, bias=False)  # q, k, v over sensors and over time
        self.normalised = _Normalised(6 * hidden)
        self.sensors, self.time = (_Perceptron(hidden, hidden, bias=True) for _ in range(2))
        self.gate_sensors, self.gate_time = nn.Linear(hidden, hidden, bias=False), nn.Linear(hidden, hidden)
        self.fused = _Perceptron(hidden, hidden)

    def forward(self, h: Tensor, place: Tensor, moment: Tensor) -> Tensor:
        """Attend: h (B, T, N, hidden), place (N, hidden), moment (B, T, N or 1, hidden)."""
        of_h, of_e = self.projections.weight.chunk(2, dim=1)
        projected = functional.linear(h, of_h)  # [h | e] W in parts: e is a sum of two small ones, which spread late
        projected += functional.linear(place, of_e)
        projected += functional.linear(moment, of_e)
        qkv = self.normalised(projected).chunk(6, dim=-1)
        mask = torch.ones(h.shape[1], h.shape[1], dtype=torch.bool, device=h.device).tril() if self.causal else None
        sensors = self.sensors(attend(*qkv[:3], over="sensors", heads=self.heads))
        time = self.time(attend(*qkv[3:], over="time", heads=self.heads, mask=mask))
        gate = (self.gate_sensors(sensors) + self.gate_time(time)).sigmoid()
        out: Tensor = h + self.fused(time + gate * (sensors - time))
        return out
