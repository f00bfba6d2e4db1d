"""Delimited text to rows of cells: as many in each row, with the number of its line."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO, cast

from stgraph.errors import DataError

DELIMITERS = ("\t", ";", "|", ",")
"""The comma is last: numbers may hold it too."""
Row = tuple[int, list[str]]
"""The number of a line in the file, from 1, and its cells."""


def rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a text file, plain or gzip, all with as many cells as the first.

    Raises:
        DataError: a file that cannot be read, is empty, or whose rows differ in length.
    """
    try:
        with _open(path) as file:
            head = [file.readline(), file.readline()]
            if any("\0" in line for line in head):
                message = f"{path}: expected text in UTF-8, found a zero byte: a binary file, or text in UTF-16"
                raise DataError(message)
            delimiter = _delimiter(head)
            file.seek(0)
            yield from _even(file, delimiter, path)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error
    except csv.Error as error:
        message = f"{path}: expected delimited text ({error})"
        raise DataError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path}: expected text in UTF-8, found the byte {error.object[error.start]:#04x}"
        raise DataError(message) from error


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return cast("TextIO", gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


def _delimiter(lines: Sequence[str]) -> str:
    """Return the first delimiter that cuts both lines into equally many cells, or that which cuts into the most."""

    def widths(delimiter: str) -> list[int]:
        return [len(next(csv.reader([line], delimiter=delimiter))) for line in lines if line.strip()]

    even = [d for d in DELIMITERS if len(set(found := widths(d))) == 1 and found[0] > 1]
    return even[0] if even else max(reversed(DELIMITERS), key=lambda d: max(widths(d), default=0))


def _even(file: TextIO, delimiter: str, path: Path) -> Iterator[Row]:
    """Yield the rows with their lines; rows of another length and blank lines between rows are errors."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    width, blank, line = 0, 0, 1
    try:
        for cells in reader:
            if not cells:
                blank = blank or line
            elif blank:
                message = f"{path}, line {blank}: expected a row, found a blank line before the end of the file"
                raise DataError(message)
            elif width and len(cells) != width:
                message = f"{path}, line {line}: expected {width} cells as in the first row, found {len(cells)}"
                raise DataError(message)
            else:
                width = len(cells)
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"{path}, line {line}: {error}"
        raise DataError(message) from error
    if not width:
        message = f"{path}: expected a table, found an empty file"
        raise DataError(message)
