from pathlib import Path

import pytest

from stgraph.errors import DataError
from stgraph.files import sha256
from stgraph.series import source_sha256, store_files
from tests.series.pems_world import day_lines, write_day


def test_a_file_a_folder_and_a_store_each_have_one(tmp_path: Path) -> None:
    path = write_day(tmp_path, day_lines(steps=3))
    assert source_sha256(path) == sha256(path)
    folder = source_sha256(tmp_path)
    (tmp_path / "notes.txt").write_text("not part of it")
    assert source_sha256(tmp_path) == folder
    write_day(tmp_path, day_lines("2025-10-09", steps=3), "2025-10-09")
    assert source_sha256(tmp_path) != folder
    first, second = tmp_path / "a", tmp_path / "b"
    for place in (first, second):
        store_files(path, place)
    assert source_sha256(first) == source_sha256(second)
    (first / "values.npy").write_bytes(b"")
    with pytest.raises(DataError, match=r"values\.npy: expected .* bytes, found 0"):
        source_sha256(first)
