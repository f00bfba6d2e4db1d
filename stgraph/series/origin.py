"""What a series was read from, as one SHA-256: by it a run knows its series again."""

import hashlib
from pathlib import Path

from stgraph.files import sha256
from stgraph.series.find import find_files
from stgraph.series.pems import STATION_FILE
from stgraph.series.store import is_store, store_sha256


def source_sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file, of a store, or of the names and bytes of the station files in a folder of PeMS.

    That of a store is of what is in it: two stores made of the same have the same, see `store_sha256`.

    Raises:
        DataError: a store that was altered, or a folder without a series.
        OSError: a file that cannot be read.
    """
    place = Path(path)
    if is_store(place):
        return store_sha256(place)
    if place.is_dir():
        lines = [f"{file.name} {sha256(file)}\n" for file in find_files(place, STATION_FILE)]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    return sha256(place)
