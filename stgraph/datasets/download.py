"""One file from one address: what was cut off goes on, and only the right bytes take the place of the file."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stgraph.datasets.digests import digest_of
from stgraph.errors import DataError
from stgraph.files import sha256

if TYPE_CHECKING:
    from requests import Response

TRIES = 3
CHUNK = 1 << 16
TIMEOUT = 30
"""Seconds without a byte after which a connection counts as cut."""
NOT_SATISFIABLE = 416


def download(url: str, target: Path, *, digest: str = "", progress: bool = False) -> str:
    """Fetch a file whole, and return its SHA-256.

    Its bytes gather in a hidden file beside `target`, named after the address, which takes its place when all have
    come and are right. What was cut off goes on where it was (HTTP ranges, RFC 9110, section 14), at once or in a later
    call, if a digest can tell afterwards that both parts belong together; else it begins anew.

    Args:
        url: http or https.
        target: the file to write.
        digest: what the bytes must have, see `digest_of`; empty = unknown.
        progress: draw a bar.

    Raises:
        DataError: the address gives an error, other bytes, or not all of them; or the disk does not take them.
    """
    partial = target.with_name(f".{target.name}.{hashlib.sha256(url.encode()).hexdigest()[:8]}.part")
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        _gather(url, partial, resumable=bool(digest), progress=progress)
        found = digest_of(partial, digest.partition(":")[0]) if digest else ""
        if found != digest:
            partial.unlink()
            message = f"{url}: expected the digest {digest}, found {found}: what came was removed"
            raise DataError(message)
        sha = sha256(partial)
        partial.replace(target)
    except OSError as error:
        message = f"{target}: cannot be written ({error.strerror or error})"
        raise DataError(message) from error
    return sha


def _gather(url: str, partial: Path, *, resumable: bool, progress: bool) -> None:
    """Append to a partial file until it is complete, as long as each try brings more."""
    from requests import HTTPError, RequestException  # noqa: PLC0415 - heavy, for downloads alone

    if not resumable:
        partial.unlink(missing_ok=True)
    for left in reversed(range(TRIES)):
        before = partial.stat().st_size if partial.exists() else 0
        try:
            _ask(url, partial, before, progress=progress)
        except HTTPError as error:
            if getattr(error.response, "status_code", 0) == NOT_SATISFIABLE and before and left:
                partial.unlink()  # not shorter than the file, and yet other bytes than it has
                continue
            if not before:
                partial.unlink()
            raise DataError(str(error)) from error
        except RequestException as error:
            now = partial.stat().st_size
            if resumable and left and now > before:
                continue
            kept = f"; {now:,} bytes are kept, fetch again to go on" if resumable and now else ""
            if not kept:
                partial.unlink()
            message = f"{url}: cut off, or not reached at all ({type(error).__name__}){kept}"
            raise DataError(message) from error
        return


def _ask(url: str, partial: Path, begin: int, *, progress: bool) -> None:
    """Ask for the bytes from `begin` on, and write from there; a server that knows no ranges sends all of them."""
    from pooch import HTTPDownloader  # noqa: PLC0415 - heavy, for downloads alone

    with partial.open("ab") as file:

        def arrived(response: "Response", **_: Any) -> None:  # noqa: ANN401 - what requests hands over
            ranged = response.headers.get("Content-Range", "").startswith(f"bytes {begin}-")
            if response.ok and not response.is_redirect and not ranged:
                file.truncate(0)
                if response.status_code == 206:
                    message = f"{url}: expected the bytes from {begin} on, found {response.headers['Content-Range']}"
                    raise DataError(message)

        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begin}-"} if begin else {})
        ask = HTTPDownloader(
            progressbar=progress, chunk_size=CHUNK, timeout=TIMEOUT, headers=headers, hooks={"response": arrived}
        )
        ask(url, file, None)
