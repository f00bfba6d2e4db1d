"""Gated temporal convolution: a causal filter over time, and a gate that says how much of it passes."""

from typing import Literal

import torch
from torch import Tensor, nn

from stgraph.errors import DataError, ShapeError


class GatedTemporalConvolution(nn.Module):
    r"""``out_t = f(sum_k Theta_k x_{t - d k} + b) * sigmoid(sum_k Phi_k x_{t - d k} + c)``, without padding.

    With f = tanh the gated TCN of Wu et al. 2019 (Graph WaveNet, https://arxiv.org/abs/1906.00121); with
    f = identity the gated linear unit of Dauphin et al. 2017 (eq. 1, https://arxiv.org/abs/1612.08083), as STGCN uses
    it (Yu et al. 2018, eq. 7, https://arxiv.org/abs/1709.04875). No step sees a later one.

    Args:
        channels_in: C.
        channels_out: C'.
        kernel: number of taps k.
        dilation: d, steps from one tap to the next.
        activation: f, tanh or linear.

    Shapes:
        (B, T, N, C) -> (B, T - d (kernel - 1), N, C'), the last steps of the T.

    Raises:
        DataError: a kernel or dilation below 1, or another activation.
        ShapeError: in `forward`, fewer steps than the filter is long.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 2,
        *,
        dilation: int = 1,
        activation: Literal["tanh", "linear"] = "tanh",
    ) -> None:
        super().__init__()
        if min(kernel, dilation) < 1 or activation not in ("tanh", "linear"):
            message = (
                "gated temporal convolution: expected kernel and dilation of 1 or more and activation 'tanh' or "
                f"'linear', found {kernel}, {dilation}, {activation!r}"
            )
            raise DataError(message)
        self.kernel, self.dilation, self.activation = kernel, dilation, activation
        self.filter_and_gate = nn.Linear(kernel * channels_in, 2 * channels_out)

    def forward(self, signal: Tensor) -> Tensor:
        """Convolve over time."""
        steps = signal.shape[1] - self.dilation * (self.kernel - 1)
        if steps < 1:
            message = f"signal: expected at least {self.dilation * (self.kernel - 1) + 1} steps, found {signal.shape}"
            raise ShapeError(message)
        taps = [signal[:, k * self.dilation : k * self.dilation + steps] for k in range(self.kernel)]
        passed, gate = self.filter_and_gate(torch.cat(taps, dim=-1)).chunk(2, dim=-1)
        out: Tensor = (passed.tanh() if self.activation == "tanh" else passed) * gate.sigmoid()
        return out
