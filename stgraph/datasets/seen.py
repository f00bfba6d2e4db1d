"""The SHA-256 of what each address gave first: kept beside the data, so that it can give nothing else later."""

import json
from pathlib import Path

from stgraph.errors import DataError
from stgraph.files import read_json, written_whole

NAME = "seen.json"


def read_seen(folder: Path) -> dict[str, str]:
    """Return the SHA-256 that each address gave, as recorded in a data folder.

    Raises:
        DataError: the record cannot be read.
    """
    record = folder / NAME
    seen = read_json(record, "expected a record of what was seen") if record.exists() else {}
    if not isinstance(seen, dict) or not all(isinstance(sha, str) for sha in seen.values()):
        message = f"{record}: expected a SHA-256 for each address, found other content"
        raise DataError(message)
    return seen


def record_seen(folder: Path, url: str, sha256: str) -> None:
    """Record what an address gave.

    Raises:
        DataError: the record cannot be read or written.
    """
    seen = read_seen(folder) | {url: sha256}
    with written_whole(folder / NAME) as temporary:
        temporary.write_text(json.dumps(seen, indent=1, sort_keys=True) + "\n", encoding="utf-8")
