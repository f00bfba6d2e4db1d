"""Long files, some rows at a time: a file of any length in the memory of a few rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.series.assemble import numbers
from stgraph.series.csv_table import layout_in, long_tables
from stgraph.series.observed import ObservedRule
from stgraph.series.roles import Layout

AT_ONCE = 2**15
NO_COLUMNS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a long file.

    Args:
        times: (R,) texts, or timestamps.
        sensors: (R,) texts.
        values: (R, K) finite, or NaN where nothing was measured.
        columns: K names of channels; empty where each row names its own.
        lines: (R,) places in the file.
        source: what stands before the number of a line in an error.
        channels: (R,) texts where `columns` is empty, else None.
        units: pairs of channel and unit that the file names.
        notes: what was settled in reading them, a sentence each.
        anew: the source begins again: its rows that came before count no more.
    """

    times: "pd.Categorical[Any]"
    sensors: "pd.Categorical[Any]"
    values: NDArray[np.float32]
    columns: tuple[str, ...]
    lines: NDArray[np.int64]
    source: str
    channels: "pd.Categorical[Any] | None" = None
    units: frozenset[tuple[str, str]] = frozenset()
    notes: tuple[str, ...] = ()
    anew: bool = False


def is_long_file(path: Path, *, channels: Sequence[str] = (), columns: Mapping[str, str] = NO_COLUMNS) -> bool:
    """Return whether the columns of a text file are those of a long table; see `long_rows`."""
    return layout_in(path, channels=channels, columns=columns).sensor is not None


def long_rows(
    path: Path,
    *,
    channels: Sequence[str] = (),
    columns: Mapping[str, str] = NO_COLUMNS,
    missing: Sequence[float] = (),
) -> Iterator[Rows]:
    """Yield the rows of a long text file, some at a time; see `read_series`.

    Args:
        path: the file.
        channels: channels to take; empty = the usual ones, or all columns where there is none of them.
        columns: what the columns hold, where they have no usual name.
        missing: values that mean "not measured", besides empty cells.

    Raises:
        DataError: names the file, the line, the column, what was expected and what was found.
    """
    rule, last = ObservedRule(tuple(missing)), 0
    for table, layout, lines in long_tables(path, channels=channels, columns=columns, size=AT_ONCE):

        def where(k: int, lines: Sequence[int] = lines) -> str:
            return f"{path}, line {lines[k]}"

        stacked = None if layout.stacked is None else pd.Categorical(table[layout.stacked[0]])
        yield Rows(
            times=pd.Categorical(table[layout.time]),
            sensors=pd.Categorical(table[layout.sensor]),
            values=rule.with_holes(numbers(table[layout.numbers], where)),
            columns=tuple(channel for channel, _ in layout.channels),
            lines=np.array(lines),
            source=f"{path}, line",
            channels=stacked,
            units=_units(table, layout),
            notes=layout.notes,
            anew=lines[0] <= last,
        )
        last = lines[-1]


def _units(table: pd.DataFrame, layout: Layout) -> frozenset[tuple[str, str]]:
    """Return what a column of units, or brackets in the name of a column, say of each channel."""
    if layout.stacked is None:
        return frozenset(zip((channel for channel, _ in layout.channels), layout.units, strict=True))
    if layout.unit is None:
        return frozenset()
    pairs = table[[layout.stacked[0], layout.unit]].drop_duplicates()
    return frozenset((str(channel), str(unit)) for channel, unit in pairs.itertuples(index=False))
