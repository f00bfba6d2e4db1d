"""The rows of a text file as a DataFrame, wide or long, with the line of the file that each row stands in."""

import itertools
import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from stgraph.errors import DataError
from stgraph.files import is_number
from stgraph.series.assemble import is_time_name
from stgraph.series.delimited import Row, rows
from stgraph.series.long import is_long, is_stacked, key_columns
from stgraph.series.times import Where, is_time, parse_times

EMPTY = frozenset({"", "nan", "na", "n/a", "null", "none"})
_FRACTION = re.compile(r"-?\d*\.\d+")
_RENAMED = re.compile(r"(-?\d+\.\d+)\.\d+")


def read_table(path: Path, *, header: bool, channels: Sequence[str] | None) -> tuple[pd.DataFrame, Where]:
    """Return the table in a text file, wide with its times as index or long, and what spells each row's line.

    Args:
        path: file of delimited text.
        header: whether its first row names the columns; if not, sensors are numbered from 0.
        channels: columns of values to take from a long table; None = all.

    Raises:
        DataError: names the line, the column, what was expected and what was found.
    """
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
    body = itertools.chain([ahead], body)
    if header and is_long(names):
        return _long(names, body, path, channels)
    return _wide(names, body, path, timed=is_time_name(names[0]) or is_time(ahead[1][0]))


def long_tables(path: Path, *, channels: Sequence[str], size: int) -> Iterator[tuple[pd.DataFrame, Sequence[int]]]:
    """Yield the long table in a text file, `size` rows at a time, and the line of each row; see `read_table`."""
    body = rows(path)
    line, first = next(body)
    names = _checked_names([name.strip() for name in first], path, line)
    while ahead := list(itertools.islice(body, size)):
        yield _long(names, iter(ahead), path, channels or None)[0], [line for line, _ in ahead]


def _checked_names(names: list[str], path: Path, line: int) -> list[str]:
    """Return the names in a header; a first row that is data, a repeated and an empty name are errors."""
    cells = [_as_written(name) for name in names[is_time(names[0]) :] if name]
    measured = all(is_number(cell) for cell in cells) and cells
    if measured and (is_time(names[0]) or any(_FRACTION.fullmatch(c) for c in cells) or len(set(cells)) < len(cells)):
        message = (
            f"{path}, line {line}: expected a header with sensor ids, but the first row looks like data, "
            f"{', '.join(names[:3])}, ...; if the file has no header, say header=False (--no-header): "
            "sensors are then numbered from 0"
        )
        raise DataError(message)
    for k, name in enumerate(names):
        if not name and k:
            message = f"{path}, line {line}: expected a name for every column, found none for column {k + 1}"
            raise DataError(message)
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        places = [k + 1 for k, name in enumerate(names) if name == repeated[0]]
        message = f"{path}, line {line}: expected unique column names, found {repeated[0]!r} in columns {places}"
        raise DataError(message)
    return names


def _as_written(cell: str) -> str:
    """Return a number that a table library took for a repeated column name: 67.125, which became 67.125.1."""
    renamed = None if is_time(cell) else _RENAMED.fullmatch(cell)
    return renamed[1] if renamed else cell


def _wide(names: list[str], body: Iterator[Row], path: Path, *, timed: bool) -> tuple[pd.DataFrame, Where]:
    lines, texts, values = array("q"), [], []
    ids = names[timed:]
    if not ids:
        message = f"{path}: expected at least one column of values beside {names[0]!r}, found none"
        raise DataError(message)
    for line, cells in body:
        lines.append(line)
        if timed:
            texts.append(cells[0])
        values.append(np.array(_numbers(cells[timed:], ids, path, line), dtype=np.float64))
    place = _lines_of(path, lines)
    table = pd.DataFrame(np.stack(values), columns=ids)
    if timed:
        table.index = parse_times(texts, lambda k: f"{place(k)}, column {names[0]!r}")
    return table, place


def _long(
    names: list[str], body: Iterator[Row], path: Path, channels: Sequence[str] | None
) -> tuple[pd.DataFrame, Where]:
    """Read texts as categories: a time or a sensor that stands in many rows is kept once."""
    lines = array("q")
    labels: dict[str, dict[str, int]] = {name: {} for name in key_columns(names)}
    codes = {name: array("q") for name in labels}
    taken = dict.fromkeys(channels or names)
    wanted = ["value"] if is_stacked(names) else [n for n in taken if n in names and n not in labels]
    values = {name: array("d") for name in wanted}
    texts_at = [(name, names.index(name), known) for name, known in labels.items()]
    values_at = [names.index(name) for name in wanted]
    for line, cells in body:
        lines.append(line)
        for name, at, known in texts_at:
            cell = cells[at].strip()
            if not cell and name != "unit":
                message = f"{path}, line {line}, column {name!r}: expected a value, found an empty cell"
                raise DataError(message)
            codes[name].append(known.setdefault(cell, len(known)))
        found = _numbers([cells[at] for at in values_at], wanted, path, line)
        for name, number in zip(wanted, found, strict=True):
            values[name].append(number)
    texts = {
        name: pd.Categorical.from_codes(np.array(codes[name]), categories=pd.Index(list(known)))
        for name, known in labels.items()
    }
    place = _lines_of(path, lines)
    return pd.DataFrame({**texts, **{name: np.frombuffer(numbers) for name, numbers in values.items()}}), place


def _lines_of(path: Path, lines: Sequence[int]) -> Where:
    return lambda k: f"{path}, line {lines[k]}"


def _numbers(cells: Sequence[str], names: Sequence[str], path: Path, line: int) -> list[float]:
    text = "".join(cells)
    if "_" in text or not text.isascii():  # Python takes 1_0 and the digits of other scripts for numbers
        return _one_by_one(cells, names, path, line)
    try:
        return [float(cell or "nan") for cell in cells]
    except ValueError:
        return _one_by_one(cells, names, path, line)


def _one_by_one(cells: Sequence[str], names: Sequence[str], path: Path, line: int) -> list[float]:
    return [_number(cell, f"{path}, line {line}, column {name!r}") for cell, name in zip(cells, names, strict=True)]


def _number(cell: str, place: str) -> float:
    if cell.strip().lower() in EMPTY:
        return float("nan")
    if not cell.strip().isascii() or "_" in cell or not is_number(cell):
        message = f"{place}: expected a number or an empty cell, found {cell!r}"
        raise DataError(message)
    return float(cell)
