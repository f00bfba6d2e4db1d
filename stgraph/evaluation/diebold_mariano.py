"""Whether one forecast is better than another, or was lucky: the test of Diebold and Mariano."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from stgraph.shapes import check_shape

Kernel = Literal["plain", "Bartlett"]
ROUNDING = 1e-9  # share of g_0 below which a sum of autocovariances is no more than rounding


@dataclass(frozen=True)
class DieboldMariano:
    """Result of the test of equal accuracy.

    Args:
        statistic: with the correction for small samples; negative where the first forecast is better.
        p_value: two-sided.
        kernel: how autocovariances were summed.
    """

    statistic: float
    p_value: float
    kernel: Kernel


def diebold_mariano(differences: NDArray[np.float64], steps: NDArray[np.int64], horizon: int) -> DieboldMariano:
    r"""Test whether the loss of two forecasts is the same on average.

    With d_1 .. d_M the differences of their losses, S_1 = mean(d) / sqrt(V / M) with the long-run variance
    V = sum_{-h < k < h} g_k of their autocovariances g_k, since the errors of h steps ahead overlap (Diebold and
    Mariano 1995, https://doi.org/10.1080/07350015.1995.10524599). S_1 is multiplied by
    sqrt((M + 1 - 2 h + h (h - 1) / M) / M) and held against Student's t of M - 1 degrees of freedom (Harvey, Leybourne
    and Newbold 1997, https://doi.org/10.1016/S0169-2070(96)00719-4). Where V is not positive the g_k are
    weighted by 1 - k / h (Bartlett), which never makes it negative.

    g_k sums over the pairs that are really k steps apart and divides by M, so V / M is the variance of the mean
    whatever is missing between (Parzen 1963, amplitude modulation).

    The test takes differences h or more steps apart as unrelated. Where a jam makes them alike for longer, its
    p-value is too small: of 20 days of 5 minute steps, each difference 0.98 of the last and noise, it saw a difference
    at the 5 % level where none was in about 40 % of the cases at h = 12, an interval over days in 9 %.

    Args:
        differences: (M,) loss of the first forecast less that of the second.
        steps: (M,) when each was issued, in steps of the series, each another.
        horizon: h, the steps ahead.

    Returns:
        The test. Differences that are 0 on average have the p-value 1; of h or fewer others nothing can be told: NaN.

    Raises:
        ShapeError: not as many steps as differences.

    >>> diebold_mariano(np.array([1.0, 2.0, 0.0, 1.0, 3.0]), np.arange(5), horizon=1).p_value.__round__(3)
    0.052
    """
    count = check_shape(differences, "M", name="differences")["M"]
    check_shape(steps, "M", name="steps", M=count)
    mean = differences.mean() if count else np.float64(0)
    if mean == 0:
        return DieboldMariano(0.0, 1.0, "plain")
    if count <= horizon:
        return DieboldMariano(np.nan, np.nan, "plain")
    variance, kernel = _long_run_variance(differences - mean, steps, horizon)
    correction = (count + 1 - 2 * horizon + horizon * (horizon - 1) / count) / count
    with np.errstate(divide="ignore"):  # the same difference every time: as sure as can be
        statistic = mean / np.sqrt(variance / count) * np.sqrt(correction)
    return DieboldMariano(float(statistic), 2 * float(stdtr(count - 1, -abs(statistic))), kernel)


def _long_run_variance(
    centred: NDArray[np.float64], steps: NDArray[np.int64], horizon: int
) -> tuple[np.float64, Kernel]:
    """Return V of `diebold_mariano` and how it was summed, from differences less their mean."""
    filled = np.zeros(steps.max() - steps.min() + 1)  # a step without a difference adds nothing to any product
    filled[steps - steps.min()] = centred
    covariances = np.array([filled[k:] @ filled[: len(filled) - k] for k in range(horizon)]) / len(centred)
    plain = covariances[0] + 2 * covariances[1:].sum()
    if plain > ROUNDING * covariances[0]:
        return plain, "plain"
    weights = 1 - np.arange(horizon) / horizon
    return max(2 * weights @ covariances - covariances[0], np.float64(0)), "Bartlett"
