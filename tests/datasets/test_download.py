"""Downloads: resumed, begun anew where they must be, and never wrong bytes under the name of the file."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stgraph.datasets.download import CHUNK, TRIES, download
from stgraph.errors import DataError
from tests.datasets.conftest import Site

BYTES = np.random.default_rng(1).bytes(5 * CHUNK + 123)
SHA = hashlib.sha256(BYTES).hexdigest()
DIGEST = f"sha256:{SHA}"
CUT = 3 * CHUNK


def partials(folder: Path) -> list[Path]:
    return list(folder.glob(".*.part"))


@pytest.mark.parametrize("digest", ["", DIGEST, f"md5:{hashlib.md5(BYTES).hexdigest()}"])  # noqa: S324 - a known digest
def test_a_file_comes_whole_and_leaves_nothing_beside_it(digest: str, site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"] = BYTES
    site.moved["/old"] = "/a.h5"
    target = tmp_path / "new" / "a.h5"
    assert download(site.url("/old"), target, digest=digest) == SHA
    assert target.read_bytes() == BYTES
    assert list(target.parent.iterdir()) == [target]


def test_a_cut_connection_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"], site.cut_after = BYTES, [CUT]
    download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    assert (tmp_path / "a.h5").read_bytes() == BYTES
    assert site.asked == [("/a.h5", None), ("/a.h5", f"bytes={CUT}-")]


def test_a_later_call_goes_on_too(site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"], site.cut_after = BYTES, [CHUNK] * TRIES
    with pytest.raises(DataError, match=rf"cut off.* {TRIES * CHUNK:,} bytes are kept, fetch again to go on"):
        download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    assert not (tmp_path / "a.h5").exists()
    assert partials(tmp_path)
    download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    assert (tmp_path / "a.h5").read_bytes() == BYTES
    assert site.asked[-1] == ("/a.h5", f"bytes={TRIES * CHUNK}-")
    assert not partials(tmp_path)


def test_a_server_that_is_busy_costs_nothing_of_what_came_before(site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"], site.cut_after = BYTES, [CHUNK] * TRIES
    for busy, message in ((0, "cut off"), (1, "503")):
        site.busy = busy
        with pytest.raises(DataError, match=message):
            download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    assert site.asked[-1] == ("/a.h5", f"bytes={TRIES * CHUNK}-")


def test_a_server_without_ranges_sends_all_of_it_again(site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"], site.cut_after, site.ranges = BYTES, [CUT], False
    download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    assert (tmp_path / "a.h5").read_bytes() == BYTES
    assert len(site.asked) == 2


def test_without_a_digest_nothing_is_put_together(site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"], site.cut_after = BYTES, [CUT]
    with pytest.raises(DataError, match="cut off, or not reached at all"):
        download(site.url("/a.h5"), tmp_path / "a.h5")
    download(site.url("/a.h5"), tmp_path / "a.h5")
    assert (tmp_path / "a.h5").read_bytes() == BYTES
    assert site.asked == [("/a.h5", None)] * 2


def test_wrong_bytes_are_removed_and_what_was_there_stays(site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"] = b"<html>please log in</html>"
    (tmp_path / "a.h5").write_bytes(b"old")
    with pytest.raises(DataError, match=f"expected the digest {DIGEST}, found sha256:"):
        download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.h5", b"old")]


def test_a_partial_file_that_is_too_long_is_begun_anew(site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"], site.cut_after = BYTES, [CHUNK] * TRIES
    with pytest.raises(DataError):
        download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    partials(tmp_path)[0].write_bytes(bytes(len(BYTES) + 1))
    download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    assert (tmp_path / "a.h5").read_bytes() == BYTES


def test_another_range_than_was_asked_for_is_refused(site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"], site.cut_after, site.shift = BYTES, [CUT], 7
    with pytest.raises(DataError, match=f"expected the bytes from {CUT} on, found bytes {CUT + 7}-"):
        download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    site.shift = 0
    download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    assert (tmp_path / "a.h5").read_bytes() == BYTES


def test_two_addresses_do_not_share_a_partial_file(site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"] = site.files["/b.h5"] = BYTES
    site.cut_after = [CHUNK] * TRIES
    with pytest.raises(DataError):
        download(site.url("/a.h5"), tmp_path / "a.h5", digest=DIGEST)
    download(site.url("/b.h5"), tmp_path / "a.h5", digest=DIGEST)
    assert site.asked[-1] == ("/b.h5", None)


@pytest.mark.parametrize(("path", "message"), [("/no", "404"), (":1/", "not reached at all")])
def test_what_is_not_there_is_one_error(path: str, message: str, site: Site, tmp_path: Path) -> None:
    url = site.url(path) if message == "404" else f"http://127.0.0.1{path}"
    with pytest.raises(DataError, match=message):
        download(url, tmp_path / "a.h5", digest=DIGEST)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_nothing_is_named(site: Site, tmp_path: Path) -> None:
    site.files["/a.h5"] = BYTES
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file/a\.h5: cannot be written"):
        download(site.url("/a.h5"), tmp_path / "file" / "a.h5", digest=DIGEST)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(BYTES)), max_size=6), ranges=st.booleans())
def test_however_often_it_is_cut_the_file_is_right_or_not_there(
    cuts: list[int], ranges: bool, site: Site, tmp_path: Path
) -> None:
    site.files["/a.h5"], site.cut_after, site.ranges = BYTES, list(cuts), ranges
    target = tmp_path / "a.h5"
    target.unlink(missing_ok=True)
    for _ in range(len(cuts) + 1):
        try:
            download(site.url("/a.h5"), target, digest=DIGEST)
            break
        except DataError:
            assert not target.exists()
    assert target.read_bytes() == BYTES
