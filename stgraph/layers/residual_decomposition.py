"""Residual decomposition: take out of a signal what a block has explained."""

from torch import Tensor, nn


class ResidualDecomposition(nn.Module):
    r"""``rest = norm(signal - relu(states W + b))``: what is left for the next block.

    The backcast branch and the residual link of Shao et al. 2022, D2STGNN, https://arxiv.org/abs/2206.09112, with layer
    normalisation over the channels.

    Args:
        channels: C.

    Shapes:
        signal and states (..., C) -> (..., C).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.backcast = nn.Linear(channels, channels)
        self.norm = nn.LayerNorm(channels)

    def forward(self, signal: Tensor, states: Tensor) -> Tensor:
        """Take out."""
        rest: Tensor = self.norm(signal - self.backcast(states).relu())
        return rest
