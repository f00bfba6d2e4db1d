"""The rows of a text file as a DataFrame, wide or long, with the line of the file that each row stands in."""

import itertools
import re
import unicodedata
from array import array
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from stgraph.delimited import Row, rows
from stgraph.errors import DataError
from stgraph.series.decimals import CommaInNumberError, Evidence, ReadNumbers, looks_numeric, numbers_in, plain_numbers
from stgraph.series.roles import Layout, layout_of
from stgraph.series.times import Where, is_time, parse_times

Read = tuple[pd.DataFrame, Layout, Where]
_FRACTION = re.compile(r"-?\d*[.,]\d+")
_RENAMED = re.compile(r"(-?\d+\.\d+)\.\d+")


def read_table(path: Path, *, header: bool, channels: Sequence[str], columns: Mapping[str, str]) -> Read:
    """Return the table in a text file, which column holds what, and what spells each row's line.

    A wide table has its times as index; of a long one only the columns that are needed are read.

    Args:
        path: file of delimited text.
        header: whether its first row names the columns; if not, sensors are numbered from 0.
        channels: channels to take from a long table; empty = the usual ones, or all.
        columns: columns that the user names, see `stgraph.series.roles.layout_of`.

    Raises:
        DataError: names the line, the column, what was expected and what was found.
    """
    read = partial(_read, path, header=header, channels=channels, columns=columns)
    try:
        return read(plain_numbers)
    except CommaInNumberError:
        evidence = Evidence()
        read(evidence)
        return read(numbers_in(evidence.style()))


def long_tables(
    path: Path, *, channels: Sequence[str], columns: Mapping[str, str], size: int
) -> Iterator[tuple[pd.DataFrame, Layout, Sequence[int]]]:
    """Yield the long table in a text file, `size` rows at a time, with the line of each row; see `read_table`.

    Where a number far down shows that all are written with a decimal comma, the table is yielded again from its start.
    """
    read = partial(_pieces, path, channels=channels, columns=columns, size=size)
    try:
        yield from read(plain_numbers)
    except CommaInNumberError:
        evidence = Evidence()
        deque(read(evidence), maxlen=0)
        yield from read(numbers_in(evidence.style()))


def layout_in(path: Path, *, channels: Sequence[str], columns: Mapping[str, str]) -> Layout:
    """Return which column of a text file with a header holds what."""
    return _opened(path, header=True, channels=channels, columns=columns)[1]


def _pieces(
    path: Path, numbers: ReadNumbers, *, channels: Sequence[str], columns: Mapping[str, str], size: int
) -> Iterator[tuple[pd.DataFrame, Layout, Sequence[int]]]:
    names, layout, body = _opened(path, header=True, channels=channels, columns=columns)
    while ahead := list(itertools.islice(body, size)):
        yield _long(names, layout, iter(ahead), path, numbers)[0], layout, [line for line, _ in ahead]


def _read(
    path: Path, numbers: ReadNumbers, *, header: bool, channels: Sequence[str], columns: Mapping[str, str]
) -> Read:
    """Read a table whose numbers are written in one way; `numbers` reads those of a row."""
    names, layout, body = _opened(path, header=header, channels=channels, columns=columns)
    return (_wide if layout.sensor is None else _long)(names, layout, body, path, numbers)


def _opened(
    path: Path, *, header: bool, channels: Sequence[str], columns: Mapping[str, str]
) -> tuple[list[str], Layout, Iterator[Row]]:
    """Return the names of the columns of a table, which of them holds what, and its rows."""
    body = rows(path)
    line, first = next(body)
    if header:
        names = _checked_names([name.strip() for name in first], path, line)
    else:
        body = itertools.chain([(line, [_as_written(cell) for cell in first])], body)
        names = ["time"] * is_time(first[0]) + [str(n) for n in range(len(first) - is_time(first[0]))]
    ahead = next(body, None)
    if ahead is None:
        message = f"{path}: expected rows below the header, found none"
        raise DataError(message)
    layout = layout_of(names, columns, channels, f"{path}, line {line}", timed=is_time(ahead[1][0]))
    return names, layout, itertools.chain([ahead], body)


def _checked_names(names: list[str], path: Path, line: int) -> list[str]:
    """Return the names in a header; a first row that is data, a repeated and an empty name are errors."""
    cells = [_as_written(name) for name in names[is_time(names[0]) :] if name]
    measured = all(looks_numeric(cell) for cell in cells) and cells
    if measured and (is_time(names[0]) or any(_FRACTION.fullmatch(c) for c in cells) or len(set(cells)) < len(cells)):
        message = (
            f"{path}, line {line}: expected a header with sensor ids, but the first row looks like data, "
            f"{', '.join(names[:3])}, ...; if the file has no header, say header=False (--no-header): "
            "sensors are then numbered from 0"
        )
        raise DataError(message)
    for k, name in enumerate(names):
        _check_text(name, f"{path}, line {line}, column {k + 1}")
        if not name and k:
            message = f"{path}, line {line}: expected a name for every column, found none for column {k + 1}"
            raise DataError(message)
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        places = [k + 1 for k, name in enumerate(names) if name == repeated[0]]
        message = f"{path}, line {line}: expected unique column names, found {repeated[0]!r} in columns {places}"
        raise DataError(message)
    return names


def _check_text(text: str, place: str) -> None:
    """Raise an error where a name holds a character that nobody sees: two ids that look alike would differ."""
    hidden = [character for character in text if unicodedata.category(character) in {"Cc", "Cf"}]
    if hidden:
        message = f"{place}: expected text, found the character {hidden[0]!a} in {text!r}"
        raise DataError(message)


def _as_written(cell: str) -> str:
    """Return a number that a table library took for a repeated column name: 67.125, which became 67.125.1."""
    renamed = None if is_time(cell) else _RENAMED.fullmatch(cell)
    return renamed[1] if renamed else cell


def _wide(names: list[str], layout: Layout, body: Iterator[Row], path: Path, numbers: ReadNumbers) -> Read:
    lines, texts, values = array("q"), [], []
    at = None if layout.time is None else names.index(layout.time)
    ids = [name for name in names if name != layout.time]
    if not ids:
        message = f"{path}: expected at least one column of values beside {names[0]!r}, found none"
        raise DataError(message)
    for line, cells in body:
        lines.append(line)
        if at is not None:
            texts.append(cells.pop(at))
        values.append(np.array(numbers(cells, ids, f"{path}, line {line}"), dtype=np.float64))
    place = _lines_of(path, lines)
    table = pd.DataFrame(np.stack(values), columns=ids)
    if layout.time is not None:
        table.index = parse_times(texts, lambda k: f"{place(k)}, column {layout.time!r}")
    return table, layout, place


def _long(names: list[str], layout: Layout, body: Iterator[Row], path: Path, numbers: ReadNumbers) -> Read:
    """Read texts as categories: a time or a sensor that stands in many rows is kept once."""
    lines = array("q")
    labels: dict[str, dict[str, int]] = {name: {} for name in layout.texts}
    codes = {name: array("q") for name in labels}
    wanted = list(dict.fromkeys(layout.numbers))
    values = {name: array("d") for name in wanted}
    texts_at = [(name, names.index(name), known) for name, known in labels.items()]
    values_at = [names.index(name) for name in wanted]
    for line, cells in body:
        lines.append(line)
        for name, at, known in texts_at:
            cell = cells[at].strip()
            if not cell and name != layout.unit:
                message = f"{path}, line {line}, column {name!r}: expected a value, found an empty cell"
                raise DataError(message)
            if cell not in known:
                _check_text(cell, f"{path}, line {line}, column {name!r}")
                known[cell] = len(known)
            codes[name].append(known[cell])
        found = numbers([cells[at] for at in values_at], wanted, f"{path}, line {line}")
        for name, number in zip(wanted, found, strict=True):
            values[name].append(number)
    texts = {
        name: pd.Categorical.from_codes(np.array(codes[name]), categories=pd.Index(list(known)))
        for name, known in labels.items()
    }
    place = _lines_of(path, lines)
    table = pd.DataFrame({**texts, **{name: np.frombuffer(column) for name, column in values.items()}})
    return table, layout, place


def _lines_of(path: Path, lines: Sequence[int]) -> Where:
    return lambda k: f"{path}, line {lines[k]}"
