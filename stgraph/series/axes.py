"""Labels to axes: the times and names that many rows share, sorted, and the place of each among them."""

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.series.times import Times, Where, clock
from stgraph.series.wide import as_times

Places = NDArray[np.intp]


def time_axis(labels: Sequence[Hashable], timezone: str | None, where: Where) -> tuple[Times, str | None, Places]:
    """Return the sorted times that labels say, their zone, and the place of each label among them.

    Args:
        labels: texts, or timestamps, each once.
        timezone: IANA name of the zone on whose wall clock the times are; None = local, zone unknown.
        where: spells the place of a label for errors.

    Raises:
        DataError: a text that is no time, or times that do not fit the zone.
    """
    moments, zone = clock(as_times(pd.Index(labels), where), len(labels), timezone=timezone, where=where)
    times, places = np.unique(moments, return_inverse=True)
    return times, zone, places


def name_axis(labels: Sequence[str]) -> tuple[tuple[str, ...], Places]:
    """Return sorted names and the place of each label among them; ids that are all numbers sort as numbers.

    >>> name_axis(["10", "9", "007"])
    (('007', '9', '10'), array([2, 1, 0]))
    """
    numeric = all(name.isascii() and name.isdecimal() for name in labels)
    rising = sorted(set(labels), key=lambda name: (len(name.lstrip("0")), name.lstrip("0"), name) if numeric else name)
    place = {name: k for k, name in enumerate(rising)}
    return tuple(rising), np.array([place[name] for name in labels], dtype=np.intp)
