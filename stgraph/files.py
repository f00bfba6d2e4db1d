"""Files: written whole or not at all, tables among them, their SHA-256, and which of their cells are numbers."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stgraph.errors import DataError, StgraphError

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary file beside `path`; on leaving without an error it takes the place of `path`.

    Raises:
        DataError: the folder cannot be made or written to, or the disk is full; what was there before still is.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with written_whole(Path(folder) / "a.txt") as temporary:
    ...         _ = temporary.write_text("whole")
    ...     (Path(folder) / "a.txt").read_text()
    'whole'
    """
    with written_together(path) as (temporary,):
        yield temporary


@contextmanager
def written_together(*paths: str | Path) -> Iterator[tuple[Path, ...]]:
    """Give temporary files beside `paths`; none takes its place before all are whole and on the disk.

    Raises:
        DataError: a folder cannot be made or written to, or the disk is full; what was there before still is.
    """
    targets = [Path(path) for path in paths]
    temporaries: list[Path] = []
    try:
        temporaries.extend(map(_temporary_beside, targets))
        yield tuple(temporaries)
        for temporary in temporaries:
            _settle(temporary)
        for temporary, target in zip(temporaries, targets, strict=True):
            temporary.replace(target)
    except _failures() as error:
        message = f"{' and '.join(map(str, targets))}: cannot be written ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error
    finally:
        for temporary in temporaries:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextmanager
def written_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`; on leaving without an error it takes the name of `path`, all of it.

    Raises:
        DataError: there is something of that name already, the folder cannot be made or written to, or the disk is
            full; nothing of that name is left then.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with written_folder(Path(folder) / "store") as temporary:
    ...         _ = (temporary / "a.txt").write_text("whole")
    ...     [file.name for file in (Path(folder) / "store").iterdir()]
    ['a.txt']
    """
    target = check_vacant(path)
    temporary = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".tmp-"))
        yield temporary
        for file in temporary.iterdir():
            _settle(file)
        temporary.chmod(0o755)
        if target.exists():
            target.rmdir()  # an empty folder, which not every system lets another take the place of
        temporary.rename(target)
    except _failures() as error:
        message = f"{target}: cannot be written ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def check_vacant(path: str | Path) -> Path:
    """Return a folder that can be made or is empty: ask before hours of work, not after.

    Raises:
        DataError: it holds something, a part of the path is a file, or may not be written to.
    """
    folder = check_folder(path)
    if folder.exists() and any(folder.iterdir()):
        message = f"{folder}: expected a folder that is not there yet or empty, found one that holds files"
        raise DataError(message)
    return folder


def _temporary_beside(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".tmp-", suffix="".join(target.suffixes[-2:]))
    os.close(handle)
    return Path(name)


def _settle(path: Path) -> None:
    """Wait until the bytes of a file are on the disk: a full network disk may say so only now."""
    path.chmod(0o644)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _failures() -> tuple[type[Exception], ...]:
    """Return what a failed writing raises: safetensors does not speak of it as an OSError."""
    from safetensors import SafetensorError  # noqa: PLC0415 - a heavy library, wanted only after an error

    return OSError, SafetensorError


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


def check_table(path: str | Path) -> Path:
    """Return the path of a table that `write_table` can write: ask before hours of work, not after.

    Raises:
        DataError: the file name ends in something else, or the folder cannot be written to.
    """
    target = Path(path)
    if not target.name.endswith((".csv", ".csv.gz", ".parquet")):
        message = f"{target}: expected a name ending in .csv, .csv.gz or .parquet"
        raise DataError(message)
    try:
        check_folder(target.parent)
    except DataError as error:
        message = f"{target}: cannot be written ({error})"
        raise DataError(message) from error
    return target


def write_table(table: "pd.DataFrame", path: str | Path) -> Path:
    """Write a table as CSV (``.csv``, ``.csv.gz``) or Parquet (``.parquet``), whole or not at all.

    Raises:
        DataError: the file name ends in something else, or the file cannot be written.
    """
    target = check_table(path)
    with written_whole(target) as temporary:
        if target.suffix == ".parquet":
            table.to_parquet(temporary, index=False)
        else:
            table.to_csv(temporary, index=False, float_format="%.6g")
    return target


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


def read_json(path: Path, absent: str, error: type[StgraphError] = DataError) -> Any:  # noqa: ANN401 - whatever it holds
    """Return what a JSON file holds.

    Args:
        path: the file.
        absent: what to say where there is none.
        error: of which kind errors are.

    Raises:
        StgraphError: of that kind: there is no such file, or it is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as reason:
        message = f"{path}: not found; {absent}"
        raise error(message) from reason
    except (OSError, ValueError, RecursionError) as reason:
        message = f"{path}: not readable as JSON ({getattr(reason, 'strerror', None) or reason})"
        raise error(message) from reason
