"""Digests against known answers."""

from pathlib import Path

import pytest

from stgraph.datasets.digests import digest_of
from stgraph.errors import DataError

KNOWN = {
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",  # FIPS 180-4, "abc"
    "md5": "900150983cd24fb0d6963f7d28e17f72",  # RFC 1321, "abc"
    "git": "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f",  # printf abc | git hash-object --stdin
}


@pytest.mark.parametrize("kind", KNOWN)
def test_the_known_answers(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert digest_of(tmp_path / "a", kind) == f"{kind}:{KNOWN[kind]}"


def test_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected one of sha256, md5, git, found 'crc'"):
        digest_of(tmp_path / "a", "crc")
