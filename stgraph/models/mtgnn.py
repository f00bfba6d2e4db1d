"""MTGNN: inception over time and mix-hop propagation over a graph that is learned with the rest."""

from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from stgraph.errors import DataError
from stgraph.layers import Dropout, GatedInception, GraphLearning, MixHop, NetworkNorm, known_history, mix_hops
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch

DEPTH = 2  # hops of a propagation
KEEP = 0.05  # share of a sensor's own that each of them keeps


class MTGNN(ForecastModel):
    r"""Layers of ``h <- norm(mix(gated(h)) + h)``, which all reach the read-out by skips.

    ::

        gated(h) = tanh(F * h) sigmoid(G * h)            inception over time, taps 2, 3, 6, 7
        mix(x) = sum_k H_k Theta_k + G_k Phi_k          what reaches a sensor in 0, 1, 2 hops, along A and against it
        skip = L_0 signal + sum_l L_l gated_l + L_end h         each L over all steps at once

    Wu et al. 2020, https://arxiv.org/abs/2005.11650, with A from `GraphLearning`, which settles how ties are ranked;
    its authors' curriculum of horizons and sampling of sensors are ways to train, not parts of the model. Settled with
    their code (https://github.com/nnzhan/MTGNN): the time of day is a second input; a history shorter than the 19 steps
    that three layers see is padded with zeros in front; each normalisation is over sensors, steps and channels
    together, with a scale and shift for each of them; dropout after each gate and of the signal that skips; skip and
    read-out are 2 and 4 times as wide as `hidden`. Left out of that code: the residual convolutions, which a model with
    a graph never calls, and the first skip's weights of the padding, which is 0.

    Args:
        task: what to forecast.
        hidden: width of a layer, which four divides.
        layers: number of layers.
        growth: by how much the dilation grows from one layer to the next; 1 at METR-LA, 2 for histories of days.
        neighbours: how many weights a sensor keeps of the learned graph.
        vectors: width of a sensor's two vectors for it.
        dropout: share of activations dropped in training.
        time_of_day: whether the time of day is an input beside the signal.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0, or a width that four does not divide.
    """

    name: ClassVar[str] = "mtgnn"
    paper: ClassVar[str] = "Wu et al. 2020, https://arxiv.org/abs/2005.11650"

    def __init__(
        self,
        task: Task,
        *,
        hidden: int = 32,
        layers: int = 3,
        growth: int = 1,
        neighbours: int = 20,
        vectors: int = 40,
        dropout: float = 0.3,
        time_of_day: bool = True,
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, layers=layers, growth=growth, neighbours=neighbours, vectors=vectors)
        if hidden % 4:
            message = f"{self.name}: expected hidden that 4 divides, one part for each kernel, found {hidden}"
            raise DataError(message)
        self.steps_per_day = task.steps_per_day if time_of_day else None
        channels = task.channels_in + time_of_day + task.covariates
        self.graph = GraphLearning(task.sensors, vectors, neighbours)
        self.read_in = nn.Linear(channels, hidden)
        gates = [GatedInception(hidden, hidden, growth**k) for k in range(layers)]
        self.field = 1 + sum(gate.steps for gate in gates)
        steps = max(task.history, self.field)
        self.first_skip = nn.Sequential(Dropout(dropout), nn.Linear(task.history * channels, 2 * hidden))
        self.layers = nn.ModuleList()
        for gated in gates:
            steps -= gated.steps
            self.layers.append(_Layer(task.sensors, steps, hidden, gated, dropout))
        self.last_skip = nn.Linear(steps * hidden, 2 * hidden)
        self.read_out = nn.Sequential(
            nn.ReLU(),
            nn.Linear(2 * hidden, 4 * hidden),
            nn.ReLU(),
            nn.Linear(4 * hidden, task.horizon * task.outputs),
        )

    @property
    def inductive(self) -> bool:
        """False: vectors, scales and shifts of each sensor."""
        return False

    @property
    def reach(self) -> None:
        """The learned graph joins all sensors, and each normalisation is over them all."""
        return

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        around = mix_hops(self.graph(batch.sensors), DEPTH, KEEP)
        known = known_history(batch, steps_per_day=self.steps_per_day).transpose(1, 2)  # (B, N, T, C)
        skipped = self.first_skip(known.flatten(2))
        missing = max(self.field - known.shape[2], 0)
        h = self.read_in(functional.pad(known, (0, 0, missing, 0)))
        for layer in self.layers:
            h, skip = layer(h, around, batch.sensors)
            skipped = skipped + skip
        return self.over_horizon(self.read_out(skipped + self.last_skip(h.flatten(2))))  # (B, N, H C_out)


class _Layer(nn.Module):
    """One layer, whose state is `steps` long: (B, N, T, C) -> (B, N, steps, C)."""

    def __init__(self, sensors: int, steps: int, hidden: int, gated: GatedInception, dropout: float) -> None:
        super().__init__()
        self.gated, self.dropout = gated, Dropout(dropout)
        self.skip = nn.Linear(steps * hidden, 2 * hidden)
        self.mix = MixHop(hidden, hidden, DEPTH)
        self.norm = NetworkNorm(sensors, steps * hidden)

    def forward(self, h: Tensor, around: Tensor, sensors: Tensor) -> tuple[Tensor, Tensor]:
        """Return the next state, and what skips ahead."""
        x = self.dropout(self.gated(h))
        skip: Tensor = self.skip(x.flatten(2))
        h = self.mix(x, around) + h[:, :, -x.shape[2] :]
        return self.norm(h.flatten(2), sensors).view(h.shape), skip
