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
    zoned: bool = True,
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
        zoned: whether the zone of the times is known, for the error.

    Returns:
        The (U,) numbers of the rows that are kept, their (U, K) values, and a sentence where one repeats another.

    Raises:
        DataError: two rows of one key with different values, and no rule; names both.

    >>> keys, cells = np.array([7, 8, 7]), np.array([[60], [50], [64]], np.float32)
    >>> rows, kept, notes = merged(keys, cells, "mean", columns=["speed"], shared=str, where=lambda k: f"a, row {k}")
    >>> rows, kept.ravel(), notes[0]
    (array([0, 1]), array([62., 50.], dtype=float32), 'row 2: 2 repeats row 0 with another value: the mean counts')
    """
    _, first, which, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    rows = np.sort(first)
    several = np.flatnonzero(counts[which] > 1)
    if not len(several):
        return rows, cells, ()
    table, owners = pd.DataFrame(cells[several]), which[several]
    before = table.groupby(owners).ffill().groupby(owners).shift()
    again = table.notna() & before.notna()
    other = (again & (table != before)).any(axis=1).to_numpy()
    repeating = again.any(axis=1).to_numpy()
    settled = table.astype(np.float64).groupby(owners).agg(rule or "first")
    kept = cells.copy()
    kept[first[settled.index]] = settled.to_numpy(np.float32)
    if not repeating.any():  # rows that say different things of one time
        return rows, kept[rows], ()
    k = int((other if other.any() else repeating).argmax())
    alike = several[: k + 1][owners[: k + 1] == owners[k]]
    note = repetition(
        cells[alike],
        [where(int(row)) for row in alike],
        rule,
        count=int(repeating.sum()),
        columns=columns,
        shared=shared(int(several[k])),
        zoned=zoned,
    )
    return rows, kept[rows], (note,)


def repetition(
    cells: NDArray[np.float32],
    places: Sequence[str],
    rule: Duplicates | None,
    *,
    count: int,
    columns: Sequence[str],
    shared: str,
    zoned: bool,
    files: int = 1,
) -> str:
    """Say that a row repeats one before it.

    Args:
        cells: (G, K) values of rows about the same, the last of which repeats one of the others.
        places: of the G rows.
        rule: what counts where values differ; None = that is an error.
        count: how many rows repeat others in all.
        columns: K names.
        shared: what the rows are about.
        zoned: whether the zone of the times is known.
        files: how many there are; places in a single one need not name it.

    Raises:
        DataError: the last row says another value, and there is no rule.
    """
    both = ~np.isnan(cells[:-1]) & ~np.isnan(cells[-1])
    differing = both & (cells[:-1] != cells[-1])
    differs = bool(differing.any())
    g, c = (int(k) for k in np.argwhere(differing if differs else both)[0])
    here, there = ((within(place) if files == 1 else place) for place in (places[-1], places[g]))
    if differs and rule is None:
        hint = "" if zoned else ", or the timezone (--timezone) where its clock was set back"
        before, now = (np.format_float_positional(row[c], trim="-") for row in (cells[g], cells[-1]))
        message = (
            f"{places[-1]}: {shared} repeats {there} with another value in column {columns[c]!r}, "
            f"{before} there and {now} here; say which counts, {_RULES}{hint}"
        )
        raise DataError(message)
    fate = f"with another value: the {rule} counts" if differs else "with the same values: kept once"
    return f"{here}: {shared} repeats {there} {fate}" + f", and {count - 1} more like it" * (count > 1)


def within(place: str) -> str:
    """Return a place without its file, which stands before the sentence already."""
    return place.rpartition(", ")[2]
