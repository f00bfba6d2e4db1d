"""A from measured values: sensors that move together."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError
from stgraph.graph.sensor_graph import SensorGraph, as_numbers, checked_ids
from stgraph.shapes import check_shape

BLOCK = 512
"""Sensors whose correlations with all others are held at once."""
STILL = 1e-10
"""Share of a sensor's squares in the common steps below which its variance there is rounding: it stood still."""


def from_correlation(
    values: ArrayLike,
    observed: ArrayLike | None,
    ids: Iterable[str],
    *,
    threshold: float = 0.5,
    k: int | None = None,
    least_common: int = 12,
    positions: ArrayLike | None = None,
) -> SensorGraph:
    """Join sensors whose values rise and fall together, in both directions; give it the training part alone.

    ``A[i, j] = A[j, i] = r[i, j]``, Pearson's correlation over the steps at which both were observed, where it is at
    least `threshold`. Steps of the test part would tell the graph what a forecast must not know.

    Args:
        values: (T, N) measured values of one channel; what stands where nothing was observed has no influence.
        observed: (T, N) True = measured; where `values` is finite where None.
        ids: N sensor ids, in the order of every N axis.
        threshold: smallest correlation that is an edge, above 0, at most 1.
        k: how many neighbours each sensor chooses at most, those it correlates with most (and all that tie with the
            last of them); an edge where either chooses the other. None = all.
        least_common: pairs observed together at fewer steps are not joined.
        positions: (N, 2) longitude and latitude in degrees, or None.

    Raises:
        ShapeError: an array does not fit the others.
        DataError: an observed value that is not finite, or `threshold`, `k` or `least_common` out of range.

    >>> values = np.array([[1, 2, 9], [2, 4, 8], [3, 7, 7], [4, 8, 9]])
    >>> from_correlation(values, None, ["a", "b", "c"], least_common=3).adjacency.toarray().round(3)
    array([[0.   , 0.984, 0.   ],
           [0.984, 0.   , 0.   ],
           [0.   , 0.   , 0.   ]])
    """
    names = checked_ids(ids)
    table = as_numbers(values, "values")
    check_shape(table, "T N", name="values", N=len(names))
    seen = np.isfinite(table) if observed is None else np.asarray(observed, dtype=bool)
    check_shape(seen, "T N", name="observed", T=len(table), N=len(names))
    _check(table, seen, names, threshold=threshold, k=k, least_common=least_common)
    starts = [*range(0, len(names), BLOCK), len(names)]
    chosen = [
        _choose(correlation(table, seen, range(first, last), least_common), first, threshold, k)
        for first, last in pairwise(starts)
    ]
    one_way: sp.csr_array[np.float64] = sp.csr_array(sp.vstack(chosen, format="csr"))
    return SensorGraph(names, one_way.maximum(one_way.T), positions)


def correlation(
    values: NDArray[np.float64], observed: NDArray[np.bool_], sensors: range, least_common: int
) -> NDArray[np.float64]:
    """Return Pearson's correlation of some sensors with all, over the steps at which both were observed.

    Args:
        values: (T, N).
        observed: (T, N) True = measured.
        sensors: B of the N, one after another.
        least_common: NaN where fewer steps are common to the two.

    Shapes:
        (B, N); NaN too where one of the two did not change in the common steps.
    """
    seen = observed.astype(np.float64)
    total = np.maximum(seen.sum(0), 1)
    x = np.where(observed, values, 0.0)
    x = np.where(observed, x - x.sum(0) / total, 0.0)  # near zero, so that squares keep their digits
    own, there = x[:, sensors.start : sensors.stop], seen[:, sensors.start : sensors.stop]
    common = there.T @ seen
    steps = np.maximum(common, 1)
    sum_own, sum_other = own.T @ seen, there.T @ x
    square_own, square_other = (own**2).T @ seen, there.T @ x**2
    spread_own, spread_other = square_own - sum_own**2 / steps, square_other - sum_other**2 / steps
    moved = (spread_own > STILL * square_own) & (spread_other > STILL * square_other) & (common >= least_common)
    product = np.where(moved, spread_own * spread_other, np.nan)
    found: NDArray[np.float64] = np.clip((own.T @ x - sum_own * sum_other / steps) / np.sqrt(product), -1.0, 1.0)
    return found


def _choose(correlations: NDArray[np.float64], first: int, threshold: float, k: int | None) -> sp.csr_array[np.float64]:
    """Keep what is an edge from the sensors `first`, `first` + 1, ... to all."""
    rows = np.arange(len(correlations))
    found = np.nan_to_num(correlations, nan=0.0)
    found[rows, first + rows] = 0.0
    found[found < threshold] = 0.0
    if k is not None and k < found.shape[1]:
        last = np.partition(found, -k, axis=1)[:, -k]
        found[found < last[:, None]] = 0.0
    return sp.csr_array(found)


def _check(
    values: NDArray[np.float64],
    observed: NDArray[np.bool_],
    ids: tuple[str, ...],
    *,
    threshold: float,
    k: int | None,
    least_common: int,
) -> None:
    if not 0 < threshold <= 1:
        message = f"threshold: expected a correlation above 0, at most 1, found {threshold}"
        raise DataError(message)
    if k is not None and k < 1:
        message = f"k: expected 1 or more neighbours, found {k}"
        raise DataError(message)
    if least_common < 2:
        message = f"least_common: expected 2 or more steps, found {least_common}"
        raise DataError(message)
    bad = observed & ~np.isfinite(values)
    if bad.any():
        step, sensor = (int(axis[0]) for axis in np.nonzero(bad))
        message = (
            f"values: expected finite where observed, found {values[step, sensor]} at step {step} of {ids[sensor]}"
        )
        raise DataError(message)
