"""ASTGCN: graph convolutions whose weights are attended sensor by sensor, anew for each window."""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.layers import known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec

EVERY = slice(None)  # moment: all of them, where a batch says which sensors


class ASTGCN(ForecastModel):
    r"""Blocks of attention, graph convolution and convolution over time; a linear map reads all moments out at once.

    ::

        E = attend(x) among moments,   S = attend(E x) among sensors                 rows add up to 1
        h = relu(sum_k (T_k(L~) * S) x Theta_k)                                      k = 0 .. order - 1, elementwise *
        x <- norm(relu(convolve(h) + residual(x)))                                   over time, three taps
        attend(x)_pq = softmax over q of sum_r V_qr sigmoid((u_1 x_r) U_2 . (x_p u_3) + b_pr)

    Guo et al. 2019, https://doi.org/10.1609/aaai.v33i01.3301922, its component of the recent past, ASTGCN-r. Settled
    with the authors' two codes (https://github.com/guoshnBJTU/ASTGCN-2019-pytorch and
    https://github.com/Davidham3/ASTGCN-2019-mxnet), which agree: the softmax is over what is gathered from, so that
    the shares taken add up to 1; the convolution reads x, and E only decides where S looks; layer normalisation over
    channels. The first of them multiplies L~ with T_1 element by element where T_2 asks for the product of matrices,
    and takes L = D - A of the directed graph; this takes the polynomials of `WeightSpec`. It also draws u_1, u_3 and
    all biases from [0, 1], so that on METR-LA's 207 sensors the sums close the sigmoids and nothing inside those of the
    second block gets a gradient; here u_1 and u_3 begin Xavier-uniform as the matrices do, and biases as torch begins
    them. It learns a V and a b for each pair of sensors, and weighs each pair in each window: for networks of hundreds.

    Args:
        task: what to forecast.
        hidden: width of a block, over the graph and over time.
        blocks: number of blocks.
        order: number of Chebyshev polynomials, the identity among them.
        time_of_day: whether the time of day is an input beside the signal.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0.
    """

    name: ClassVar[str] = "astgcn"
    paper: ClassVar[str] = "Guo et al. 2019, https://doi.org/10.1609/aaai.v33i01.3301922"

    def __init__(
        self, task: Task, *, hidden: int = 64, blocks: int = 2, order: int = 3, time_of_day: bool = False
    ) -> None:
        super().__init__(task)
        self.expect_positive(hidden=hidden, blocks=blocks, order=order)
        self.order, self.steps_per_day = order, task.steps_per_day if time_of_day else None
        channels = task.channels_in + time_of_day + task.covariates
        self.blocks = nn.ModuleList(
            _Block(hidden if k else channels, hidden, order, sensors=task.sensors, moments=task.history)
            for k in range(blocks)
        )
        self.read_out = nn.Linear(task.history * hidden, task.horizon * task.outputs)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter)

    @property
    def inductive(self) -> bool:
        """False: the attentions have parameters for each sensor."""
        return False

    @property
    def reach(self) -> None:
        """The attentions see the whole network."""
        return

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The Chebyshev polynomials after T_0."""
        return tuple(WeightSpec("chebyshev", k) for k in range(1, self.order))

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        weights = [w if w.layout == torch.strided else w.to_dense() for w in batch.weights]
        x = known_history(batch, steps_per_day=self.steps_per_day).transpose(1, 2).contiguous()  # (B, N, T, C)
        for block in self.blocks:
            x = block(x, weights, batch.sensors)
        return self.over_horizon(self.read_out(x.flatten(2)))  # (B, N, H C_out)


class _Block(nn.Module):
    """One block; signals are (B, N, T, C)."""

    def __init__(self, channels: int, hidden: int, order: int, *, sensors: int, moments: int) -> None:
        super().__init__()
        self.among_moments = _Attention(channels, moments, sensors)
        self.among_sensors = _Attention(channels, sensors, moments)
        self.thetas = nn.ModuleList(nn.Linear(channels, hidden, bias=False) for _ in range(order))
        self.over_time = nn.Conv2d(hidden, hidden, (1, 3), padding=(0, 1))
        self.residual = nn.Linear(channels, hidden)
        self.norm = nn.LayerNorm(hidden)

    def forward(self, x: Tensor, weights: Sequence[Tensor], sensors: Tensor) -> Tensor:
        """Return (B, N, T, hidden)."""
        moments = self.among_moments(x.transpose(1, 2), EVERY, sensors)  # (B, T, T)
        shares = self.among_sensors(x, sensors, EVERY, moments)  # (B, N, N)
        h = self._spread(x, weights, shares).relu().permute(0, 3, 1, 2)  # (B, hidden, N, T), channels last in memory
        out: Tensor = self.norm((self.over_time(h).permute(0, 2, 3, 1) + self.residual(x)).relu())
        return out

    def _spread(self, x: Tensor, weights: Sequence[Tensor], shares: Tensor) -> Tensor:
        """Convolve over the graph; T_0 leaves of the shares each sensor's own."""
        columns = x.flatten(2)  # (B, N, T C)
        gathered = [shares.diagonal(dim1=1, dim2=2)[..., None] * columns, *((w * shares) @ columns for w in weights)]
        terms = [theta(g.view(x.shape)) for theta, g in zip(self.thetas, gathered, strict=True)]
        out: Tensor = sum(terms[1:], start=terms[0])
        return out


class _Attention(nn.Module):
    """How much each place takes of each other one: among moments seen at all sensors, or the other way round."""

    def __init__(self, channels: int, places: int, seen_at: int) -> None:
        super().__init__()
        self.u1 = nn.Parameter(torch.empty(1, seen_at))
        self.u2 = nn.Parameter(torch.empty(channels, seen_at))
        self.u3 = nn.Parameter(torch.empty(1, channels))
        self.bias = nn.Parameter(torch.empty(places, places))
        self.v = nn.Parameter(torch.empty(places, places))

    def forward(
        self, signal: Tensor, places: Tensor | slice, seen_at: Tensor | slice, mixed: Tensor | None = None
    ) -> Tensor:
        """Return (B, P, P) of a signal (B, P, Q, C); its rows add up to 1.

        With `mixed`, (B, Q, Q), it is that of the signal mixed along Q, which is never formed.
        """
        u1 = self.u1[:, seen_at].expand(len(signal), -1)
        seen = (signal @ self.u3.T)[..., 0]  # (B, P, Q)
        if mixed is not None:
            u1 = (u1[:, None] @ mixed)[:, 0]
            seen = seen @ mixed.transpose(1, 2)
        asked = torch.einsum("bpqc,bq->bpc", signal, u1) @ self.u2[:, seen_at]  # (B, P, Q)
        scores = (seen @ asked.transpose(1, 2) + self.bias[places][:, places]).sigmoid()
        return functional.linear(scores, self.v[places][:, places]).softmax(-1)
