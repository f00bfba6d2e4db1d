"""Files: written whole or not at all, their SHA-256, and which of their cells are numbers."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stgraph.errors import DataError


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary file beside `path`; on leaving without an error it takes the place of `path`.

    Raises:
        DataError: the folder cannot be made or written to.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with written_whole(Path(folder) / "a.txt") as temporary:
    ...         _ = temporary.write_text("whole")
    ...     (Path(folder) / "a.txt").read_text()
    'whole'
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".tmp-", suffix="".join(target.suffixes[-2:]))
    except OSError as error:
        message = f"{target}: cannot be written ({error.strerror})"
        raise DataError(message) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def check_folder(path: str | Path) -> Path:
    """Return a folder that can be made and written to, without making it: ask before hours of work, not after.

    Raises:
        DataError: a part of the path is a file, or may not be written to.
    """
    folder = Path(path)
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        message = f"{folder}: expected a folder, but {there} is a file"
        raise DataError(message)
    if not os.access(there, os.W_OK | os.X_OK):
        message = f"{folder}: {there} may not be written to"
        raise DataError(message)
    return folder


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_number(cell: str) -> bool:
    """Tell whether the text of a cell reads as a number.

    >>> is_number("64.4"), is_number("oops")
    (True, False)
    """
    try:
        float(cell)
    except ValueError:
        return False
    return True
