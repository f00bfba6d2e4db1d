"""How far a reading of long files is: a bar on standard error, only where one is asked for."""

from collections.abc import Iterable, Iterator, Sized
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress


class Piece(Protocol):
    """Some rows of a file."""

    @property
    def lines(self) -> Sized:
        """One a row."""
        ...

    @property
    def source(self) -> str:
        """What names the file."""
        ...


P = TypeVar("P", bound=Piece)
R = TypeVar("R", bound=Sized)


class Bar:
    """Two bars, one of files that are read and one of rows that are stored; where not shown, it does nothing.

    Args:
        files: how many will be read.
        shown: draw it, where standard error is a terminal.
    """

    def __init__(self, files: int, *, shown: bool) -> None:
        self.files = files
        self._progress = _progress() if shown else None

    def __enter__(self) -> Self:
        """Begin to draw."""
        shown: AbstractContextManager[object] = self._progress or nullcontext()
        shown.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Take it away."""
        if self._progress is not None:
            self._progress.stop()

    def reading(self, pieces: Iterable[P]) -> Iterator[P]:
        """Pass pieces on, and count the files whose last one is through."""
        if self._progress is None:
            yield from pieces
            return
        task, rows, sources = self._progress.add_task("reading", total=self.files, rows=""), 0, set[str]()
        for piece in pieces:
            rows += len(piece.lines)
            sources.add(piece.source)
            self._progress.update(task, completed=len(sources) - 1, rows=f"{rows:,} rows")
            yield piece
        self._progress.update(task, completed=self.files)

    def storing(self, parts: Iterable[R], total: int) -> Iterator[R]:
        """Pass parts on, and count their rows."""
        if self._progress is None:
            yield from parts
            return
        task = self._progress.add_task("storing", total=total, rows=f"{total:,} rows")
        for part in parts:
            yield part
            self._progress.advance(task, len(part))


def _progress() -> "Progress":
    from rich.console import Console  # noqa: PLC0415 - only what draws needs it
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - likewise

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]}"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
