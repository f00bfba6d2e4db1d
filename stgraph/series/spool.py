"""The rows of long files in one binary file, with numbers for their texts: read once, whatever their order."""

from collections.abc import Hashable, Iterator
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.series.rows import Rows

AT_ONCE = 2**15
LABELS = ("time", "sensor", "channel")


class Spool:
    """Rows in a file, to be gone through again once all their times, sensors and channels are known.

    In memory are the labels, each once, and the rows of one `add`.

    Args:
        file: empty, to write and read; 24 + 4 K bytes a row of K values.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.rows = file, 0
        self.columns: tuple[str, ...] = ()
        self.labels: dict[str, dict[Hashable, int]] = {name: {} for name in LABELS}
        self.units: dict[str, str] = {}
        self.notes: tuple[str, ...] = ()
        self._sources: list[str] = []
        self._begun = 0
        self._first_lines: list[tuple[int, int]] = []
        self.kind = _record(1)

    @property
    def width(self) -> int:
        """Values in a row, K."""
        return max(len(self.columns), 1)

    def add(self, rows: Rows) -> None:
        """Append rows.

        Raises:
            DataError: rows of other columns, or of another unit, than those before.
        """
        if self._sources[-1:] != [rows.source]:
            self._sources.append(rows.source)
            self._begun = self.rows
        self._check_alike(rows)
        if rows.anew:
            self._forget_last()
        records = np.zeros(len(rows.lines), self.kind)
        records["source"], records["line"] = len(self._sources) - 1, rows.lines
        records["values"] = rows.values[:, [rows.columns.index(name) for name in self.columns] or [0]]
        before = len(self.labels["time"])
        records["time"] = self._codes("time", rows.times)
        records["sensor"] = self._codes("sensor", rows.sensors)
        records["channel"] = 0 if rows.channels is None else self._codes("channel", rows.channels)
        new, first = np.unique(records["time"], return_index=True)
        self._first_lines += [(len(self._sources) - 1, int(rows.lines[k])) for k in first[new >= before]]
        self.notes = tuple(dict.fromkeys((*self.notes, *rows.notes)))
        self.file.write(records.tobytes())
        self.rows += len(records)

    @property
    def files(self) -> int:
        """How many files the rows are of."""
        return len(self._sources)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        """Yield the records of all rows, some at a time: codes of labels, values, source and line."""
        self.file.seek(0)
        while read := self.file.read(AT_ONCE * self.kind.itemsize):
            yield np.frombuffer(read, self.kind)

    def place(self, record: NDArray[Any]) -> str:
        """Spell the place of a row, for errors."""
        return f"{self._sources[record['source']]} {record['line']}"

    def place_of_time(self, code: int) -> str:
        """Spell the place of the first row that has a time."""
        source, line = self._first_lines[code]
        return f"{self._sources[source]} {line}"

    def split_times(self, numbers: NDArray[np.int64], records: NDArray[Any]) -> None:
        """Give times of some rows labels of their own, in the order of those that they had: the text means two times.

        Args:
            numbers: (R,) of the rows, rising.
            records: (R,) of the rows.
        """
        labels, known = list(self.labels["time"]), self.labels["time"]
        old, first, which = np.unique(records["time"], return_index=True, return_inverse=True)
        codes = np.array([known.setdefault((labels[k], "again"), len(known)) for k in old], dtype="<i4")[which]
        self._first_lines += [(int(records["source"][k]), int(records["line"][k])) for k in first]
        for number, code in zip(numbers.tolist(), codes, strict=True):
            self.file.seek(number * self.kind.itemsize)  # the time is first
            self.file.write(code.tobytes())

    def _codes(self, name: str, labels: pd.Categorical) -> NDArray[np.int32]:
        known = self.labels[name]
        used, codes = np.unique(labels.codes, return_inverse=True)
        numbers = [known.setdefault(labels.categories[k], len(known)) for k in used]
        return np.array(numbers, dtype=np.int32)[codes]

    def _forget_last(self) -> None:
        """Take back the rows of the last source; their labels stay, which are the same whatever its numbers say."""
        self.file.seek(self._begun * self.kind.itemsize)
        self.file.truncate()
        self.rows = self._begun

    def _check_alike(self, rows: Rows) -> None:
        place = f"{rows.source} {rows.lines[0]}" if len(rows.lines) else rows.source
        if not self.rows:
            self.columns = rows.columns
            self.kind = _record(self.width)
        elif sorted(rows.columns) != sorted(self.columns):
            message = f"{place}: expected the channels of {self._sources[0]} 1, {self.columns}, found {rows.columns}"
            raise DataError(message)
        for channel, unit in rows.units:
            if self.units.setdefault(channel, unit) != unit:
                found = f"{self.units[channel]!r} and {unit!r}"
                message = f"{place}: expected one unit a channel, found {found} for {channel!r}"
                raise DataError(message)


def _record(width: int) -> np.dtype[Any]:
    """Return how a row of `width` values is kept."""
    codes = [(name, "<i4") for name in (*LABELS, "source")]
    return np.dtype([*codes, ("line", "<i8"), ("values", "<f4", (width,))])
