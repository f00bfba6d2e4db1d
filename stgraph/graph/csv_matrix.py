"""A square matrix of numbers in a CSV file, with or without labels."""

import contextlib
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.files import is_number


def read_csv_matrix(path: Path) -> tuple[tuple[str, ...] | None, NDArray[np.float64]]:
    """Read a square matrix and its labels.

    Where `has_label`, the first row names the columns and the first column repeats these names in the same order.
    Otherwise every cell is a number.

    Returns:
        The labels, or None where the file has none; and the (N, N) numbers, NaN and infinity among them.

    Raises:
        DataError: names the file, and row and column counted from 1, of what is not as it must be.
    """
    lines = _lines(path)
    labels: tuple[str, ...] | None = None
    rows: list[NDArray[np.float64]] = []
    width = 0
    for line, cells in lines:
        if not width:
            width = len(cells)
            if not is_number(cells[0]):
                if width == 1:
                    message = f"{path}: row {line}: expected cells cut at commas, found {cells[0]!r} alone"
                    raise DataError(message)
                labels = tuple(cells[1:])
                continue
        if len(cells) != width:
            message = f"{path}: row {line}: expected {width} columns as in the first row, found {len(cells)}"
            raise DataError(message)
        if labels is not None:
            _check_label(path, line, cells[0], labels[len(rows)] if len(rows) < len(labels) else None)
        rows.append(_numbers(path, line, cells, first=int(labels is not None)))
    if not rows:
        message = f"{path}: expected a square matrix of numbers, found no row of numbers"
        raise DataError(message)
    return labels, np.stack(rows)


def has_label(path: Path) -> bool:
    """Tell whether the first cell of a CSV file is empty or text, so that labels follow.

    Raises:
        DataError: the file cannot be read.
    """
    return any(not is_number(cells[0]) for _, cells in islice(_lines(path), 1))


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number the lines that are not blank, from 1, and split them into cells."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = ([cell.strip() for cell in row] for row in csv.reader(file))
            yield from enumerate((cells for cells in rows if cells not in ([], [""])), start=1)
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror})"
        raise DataError(message) from error
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"{path}: expected CSV in UTF-8 ({error})"
        raise DataError(message) from error


def _check_label(path: Path, line: int, found: str, expected: str | None) -> None:
    if found != expected:
        wanted = "no more rows than columns" if expected is None else f"the label {expected!r}, as its column has"
        message = (
            f"{path}: row {line}: expected {wanted}, found {found!r}; a labelled matrix repeats the ids of its first "
            "row in its first column (a table of pairs is read with from_edges or from_distances)"
        )
        raise DataError(message)


def _numbers(path: Path, line: int, cells: list[str], *, first: int) -> NDArray[np.float64]:
    text = "".join(cells[first:])
    if text.isascii() and "_" not in text:  # Python takes 1_0 and the digits of other scripts for numbers
        with contextlib.suppress(ValueError):
            return np.array(cells[first:], dtype=np.float64)
    column = next(c for c in range(first, len(cells)) if not _is_plain_number(cells[c]))
    message = f"{path}: row {line}, column {column + 1}: expected a number, found {cells[column]!r}"
    raise DataError(message)


def _is_plain_number(cell: str) -> bool:
    return cell.isascii() and "_" not in cell and is_number(cell)
