"""The axes of a series, and where the labels that many rows share stand on them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stgraph.series.times import Times

Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Axes:
    """What a series is but its values, and where the labels of a spool stand on its axes.

    Args:
        times: (T,) rising.
        timezone: of the times.
        interval: of the times.
        sensors: N ids.
        channels: C names.
        units: C units.
        places: of the labels of times, sensors and channels; -1 = a channel that is left out.
    """

    times: Times
    timezone: str | None
    interval: np.timedelta64
    sensors: tuple[str, ...]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    places: tuple[Places, Places, Places]

    @property
    def shape(self) -> tuple[int, int, int]:
        """T, N, C."""
        return len(self.times), len(self.sensors), len(self.channels)


def name_axis(labels: Sequence[str]) -> tuple[tuple[str, ...], Places]:
    """Return sorted names and the place of each label among them; ids that are all numbers sort as numbers.

    >>> name_axis(["10", "9", "007"])
    (('007', '9', '10'), array([2, 1, 0]))
    """
    numeric = all(name.isascii() and name.isdecimal() for name in labels)
    rising = sorted(set(labels), key=lambda name: (len(name.lstrip("0")), name.lstrip("0"), name) if numeric else name)
    place = {name: k for k, name in enumerate(rising)}
    return tuple(rising), np.array([place[name] for name in labels], dtype=np.intp)
