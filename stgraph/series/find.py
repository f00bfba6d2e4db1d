"""The files that paths name: files themselves, folders, and patterns."""

from collections.abc import Sequence
from pathlib import Path

from stgraph.errors import DataError

Paths = str | Path | Sequence[str | Path]


def find_files(paths: Paths, part: str) -> list[Path]:
    """Return the files that paths name, those of a folder or a pattern sorted by name.

    Args:
        paths: a file, a folder, a pattern such as ``"pems/d07_*_2025_10_*.txt.gz"``, or a list of them.
        part: of the name of every file that is taken from a folder, such as ``"_text_station_5min_"``.

    Raises:
        DataError: a folder without such a file, a pattern that no file fits, or no path at all.
    """
    files: list[Path] = []
    for path in [paths] if isinstance(paths, str | Path) else paths:
        place = Path(path)
        found = [place]
        if place.is_dir():
            found = sorted(file for file in place.iterdir() if part in file.name)
        elif not place.exists() and any(sign in place.name for sign in "*?["):
            found = sorted(place.parent.glob(place.name))
        if not found:
            message = f"{path}: expected a folder with files named ...{part}..., or a pattern that some fit, found none"
            raise DataError(message)
        files += found
    if not files:
        message = "expected the path of at least one file, found none"
        raise DataError(message)
    return files
