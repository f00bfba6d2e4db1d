"""Impossible values: negative, faster than any traffic, more than the road can carry, longer than all the time."""

import numpy as np
from numpy.typing import NDArray

from stgraph.anomaly.subject import Subject


def impossible(subject: Subject, rows: slice) -> NDArray[np.bool_]:
    """Return the observed values of some steps that lie outside what their channel can have, (rows, N, C).

    Such range checks come first in every screening of detector data: Jacobson, Nihan and Bender (1990), "Detecting
    erroneous loop detector data in a freeway traffic management system", Transportation Research Record 1287.

    Args:
        subject: what is checked.
        rows: the steps.
    """
    values = subject.series.values[rows]
    lowest = np.array([q.lowest for q in subject.quantities], dtype=np.float32)
    highest = np.stack([q.highest for q in subject.quantities], axis=1).astype(np.float32)  # (N, C)
    found: NDArray[np.bool_] = subject.series.observed[rows] & ((values < lowest) | (values > highest))
    return found
