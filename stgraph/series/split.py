"""How a series is divided in time into training, validation and test parts."""

from dataclasses import dataclass
from typing import Literal, get_args

from stgraph.errors import DataError
from stgraph.series.traffic_series import TrafficSeries

Part = Literal["train", "validation", "test"]
Ranges = tuple[tuple[int, int], ...]
Rounding = Literal["cuts", "cuts_down", "parts", "parts_down", "ends"]
Cut = Literal["steps", "steps_but_last", "windows"]


@dataclass(frozen=True)
class Split:
    """Shares of the series, in order: the past trains, the middle selects, the end tests.

    The defaults are what one should do; the other ways are those of published protocols.

    What is cut: ``"steps"``, so that no window reaches across a cut; ``"steps_but_last"``, the same, and the last
    window of each part is lost; ``"windows"``, all windows are placed first and their list is cut, so that those on
    both sides of a cut share steps.

    How the cuts of a count M are rounded: ``"cuts"`` rounds the two cuts; ``"cuts_down"`` rounds them down;
    ``"parts"`` rounds the sizes of training and validation, ``"parts_down"`` rounds them down, and ``"ends"`` rounds
    the sizes of training and test; the part left over takes the rest.

    Args:
        train: share of the first steps.
        validation: share of the steps after them.
        test: share of the last steps.
        cut: what is cut.
        rounding: how.
        selection: the part that chooses the epoch.

    Raises:
        DataError: shares that are negative, do not add up to 1, or leave nothing to train on; an unknown rule.

    >>> Split().bounds(1000)
    {'train': (0, 600), 'validation': (600, 800), 'test': (800, 1000)}
    """

    train: float = 0.6
    validation: float = 0.2
    test: float = 0.2
    cut: Cut = "steps"
    rounding: Rounding = "cuts"
    selection: Part = "validation"

    def __post_init__(self) -> None:
        """Check the shares and the rules."""
        shares = (self.train, self.validation, self.test)
        if min(shares) < 0 or not self.train or abs(sum(shares) - 1) > 1e-9:
            message = f"split: expected shares of train > 0, validation and test >= 0 that add up to 1, found {shares}"
            raise DataError(message)
        for name, kind in (("cut", Cut), ("rounding", Rounding), ("selection", Part)):
            if getattr(self, name) not in get_args(kind):
                message = f"split: expected {name} out of {get_args(kind)}, found {getattr(self, name)!r}"
                raise DataError(message)

    def bounds(self, count: int) -> dict[Part, tuple[int, int]]:
        """Return (first, past the last) of each part of `count` steps or windows."""
        train, validation = count * self.train, count * self.validation
        first, second = {
            "cuts": (round(train), round(count * (self.train + self.validation))),
            "cuts_down": (_down(train), _down(count * (self.train + self.validation))),
            "parts": (round(train), round(train) + round(validation)),
            "parts_down": (_down(train), _down(train) + _down(validation)),
            "ends": (round(train), count - round(count * self.test)),
        }[self.rounding]
        cuts = (0, first, min(second, count), count)
        return {part: (cuts[k], cuts[k + 1]) for k, part in enumerate(get_args(Part))}

    def ranges(self, series: TrafficSeries, part: Part) -> Ranges:
        """Return the stretches of the steps of `part` without a gap."""
        first, last = self.bounds(len(series))[part]
        inside = ((max(first, a), min(last, b)) for a, b in series.segments)
        return tuple((a, b) for a, b in inside if a < b)


def _down(size: float) -> int:
    """Round down, but not 799.9999999 that is meant as 800."""
    return int(size + 1e-9)
