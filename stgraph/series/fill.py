"""Spooled rows to their places in the arrays of a series, some at a time; what rows repeat is settled on the way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stgraph.series.axes import Axes
from stgraph.series.bar import Bar
from stgraph.series.blocks import blocks, steps_at_once
from stgraph.series.duplicates import Duplicates, known_rule, repetition
from stgraph.series.spool import LABELS, Spool
from stgraph.series.times import local_time

KINDS = {"values": np.float32, "observed": np.bool_, "sums": np.float64, "counts": np.int32}
"""Cells of each array; the last two are for means, and only made where rows differ."""
Arrays = Callable[[str], NDArray[Any]]
"""Gives a (T, N, C) array of zeros by its name, to write to; one in a file is opened anew each time, to free memory."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The numbers in some rows, in the order of their places.

    Args:
        at: (M,) places in the (T, N, C) array, flat.
        values: (M,) numbers.
        rows: (M,) in which of the rows each stands; those of one place rise.
    """

    at: NDArray[np.int64]
    values: NDArray[np.float32]
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class Repeat:
    """A row that says again what a row before it says.

    Args:
        row: its number.
        at: a place that both rows have a number for, flat.
        differs: whether the numbers do.
    """

    row: int
    at: int
    differs: bool


def fill(spool: Spool, axes: Axes, arrays: Arrays, bar: Bar, rule: Duplicates | None) -> tuple[str, ...]:
    """Put spooled rows in their places; ``observed`` is True where one has a number.

    Args:
        spool: all rows.
        axes: of the series.
        arrays: to be filled, ``values`` and ``observed``.
        bar: shows how far it is.
        rule: what counts where rows of one time, sensor and channel differ; None = that is an error.

    Returns:
        A sentence where rows repeat others.

    Raises:
        DataError: two rows for one time, sensor and channel with different values, and no rule; names both.
        UnknownNameError: another rule.
    """
    known_rule(rule)
    told, count, begin = None, 0, 0
    arrays("values"), arrays("observed")
    for records in bar.storing(spool, spool.rows):
        cells = _cells(records, axes, stacked=not spool.columns)
        again, other = _put(cells, axes, arrays, last=rule == "last")
        if again.any() and (told is None or (other.any() and not told.differs)):
            told = _first(cells, again, other, begin)
            if told.differs and rule is None:
                break
        count += len(np.unique(cells.rows[again]))
        begin += len(records)
    if told is None:
        return ()
    note = _say(spool, axes, told, count, rule)
    if told.differs and rule == "mean":
        _average(spool, axes, arrays)
    return (note,)


def _cells(records: NDArray[Any], axes: Axes, *, stacked: bool) -> Cells:
    t, n, c = (of[records[name]] for of, name in zip(axes.places, LABELS, strict=True))
    _, sensors, channels = axes.shape
    columns = c[:, None] if stacked else np.arange(channels)
    at = ((t * sensors + n) * channels)[:, None] + columns
    kept = ~np.isnan(records["values"]) & (columns >= 0)
    order = np.argsort(at[kept], kind="stable")
    return Cells(at[kept][order], records["values"][kept][order], np.nonzero(kept)[0][order])


def _stretches(cells: Cells, axes: Axes) -> Iterator[tuple[slice, slice, NDArray[np.int64]]]:
    """Yield, of stretches of steps that have some of the cells, the steps, the cells, and their places therein."""
    steps, *apart = axes.shape
    size = int(np.prod(apart))
    length = steps_at_once(size)
    block = cells.at // (length * size)
    ends = [*(np.flatnonzero(np.diff(block)) + 1).tolist(), len(block)]
    for a, b in pairwise([0, *ends]):
        if a < b:
            first = int(block[a]) * length
            yield slice(first, min(first + length, steps)), slice(a, b), cells.at[a:b] - first * size


def _put(cells: Cells, axes: Axes, arrays: Arrays, *, last: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Put cells in their places, the first or the last of each; return which repeat one, and which say another."""
    again, other = np.zeros((2, len(cells.at)), dtype=bool)
    for steps, part, at in _stretches(cells, axes):
        values, observed = (arrays(name)[steps].reshape(-1) for name in ("values", "observed"))
        found, same = cells.values[part], at[1:] == at[:-1]
        before = values[at]
        before[1:][same] = found[:-1][same]
        again[part] = observed[at]
        again[part][1:] |= same
        other[part] = again[part] & (found != before)
        counts = np.concatenate([~same, [True]]) if last else ~again[part]
        values[at[counts]] = found[counts]
        observed[at] = True
    return again, other


def _first(cells: Cells, again: NDArray[np.bool_], other: NDArray[np.bool_], begin: int) -> Repeat:
    """Return the first row that says another value than one before it, else the first that repeats one."""
    differs = bool(other.any())
    which = np.flatnonzero(other if differs else again)
    k = which[cells.rows[which].argmin()]
    return Repeat(begin + int(cells.rows[k]), int(cells.at[k]), differs)


def _say(spool: Spool, axes: Axes, told: Repeat, count: int, rule: Duplicates | None) -> str:
    """Say which rows are about the same, once all up to the one that repeats another are found."""
    t, n, c = (int(k) for k in np.unravel_index(told.at, axes.shape))
    begin, values, places = 0, [], []
    for records in spool:
        known = [of[records[name]] for of, name in zip(axes.places, LABELS, strict=True)]
        same = (known[0] == t) & (known[1] == n) & (bool(spool.columns) | (known[2] == c))
        for k in np.flatnonzero(same[: told.row + 1 - begin]):
            values.append(records["values"][k])
            places.append(spool.place(records[k]))
        begin += len(records)
        if begin > told.row:
            break
    return repetition(
        np.stack(values),
        places,
        rule,
        count=count,
        columns=axes.channels if spool.columns else [axes.channels[c]],
        shared=f"{local_time(axes.times[t], axes.timezone)} of sensor {axes.sensors[n]}",
        zoned=axes.timezone is not None,
        files=spool.files,
    )


def _average(spool: Spool, axes: Axes, arrays: Arrays) -> None:
    """Let the mean of all rows stand where there are several."""
    for records in spool:
        cells = _cells(records, axes, stacked=not spool.columns)
        for steps, part, at in _stretches(cells, axes):
            sums, counts = (arrays(name)[steps].reshape(-1) for name in ("sums", "counts"))
            np.add.at(sums, at, cells.values[part].astype(np.float64))
            np.add.at(counts, at, 1)
    for first, last in blocks(0, axes.shape[0], axes.shape[1] * axes.shape[2]):
        values, sums, counts = (arrays(name)[first:last] for name in ("values", "sums", "counts"))
        several = counts > 1
        values[several] = sums[several] / counts[several]
