"""Digests of files, by which bytes are known: SHA-256, MD5, and the ids under which Git keeps files."""

import hashlib
from pathlib import Path

from stgraph.errors import DataError
from stgraph.files import sha256

CHUNK = 1 << 20
LENGTHS = {"sha256": 64, "md5": 32, "git": 40}
"""How many hexadecimal digits a digest of each kind has."""


def digest_of(path: Path, kind: str) -> str:
    """Return the digest of a file as ``kind:hexadecimal``.

    Git's is the SHA-1 of ``blob``, the size and a zero byte before the bytes themselves
    (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects): a list of the files in a public repository tells it.

    Args:
        path: the file.
        kind: ``"sha256"``, ``"md5"`` or ``"git"``.

    Raises:
        DataError: another kind.
    """
    if kind not in LENGTHS:
        message = f"digest: expected one of {', '.join(LENGTHS)}, found {kind!r}"
        raise DataError(message)
    if kind == "sha256":
        return f"sha256:{sha256(path)}"
    hashed = hashlib.new("sha1" if kind == "git" else "md5", usedforsecurity=False)
    if kind == "git":
        hashed.update(f"blob {path.stat().st_size}\0".encode())
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            hashed.update(chunk)
    return f"{kind}:{hashed.hexdigest()}"
