"""Sensor embedding: a free vector for each sensor of the network."""

from torch import Tensor, nn


class SensorEmbedding(nn.Module):
    """One learned vector a sensor: what a model cannot see of a place, it learns by heart.

    The spatial identity of Shao et al. 2022 (STID, https://arxiv.org/abs/2208.05233), Xavier-initialised as in
    their code. A model that has one knows its own sensors alone.

    Args:
        sensors: N of the whole network.
        channels: width of the vector.

    Shapes:
        sensors (n,) long, index in the whole network -> (n, channels).
    """

    def __init__(self, sensors: int, channels: int) -> None:
        super().__init__()
        self.table = nn.Embedding(sensors, channels)
        nn.init.xavier_uniform_(self.table.weight)

    def forward(self, sensors: Tensor) -> Tensor:
        """Look up."""
        vectors: Tensor = self.table(sensors)
        return vectors
