"""Files are whole or not there."""

import hashlib
from pathlib import Path

import pytest

from stgraph.errors import DataError
from stgraph.files import check_folder, sha256, written_whole


def fail_halfway(target: Path) -> None:
    with written_whole(target) as temporary:
        temporary.write_text("half")
        message = "the disk is full"
        raise OSError(message)


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.csv"
    with written_whole(target) as temporary:
        temporary.write_text("old")
        assert not target.exists()
    with pytest.raises(OSError, match="disk is full"):
        fail_halfway(target)
    assert target.read_text() == "old"
    assert [p.name for p in target.parent.iterdir()] == ["a.csv"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file/a\.txt: cannot be written"), written_whole(tmp_path / "file" / "a.txt"):
        pass


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc" * 100_000)
    assert sha256(tmp_path / "x") == hashlib.sha256(b"abc" * 100_000).hexdigest()


def test_a_folder_is_checked_before_the_work_and_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_folder(tmp_path / "new" / "run") == tmp_path / "new" / "run"
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="file is a file"):
        check_folder(tmp_path / "file" / "run")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(DataError, match="may not be written to"):
        check_folder(tmp_path / "new")
