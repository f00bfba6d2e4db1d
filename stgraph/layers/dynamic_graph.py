"""Dynamic graph: how strong each road is just now, by attention between what the sensors show."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from stgraph.layers.dropout import Dropout

ELSEWHERE = 1e-7  # weight of two sensors that no road joins


class DynamicGraph(nn.Module):
    r"""Every W of the road weighed by attention between its two ends, rows that add up to 1.

    ::

        D_ij = (W_ij + 1e-7) A_ij / sum_j (W_ij + 1e-7) A_ij
        A = softmax(Q K^T / sqrt(hidden)),      Q = F W_Q,      K = F W_K
        F = [MLP(history) | moment | E]                 E a vector for each sensor, another for each W

    Shao et al. 2022, D2STGNN, https://arxiv.org/abs/2206.09112. A sum in the softmax is a product outside of it:
    ``D = softmax(Q K^T / sqrt(hidden) + log(W + 1e-7))``. The 1e-7 is that of the authors' code
    (https://github.com/GestaltCogTeam/D2STGNN): a sensor without any road looks at all others.

    Args:
        history: width of a sensor's history, all its steps and channels side by side.
        moment: width of the vectors of a moment.
        vectors: width of E.
        hidden: width of Q and K.
        dropout: share of activations dropped in training, inside the MLP.

    Shapes:
        history (B, N, history), moment (B, N or 1, moment), and for each W a table E (N, vectors) and W (N, N), dense
        or CSR -> for each W (B, N, N).
    """

    def __init__(self, history: int, moment: int, vectors: int, hidden: int, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.read_in, self.norm = nn.Linear(history, 2 * hidden), nn.BatchNorm1d(2 * hidden)
        self.shown = nn.Sequential(Dropout(dropout), nn.Linear(2 * hidden, hidden))
        self.query = nn.Linear(hidden + moment + vectors, hidden, bias=False)
        self.key = nn.Linear(hidden + moment + vectors, hidden, bias=False)

    def forward(
        self, history: Tensor, moment: Tensor, vectors: Sequence[Tensor], weights: Sequence[Tensor]
    ) -> list[Tensor]:
        """Weigh."""
        read = self.read_in(history).relu()
        shown = self.shown(self.norm(read.flatten(0, 1)).view(read.shape))
        now = torch.cat([shown, moment.expand(*shown.shape[:2], -1)], dim=-1)
        return [self._weigh(now, e, w) for e, w in zip(vectors, weights, strict=True)]

    def _weigh(self, now: Tensor, vectors: Tensor, weights: Tensor) -> Tensor:
        features = torch.cat([now, vectors.expand(len(now), -1, -1)], dim=-1)
        query, key = self.query(features), self.key(features)  # (B, N, hidden)
        road = weights if weights.layout == torch.strided else weights.to_dense()
        scores = torch.baddbmm((road + ELSEWHERE).log(), query, key.transpose(1, 2), alpha=key.shape[-1] ** -0.5)
        return scores.softmax(-1)
