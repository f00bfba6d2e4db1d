"""Estimation gate: how much of a signal comes from the neighbours, guessed from where and when it is."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class EstimationGate(nn.Module):
    r"""``out = sigmoid(relu([m | p] W_1 + b_1) W_2 + b_2) * signal``: one share for each moment at each place.

    m are the vectors of the moment, p those of the sensor. Shao et al. 2022, D2STGNN,
    https://arxiv.org/abs/2206.09112. Of W_1 the moment's rows act on few moments, the sensor's on few sensors: only
    their sum is taken for every pair.

    Args:
        moment: width of the vectors of a moment.
        place: width of the vectors of a sensor.
        hidden: width between the two maps.

    Shapes:
        signal (B, N, T, C), moments (B, N or 1, T, moment), places (N, place) -> (B, N, T, C).
    """

    def __init__(self, moment: int, place: int, hidden: int) -> None:
        super().__init__()
        self.widths = [moment, place]
        self.hidden = nn.Linear(moment + place, hidden)
        self.share = nn.Linear(hidden, 1)

    def forward(self, signal: Tensor, moments: Tensor, places: Tensor) -> Tensor:
        """Gate."""
        of_moment, of_place = torch.split(self.hidden.weight, self.widths, dim=1)
        when = functional.linear(moments, of_moment, self.hidden.bias)
        where = functional.linear(places, of_place)[:, None]  # (N, 1, hidden)
        gated: Tensor = self.share((when + where).relu()).sigmoid() * signal
        return gated
