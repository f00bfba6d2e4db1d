"""What addresses gave, beside the data."""

from pathlib import Path

import pytest

from stgraph.datasets.seen import NAME, read_seen, record_seen
from stgraph.errors import DataError


def test_what_is_recorded_comes_back_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert read_seen(folder) == {}
    record_seen(folder, "https://a", "00")
    record_seen(folder, "https://b", "11")
    assert read_seen(folder) == {"https://a": "00", "https://b": "11"}
    assert [path.name for path in folder.iterdir()] == [NAME]


@pytest.mark.parametrize("content", ["{", "[1]", '{"https://a": 1}'])
def test_a_damaged_record_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(content)
    with pytest.raises(DataError, match=NAME):
        read_seen(tmp_path)
    with pytest.raises(DataError, match=NAME):
        record_seen(tmp_path, "https://a", "00")
