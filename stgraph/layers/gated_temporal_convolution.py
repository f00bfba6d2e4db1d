"""Gated temporal convolution: a causal filter over time, and a gate that says how much of it passes."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

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
        residual: whether x_t, padded with zeros or cut to C' channels, is added inside f: the identity is added to the
            last tap's Theta.

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
        residual: bool = False,
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
        last = functional.pad(torch.eye(channels_out, channels_in), ((kernel - 1) * channels_in, 0, 0, channels_out))
        self.residual: Tensor | None
        self.register_buffer("residual", last if residual else None, persistent=False)

    def forward(self, signal: Tensor) -> Tensor:
        """Convolve over time."""
        field = self.dilation * (self.kernel - 1) + 1
        if signal.shape[1] < field:
            message = f"signal: expected at least {field} steps, found {signal.shape}"
            raise ShapeError(message)
        weight = self.filter_and_gate.weight if self.residual is None else self.filter_and_gate.weight + self.residual
        weight = weight.view(len(weight), self.kernel, -1, 1).transpose(1, 2).contiguous()  # (2 C', C, kernel, 1)
        rows = signal.permute(0, 3, 1, 2)  # (B, C, T, N), channels last in memory
        both = functional.conv2d(rows, weight, self.filter_and_gate.bias, dilation=(self.dilation, 1))
        both = both.permute(0, 2, 3, 1)
        if self.activation == "linear":
            return functional.glu(both)
        passed, gate = both.chunk(2, dim=-1)
        out: Tensor = passed.tanh() * gate.sigmoid()
        return out
