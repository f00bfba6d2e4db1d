"""How a series is divided in time into training, validation and test parts."""

from dataclasses import dataclass
from typing import Literal, get_args

from stgraph.errors import DataError
from stgraph.series.traffic_series import TrafficSeries

Part = Literal["train", "validation", "test"]
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Split:
    """Shares of the time steps, in order: the past trains, the middle selects, the end tests.

    Args:
        train: share of the first steps.
        validation: share of the steps after them.
        test: share of the last steps.

    Raises:
        DataError: shares that are negative, do not add up to 1, or leave nothing to train on.

    >>> Split().bounds(1000)
    {'train': (0, 600), 'validation': (600, 800), 'test': (800, 1000)}
    """

    train: float = 0.6
    validation: float = 0.2
    test: float = 0.2

    def __post_init__(self) -> None:
        """Check the shares."""
        shares = (self.train, self.validation, self.test)
        if min(shares) < 0 or not self.train or abs(sum(shares) - 1) > 1e-9:
            message = f"split: expected shares of train > 0, validation and test >= 0 that add up to 1, found {shares}"
            raise DataError(message)

    def bounds(self, steps: int) -> dict[Part, tuple[int, int]]:
        """Return (first, past the last) step of each part of a series of `steps` steps."""
        cuts = (0, round(steps * self.train), round(steps * (self.train + self.validation)), steps)
        return {part: (cuts[k], cuts[k + 1]) for k, part in enumerate(get_args(Part))}

    def ranges(self, series: TrafficSeries, part: Part) -> Ranges:
        """Return the stretches of `part` without a gap: no window may leave one of them."""
        first, last = self.bounds(len(series))[part]
        inside = ((max(first, a), min(last, b)) for a, b in series.segments)
        return tuple((a, b) for a, b in inside if a < b)
