from pathlib import Path

import pytest

from stgraph.errors import DataError
from stgraph.series.find import find_files


def test_files_folders_and_patterns(tmp_path: Path) -> None:
    names = ["b_day_1.txt", "a_day_2.txt", "a_meta.txt", "a[1].txt"]
    for name in names:
        (tmp_path / name).touch()
    first, second, meta, odd = (tmp_path / name for name in names)
    assert find_files(tmp_path, "_day_") == [second, first]
    assert find_files(str(tmp_path / "*_day_?.txt"), "x") == [second, first]
    assert find_files([meta, tmp_path], "_day_") == [meta, second, first]
    assert find_files(odd, "x") == [odd], "a file with the signs of a pattern in its name"
    assert find_files(tmp_path / "absent.txt", "x") == [tmp_path / "absent.txt"], "whoever reads it says so"


@pytest.mark.parametrize(("path", "words"), [(".", "a folder with files named ...x..."), ("*.csv", "or a pattern")])
def test_nothing_found_is_an_error(path: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=words):
        find_files(tmp_path / path, "x")
    with pytest.raises(DataError, match="at least one file"):
        find_files([], "x")
