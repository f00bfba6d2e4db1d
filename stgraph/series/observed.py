"""What counts as unobserved: an explicit rule that can be printed and saved."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ObservedRule:
    """Which values are holes: empty cells (NaN) always, and the values listed in `missing`.

    Zero is a value unless it is listed.

    Args:
        missing: values that a source writes where nothing was measured, for example ``(0,)`` or ``(255,)``.

    >>> rule = ObservedRule(missing=(0,))
    >>> rule.observed(np.array([62.5, 0.0, np.nan]))
    array([ True, False, False])
    >>> print(rule)
    unobserved: empty cells and 0
    """

    missing: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Keep `missing` as floats, so that equal rules are equal however they were written."""
        object.__setattr__(self, "missing", tuple(float(value) for value in self.missing))

    def observed(self, values: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Return True where a value was measured; the shape is that of `values`."""
        seen: NDArray[np.bool_] = ~np.isnan(values)
        for value in self.missing:
            seen &= values != values.dtype.type(value)
        return seen

    def with_holes(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return values with NaN where nothing was measured."""
        return np.where(self.observed(values), values, np.float32("nan"))

    def describe(self) -> str:
        """Return the rule as a sentence."""
        words = ["empty cells", *(f"{value:.10g}" for value in self.missing)]
        return "unobserved: " + " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

    def __str__(self) -> str:
        """Return the rule as a sentence."""
        return self.describe()
