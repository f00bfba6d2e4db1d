"""Gated inception: filters of several lengths over time, side by side, and a gate of the same make."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.errors import DataError, ShapeError

KERNELS = (2, 3, 6, 7)


class GatedInception(nn.Module):
    r"""``out = tanh(F * x) * sigmoid(G * x)``, F and G dilated inception layers, without padding.

    ::

        (F * x)_t = [sum_j Theta_kj x_{t - d j} + b_k  for k in 2, 3, 6, 7],  j = 0 .. k - 1

    The dilated inception of Wu et al. 2020, MTGNN, https://arxiv.org/abs/2005.11650: each kernel gives a fourth of the
    channels, and all are cut to the steps of the longest. No step sees a later one. It is computed as one convolution
    of the longest kernel, the shorter ones filled up with zeros.

    Args:
        channels_in: C.
        channels_out: C', which four divides.
        dilation: d, steps from one tap to the next.

    Shapes:
        sensors before time, (B, N, T, C) -> (B, N, T - 6 d, C'), the last steps of the T.

    Raises:
        DataError: a dilation below 1, or a C' that is no positive multiple of four.
        ShapeError: in `forward`, fewer steps than the filter is long.
    """

    def __init__(self, channels_in: int, channels_out: int, dilation: int = 1) -> None:
        super().__init__()
        if dilation < 1 or channels_out < 1 or channels_out % len(KERNELS):
            message = (
                f"gated inception: expected a dilation of 1 or more and channels out that {len(KERNELS)} divides, "
                f"found {dilation}, {channels_out}"
            )
            raise DataError(message)
        self.dilation, self.steps = dilation, dilation * (max(KERNELS) - 1)
        width = 2 * channels_out // len(KERNELS)
        self.filters_and_gates = nn.ModuleList(nn.Linear(kernel * channels_in, width) for kernel in KERNELS)

    def forward(self, signal: Tensor) -> Tensor:
        """Convolve over time."""
        if signal.shape[2] <= self.steps:
            message = f"signal: expected at least {self.steps + 1} steps, found {signal.shape}"
            raise ShapeError(message)
        theta, bias = self._filled_up(signal.shape[-1])
        both = functional.conv2d(signal.permute(0, 3, 1, 2), theta, bias, dilation=(1, self.dilation))
        passed, gate = both.permute(0, 2, 3, 1).chunk(2, dim=-1)
        out: Tensor = passed.tanh() * gate.sigmoid()
        return out

    def _filled_up(self, channels: int) -> tuple[Tensor, Tensor]:
        """Return one kernel (2 C', C, 1, 7) and its bias (2 C'): the filters of all lengths, then the gates."""
        thetas, biases = [], []
        for kernel, layer in zip(KERNELS, self.filters_and_gates, strict=True):
            taps = layer.get_parameter("weight").view(
                2, -1, kernel, channels
            )  # (2, C' / 4, k, C), the earliest tap first
            thetas.append(functional.pad(taps, (0, 0, max(KERNELS) - kernel, 0)))
            biases.append(layer.get_parameter("bias").view(2, -1))
        theta = torch.cat(thetas, dim=1).flatten(0, 1)
        return theta.transpose(1, 2)[:, :, None], torch.cat(biases, dim=1).flatten()
