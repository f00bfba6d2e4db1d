"""Numbers as people write them: with a decimal point or a decimal comma, thousands apart; one way in a whole file."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from stgraph.errors import DataError
from stgraph.files import is_number

EMPTY = frozenset({"", "nan", "na", "n/a", "#n/a", "n.a.", "null", "none", "-", "--"})
Style = Literal["point", "comma"]
ReadNumbers = Callable[[Sequence[str], Sequence[str], str], list[float]]
"""Returns the numbers in the cells of a row, given the names of their columns and the place of the row."""

_WRITTEN = r"[+-]?(?=[{mark}]?\d)(?:\d+|[1-9]\d{{0,2}}(?:[{apart}]\d{{3}})+)?(?:[{mark}]\d*)?(?:[eE][+-]?\d+)?"
_FORMS: dict[Style, re.Pattern[str]] = {
    "point": re.compile(_WRITTEN.format(mark=".", apart=","), flags=re.ASCII),
    "comma": re.compile(_WRITTEN.format(mark=",", apart="."), flags=re.ASCII),
}
_SIGNS: dict[Style, dict[int, str | None]] = {
    "point": {ord(","): None},
    "comma": {ord("."): None, ord(","): "."},
}


class CommaInNumberError(DataError):
    """A number with a comma: what it means, only the whole file tells."""


def looks_numeric(cell: str) -> bool:
    """Return whether a text is a number in one of the two ways.

    >>> looks_numeric("61,5"), looks_numeric("1.234,5"), looks_numeric("1,23,4")
    (True, True, False)
    """
    return bool(is_number(cell) or _read(cell, "point") or _read(cell, "comma"))


def plain_numbers(cells: Sequence[str], names: Sequence[str], place: str) -> list[float]:
    """Return numbers with a decimal point and without thousands apart, NaN where a cell is empty.

    Raises:
        CommaInNumberError: a number that has a comma.
        DataError: a cell that is no number; names its column.
    """
    text = "".join(cells)
    if "_" not in text and text.isascii():  # Python takes 1_0 and the digits of other scripts for numbers
        try:
            return [float(cell or "nan") for cell in cells]
        except ValueError:
            pass
    return [_number(cell, name, place) for cell, name in zip(cells, names, strict=True)]


@dataclass
class Evidence:
    """Reads nothing, but finds out which of the two ways the numbers of a file are written in.

    Args:
        found: for each way a place and a cell that fit no other.
        open: a place and a cell that fit both, with other values.
    """

    found: dict[Style, tuple[str, str]] = field(default_factory=dict)
    open: tuple[str, str] | None = None

    def __call__(self, cells: Sequence[str], names: Sequence[str], place: str) -> list[float]:
        """Look at the cells of a row."""
        for cell, name in zip(cells, names, strict=True):
            if "," in cell or "." in cell:
                self._look(cell.strip(), f"{place}, column {name!r}")
        return [float("nan")] * len(cells)

    def _look(self, cell: str, place: str) -> None:
        point, comma = _read(cell, "point"), _read(cell, "comma")
        if point is not None and comma is not None:
            self.open = self.open or ((place, cell) if point != comma else None)
        elif point is not None or comma is not None:
            self.found.setdefault("comma" if point is None else "point", (place, cell))

    def style(self) -> Style:
        """Return the way that fits every number.

        Raises:
            DataError: numbers of both ways, or none that fits one way alone.

        >>> seen = Evidence()
        >>> _ = seen(["61,5", "1.234"], ["a", "b"], "line 2")
        >>> seen.style()
        'comma'
        """
        if len(self.found) == 1:
            return next(iter(self.found))
        if self.found:
            (_, first), (place, cell) = self.found.values()
            message = f"{place}: found {cell!r}, but {first!r} above it: expected a point or a comma before decimals"
            raise DataError(message)
        place, cell = self.open or ("the file", "")
        message = f"{place}: {cell!r} may be a number with decimals or thousands apart, and no other cell settles it"
        raise DataError(message)


def numbers_in(style: Style) -> ReadNumbers:
    """Return what reads numbers that are written in one way."""

    def read(cells: Sequence[str], names: Sequence[str], place: str) -> list[float]:
        text = "".join(cells)
        if "," not in text and "." not in text:
            return plain_numbers(cells, names, place)
        found = []
        for cell, name in zip(cells, names, strict=True):
            number = _read(cell.strip(), style)
            found.append(_number(cell, name, place) if number is None else number)
        return found

    return read


def _read(cell: str, style: Style) -> float | None:
    """Return a number written in one way, None where it is not."""
    return float(cell.translate(_SIGNS[style])) if _FORMS[style].fullmatch(cell) else None


def _number(cell: str, name: str, place: str) -> float:
    text = cell.strip()
    if text.lower() in EMPTY:
        return float("nan")
    if text.isascii() and "_" not in text and is_number(text):
        return float(text)
    message = f"{place}, column {name!r}: expected a number or an empty cell, found {cell!r}"
    if "," in text and (_FORMS["point"].fullmatch(text) or _FORMS["comma"].fullmatch(text)):
        raise CommaInNumberError(message)
    raise DataError(message)
