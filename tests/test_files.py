"""Files are whole or not there."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from stgraph.errors import DataError
from stgraph.files import (
    check_folder,
    check_table,
    sha256,
    write_table,
    written_folder,
    written_together,
    written_whole,
)


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let the operating system itself refuse to write more than so many bytes of a file, as a full disk does."""
    resource = pytest.importorskip("resource", reason="needs POSIX limits")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fail_halfway(target: Path) -> None:
    with written_whole(target) as temporary:
        temporary.write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.csv"
    with written_whole(target) as temporary:
        temporary.write_text("old")
        assert not target.exists()
    with pytest.raises(DataError, match=r"a\.csv: cannot be written \(No space left on device\)"):
        fail_halfway(target)
    assert target.read_text() == "old"
    assert [p.name for p in target.parent.iterdir()] == ["a.csv"]


def test_what_the_system_refuses_to_write_is_named_whoever_writes(tmp_path: Path) -> None:
    target = tmp_path / "a.safetensors"
    target.write_text("old")
    with files_no_larger_than(1000):
        with pytest.raises(DataError, match=r"a\.safetensors: cannot be written \(File too large\)"):
            overwrite(target)
        with (
            pytest.raises(DataError, match=r"a\.safetensors: cannot be written \(.*File too large"),
            written_whole(target) as temporary,
        ):
            save_file({"x": torch.zeros(1000)}, temporary)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


def overwrite(target: Path) -> None:
    with written_whole(target) as temporary:
        temporary.write_bytes(b"x" * 2000)


def test_files_written_together_are_all_there_or_none(tmp_path: Path) -> None:
    pair = (tmp_path / "a", tmp_path / "b")
    with written_together(*pair) as temporaries:
        for temporary in temporaries:
            temporary.write_text("old")
        assert not any(path.exists() for path in pair)
    refusal = pytest.raises(DataError, match=r"/a and .*/b: cannot be written \(File too large\)")
    with files_no_larger_than(1000), refusal, written_together(*pair) as both:
        for temporary, size in zip(both, (10, 2000), strict=True):
            temporary.write_bytes(b"x" * size)
    assert [path.read_text() for path in pair] == ["old", "old"]
    assert sorted(tmp_path.iterdir()) == sorted(pair)


def test_an_error_that_is_no_failed_writing_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), written_whole(tmp_path / "a"):
        _ = 1 / 0
    assert not list(tmp_path.iterdir())


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


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_a_table_is_written_and_read_back(tmp_path: Path, name: str) -> None:
    table = pd.DataFrame({"sensor": ["a", "b"], "value": [1.5, 2.25]})
    path = write_table(table, tmp_path / "new" / name)
    again = pd.read_parquet(path) if name.endswith("parquet") else pd.read_csv(path)
    pd.testing.assert_frame_equal(again, table, check_dtype=False)
    assert [p.name for p in path.parent.iterdir()] == [name]


def test_a_table_of_another_form_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"t\.xlsx: expected a name ending in \.csv"):
        check_table(tmp_path / "new" / "t.xlsx")
    assert not (tmp_path / "new").exists()


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "store"
    with written_folder(target) as temporary:
        (temporary / "a.txt").write_text("whole")
        assert not target.exists()
    assert (target / "a.txt").read_text() == "whole"
    with pytest.raises(DataError, match="store: expected a folder that is not there yet or empty"):
        enter(target)
    with pytest.raises(KeyboardInterrupt):
        enter(tmp_path / "deep" / "other", KeyboardInterrupt())
    with pytest.raises(DataError, match=r"other: cannot be written \(No space left on device\)"):
        enter(tmp_path / "deep" / "other", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert [p.name for p in target.parent.iterdir()] == ["store"]
    (tmp_path / "empty").mkdir()
    with written_folder(tmp_path / "empty") as temporary:
        (temporary / "a.txt").write_text("whole")
    assert (tmp_path / "empty" / "a.txt").exists()


def enter(target: Path, error: BaseException | None = None) -> None:
    with written_folder(target) as temporary:
        (temporary / "a.txt").write_text("half")
        if error is not None:
            raise error
