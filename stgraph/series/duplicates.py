"""Rows that say the same thing twice: kept once where they agree, refused or settled by a rule where they do not."""

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError, UnknownNameError
from stgraph.series.times import Where

Codes = NDArray[np.intp]
Duplicates = Literal["mean", "first", "last"]
"""What counts where rows for one time and sensor differ."""
_RULES = 'duplicates="mean", "first" or "last" (--duplicates)'


def known_rule(rule: Duplicates | None) -> Duplicates | None:
    """Return a rule.

    Raises:
        UnknownNameError: it is none.
    """
    if rule is not None and rule not in get_args(Duplicates):
        raise UnknownNameError.of("rule for duplicates", rule, get_args(Duplicates))
    return rule


def merged(
    keys: Codes,
    cells: NDArray[np.float32],
    rule: Duplicates | None,
    *,
    columns: Sequence[str],
    shared: Callable[[int], str],
    where: Where,
    hint: str = "",
) -> tuple[Codes, NDArray[np.float32], tuple[str, ...]]:
    """Return the rows with one of each key, in the order of their first.

    An empty cell says nothing: it agrees with any value, and a value counts before it.

    Args:
        keys: (R,) what a row is about, a number for each.
        cells: (R, K) its values, NaN where nothing was measured.
        rule: what counts where values differ; None = that is an error.
        columns: K names, for the error.
        shared: spells what row k is about.
        where: spells the place of a row.
        hint: what else may be wrong, for the error.

    Returns:
        The (U,) numbers of the rows that are kept, their (U, K) values, and a sentence where there were others.

    Raises:
        DataError: two rows of one key with different values, and no rule; names both.

    >>> keys, cells = np.array([7, 8, 7]), np.array([[60], [50], [64]], np.float32)
    >>> rows, kept, notes = merged(keys, cells, "mean", columns=["speed"], shared=str, where=lambda k: f"a, row {k}")
    >>> rows, kept.ravel(), notes[0]
    (array([0, 1]), array([62., 50.], dtype=float32), 'row 2: 2 repeats row 0 with another value: the mean counts')
    """
    _, first, which, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    rows = np.sort(first)
    if len(rows) == len(keys):
        return rows, cells, ()
    several = np.flatnonzero(counts[which] > 1)
    groups = pd.DataFrame(cells[several].astype(np.float64)).groupby(which[several])
    differ = (groups.min() < groups.max()).any(axis=1).to_numpy()
    settled = groups.agg(rule or "first")
    if differ.any() and rule is None:
        bad = several[np.isin(which[several], settled.index[differ])]
        conflict = _conflict(bad[which[bad] == which[bad[0]]], cells, columns, shared, where)
        message = f"{conflict}; say which counts, {_RULES}{hint}"
        raise DataError(message)
    kept = cells.copy()
    kept[first[settled.index]] = settled.to_numpy(np.float32)
    repeating = np.isin(which[several], settled.index[(groups.count() > 1).any(axis=1)])
    again = several[repeating & ~np.isin(several, first)]
    if not len(again):  # rows that say different things of one time
        return rows, kept[rows], ()
    told = again[np.isin(which[again], settled.index[differ])] if differ.any() else again
    k, more = int(told[0]), len(again) - 1
    fate = f"with another value: the {rule} counts" if differ.any() else "with the same values: kept once"
    others = f", and {more} more like it" if more else ""
    note = f"{within(where(k))}: {shared(k)} repeats {within(where(int(first[which[k]])))} {fate}{others}"
    return rows, kept[rows], (note,)


def _conflict(
    rows: Codes, cells: NDArray[np.float32], columns: Sequence[str], shared: Callable[[int], str], where: Where
) -> str:
    """Say where rows about one thing differ first."""
    values = cells[rows]
    c = int((np.nanmin(values, axis=0, initial=np.inf) < np.nanmax(values, axis=0, initial=-np.inf)).argmax())
    seen = rows[~np.isnan(values[:, c])]
    k = next(row for row in seen if cells[row, c] != cells[seen[0], c])
    return (
        f"{where(int(k))}: {shared(int(k))} repeats {within(where(int(seen[0])))} with another value in column "
        f"{columns[c]!r}, {cells[seen[0], c]:.9g} there and {cells[k, c]:.9g} here"
    )


def within(place: str) -> str:
    """Return a place without its file, which stands before the sentence already."""
    return place.rpartition(", ")[2]
