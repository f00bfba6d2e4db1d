"""DCRNN: diffusion convolutional recurrent network, an encoder and a decoder."""

from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from stgraph.layers import GraphGRU, ScheduledSampling, known_history
from stgraph.models.base import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.propagation import WeightSpec


class DCRNN(ForecastModel):
    r"""Graph GRUs with two-way diffusion read the history; others, from their states, write the horizon step by step.

    Li et al. 2018, https://arxiv.org/abs/1707.01926: diffusion convolution (eq. 2) with the powers 1..K of the forward
    and the backward random walk, in the gates of a GRU (section 2.3), as encoder and decoder (section 2.4). The decoder
    begins with zeros and is fed its own last forecast; in training, by `ScheduledSampling`, sometimes the truth.

    Settled with the authors' code (https://github.com/liyaguang/DCRNN): one coin for each step of the horizon and the
    whole batch; the time of day is a second input channel of the encoder, not of the decoder; tau = 2000 as in its
    METR-LA settings. Where the code departs from eq. 2 (transposed walks, Chebyshev-like powers), this follows eq. 2.

    Args:
        task: what to forecast.
        hidden: width of a layer's state.
        layers: of the encoder, and of the decoder.
        diffusion_steps: K; of our convolution alone.
        sampling_decay: tau; larger = the truth for longer.
        time_of_day: whether the time of day is an input beside the signal.
        spatial: the convolution in the gates, ours or a class of torch_geometric.nn, such as GATv2Conv.

    Shapes:
        batch -> (B, H, N, C_out).

    Raises:
        DataError: a number that is not above 0, or a convolution that cannot be used.
        UnknownNameError: no such convolution.
    """

    name: ClassVar[str] = "dcrnn"
    paper: ClassVar[str] = "Li et al. 2018, https://arxiv.org/abs/1707.01926"

    def __init__(
        self,
        task: Task,
        *,
        hidden: int = 64,
        layers: int = 2,
        diffusion_steps: int = 2,
        sampling_decay: float = 2000.0,
        time_of_day: bool = True,
        spatial: str = "GraphConvolution",
    ) -> None:
        super().__init__(task)
        self.expect_positive(
            hidden=hidden, layers=layers, diffusion_steps=diffusion_steps, sampling_decay=sampling_decay
        )
        self.sampling = ScheduledSampling(sampling_decay)
        self.steps_per_day = task.steps_per_day if time_of_day else None
        channels = task.channels_in + time_of_day + task.covariates
        self.encoder, self.decoder = (
            nn.ModuleList(
                GraphGRU(width, hidden, 2, powers=diffusion_steps, spatial=spatial)
                for width in (first, *[hidden] * (layers - 1))
            )
            for first in (channels, task.channels_out)
        )
        self.read_out = nn.Linear(hidden, task.outputs)

    @property
    def reach(self) -> None:
        """A deep recurrence: each step adds hops."""
        return

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The forward and the backward random walk; their powers are gathered one hop after the other."""
        return WeightSpec("forward"), WeightSpec("backward")

    def forward(self, batch: PatchBatch) -> Tensor:
        """Forecast."""
        signal = known_history(batch, steps_per_day=self.steps_per_day).permute(1, 2, 0, 3)  # (T, N, B, C)
        weights = cast("GraphGRU", self.encoder[0]).prepared(batch.weights, signal)
        states = []
        for layer in self.encoder:
            signal = layer(signal, weights)  # (T, N, B, hidden)
            states.append(signal[-1])
        forecasts: list[Tensor] = []
        fed = signal.new_zeros(*signal.shape[1:3], self.task.channels_out)  # (N, B, C_out)
        for step in range(self.task.horizon):
            if step:
                fed = self.sampling(self.point(forecasts[-1]), batch, step - 1)
            for k, layer in enumerate(self.decoder):
                fed = states[k] = layer(fed[None], weights, states[k])[0]
            forecasts.append(self.over_quantiles(self.read_out(fed)))
        return torch.stack(forecasts).movedim(2, 0)  # (H, N, B, C_out) -> (B, H, N, C_out)
