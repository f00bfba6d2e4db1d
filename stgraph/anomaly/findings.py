"""The rules by name, and how what they found is kept: one bit a rule, a byte a value."""

import numpy as np
from numpy.typing import NDArray

RULES = {
    "impossible": "a value that its channel cannot have",
    "stuck": "the same value for longer than this sensor ever holds one at these hours",
    "jump": "a single value far from those before and after it",
    "disagreement": "a flow without speed, or changing speeds without flow",
    "clock": "the traffic of the neighbours, at other times",
    "contradiction": "neighbours on both sides agree with each other, and not with this sensor",
}
"""What each rule finds; they are asked in this order, and what an earlier one distrusts is not shown to a later one."""

Findings = NDArray[np.uint8]


def bit(rule: str) -> np.uint8:
    """Return the bit of a rule.

    >>> bit("stuck")
    np.uint8(2)
    """
    return np.uint8(1 << list(RULES).index(rule))


def found_by(rule: str, findings: Findings) -> NDArray[np.bool_]:
    """Return where a rule found something; the shape is that of `findings`."""
    found: NDArray[np.bool_] = (findings & bit(rule)) != 0
    return found
