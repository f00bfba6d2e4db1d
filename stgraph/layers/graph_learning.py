"""Graph learning: who leads whom, from two vectors of each sensor, and only the strongest of them kept."""

import torch
from torch import Tensor, nn

from stgraph.errors import DataError

SATURATION = 3.0  # alpha of the equations
TIE = 0.01  # weights closer than this are ranked by `tie_break`
STRIDES = (12_664_745, 9_560_333)  # of Roberts' R2 sequence, which spreads evenly over the square, in parts of TURN
TURN = 2**24  # float32 holds all whole numbers up to here


class GraphLearning(nn.Module):
    r"""A one-way graph, in which each sensor keeps its `neighbours` strongest weights; the rest are 0.

    ::

        M_1 = tanh(alpha E_1 Theta_1),  M_2 = tanh(alpha E_2 Theta_2)
        A = relu(tanh(alpha (M_1 M_2^T - M_2 M_1^T)))        of i, j and j, i one is 0, as is the diagonal
        A_ij = 0 for all j but the largest k of row i

    Wu et al. 2020, MTGNN, https://arxiv.org/abs/2005.11650, with alpha = 3 and with a bias beside each Theta, as in the
    authors' code (https://github.com/nnzhan/MTGNN). The tanh saturates: of 207 sensors, as they begin, a row has some
    ninety weights within 0.01 of 1, and sixty that are 1 exactly. Which of them are the largest k, that code leaves to
    chance: it adds uniform noise of up to 0.01 before it ranks, anew in each forward, of evaluation too. Here the noise
    of a pair of sensors is always the same, so that one history has one forecast (`tie_break`). To rank by what the
    tanh is taken of would leave no ties, but keep just those weights that have no gradient.

    Args:
        sensors: N of the whole network.
        channels: width of a vector.
        neighbours: k; all, where there are fewer sensors.

    Shapes:
        sensors (n,) long, index in the whole network -> (n, n).

    Raises:
        DataError: a number below 1.
    """

    def __init__(self, sensors: int, channels: int, neighbours: int) -> None:
        super().__init__()
        if min(sensors, channels, neighbours) < 1:
            message = (
                "graph learning: expected 1 or more sensors, channels and neighbours, "
                f"found {sensors}, {channels}, {neighbours}"
            )
            raise DataError(message)
        self.neighbours = neighbours
        self.leads, self.follows = (nn.Embedding(sensors, channels) for _ in range(2))
        self.of_leads, self.of_follows = (nn.Linear(channels, channels) for _ in range(2))

    def forward(self, sensors: Tensor) -> Tensor:
        """Relate."""
        leads = (SATURATION * self.of_leads(self.leads(sensors))).tanh()
        follows = (SATURATION * self.of_follows(self.follows(sensors))).tanh()
        one_way = leads @ follows.T
        weights: Tensor = (SATURATION * (one_way - one_way.T)).tanh().relu()
        ranked = weights.detach() + TIE * tie_break(sensors)
        strongest = ranked.topk(min(self.neighbours, len(sensors)), dim=1).indices
        return weights * torch.zeros_like(weights).scatter_(1, strongest, 1.0)


def tie_break(sensors: Tensor) -> Tensor:
    """Return a number from 0 to 1 for each ordered pair of sensors, always the same and evenly spread over each row.

    Args:
        sensors: (n,) long, index in the whole network.

    Returns:
        (n, n).

    >>> tie_break(torch.tensor([0, 1, 2]))
    tensor([[0.0000, 0.5698, 0.1397],
            [0.7549, 0.3247, 0.8946],
            [0.5098, 0.0796, 0.6494]])
    """
    row, column = (sensors * stride for stride in STRIDES)
    shares: Tensor = (row[:, None] + column) % TURN / TURN
    return shares
