"""Temporal attention: how much each moment of the history counts."""

from torch import Tensor, nn


class TemporalAttention(nn.Module):
    r"""Weigh the moments of a sequence of states and sum them.

    ::

        e_t = sum_i v_i (w . h_{t,i})           one score for each moment of the whole network
        alpha = softmax over t of e
        context_i = sum_t alpha_t h_{t,i}

    Zhu et al. 2021, A3T-GCN, https://arxiv.org/abs/2006.11583. Its score is the two-layer perceptron
    ``e = w2 (w1 H + b1) + b2``; the widths are those of the authors' code (first each sensor's state to a number, then
    the sensors to one). Its biases add the same to the score of every moment, which the softmax cancels: left out.

    Args:
        channels: C, width of a state.
        sensors: N; the second layer has a parameter for each.

    Shapes:
        sensor-major states (T, N, B, C), sensors (N,) their index in the whole graph -> (N, B, C).
    """

    def __init__(self, channels: int, sensors: int) -> None:
        super().__init__()
        self.state = nn.Linear(channels, 1, bias=False)
        self.sensor = nn.Embedding(sensors, 1)
        nn.init.normal_(self.sensor.weight, std=0.1)

    def moments(self, states: Tensor, sensors: Tensor) -> Tensor:
        """Return alpha, (T, B): how much each moment counts; adds up to 1 over T."""
        scores: Tensor = (self.sensor(sensors) * self.state(states)[..., 0]).sum(1)
        return scores.softmax(0)

    def forward(self, states: Tensor, sensors: Tensor) -> Tensor:
        """Attend."""
        return (self.moments(states, sensors)[:, None, :, None] * states).sum(0)
