"""Where data is looked for."""

from pathlib import Path

import pooch
import pytest

from stgraph.datasets.catalogue import find_dataset
from stgraph.datasets.places import data_folder, locate, require
from stgraph.errors import DataError
from tests.datasets.tiny import write_los_loop, write_text


def test_what_is_given_goes_before_the_variable_and_that_before_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STGRAPH_DATA", raising=False)
    assert data_folder() == pooch.os_cache("stgraph")
    monkeypatch.setenv("STGRAPH_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    assert data_folder("elsewhere") == Path("elsewhere")


def test_the_own_place_of_a_file_goes_before_the_others(tmp_path: Path) -> None:
    facts = find_dataset("los-loop").facts
    assert locate(facts, tmp_path) == {}
    write_los_loop(tmp_path)
    assert locate(facts, tmp_path)["series"] == tmp_path / "metr-la" / "los_speed.csv"
    own = write_text(tmp_path / "los-loop" / "los_speed.csv", "a\n")
    assert require(facts, tmp_path)["series"] == own


def test_what_is_missing_is_one_error(tmp_path: Path) -> None:
    write_los_loop(tmp_path)
    (tmp_path / "metr-la" / "los_adj.csv").unlink()
    with pytest.raises(DataError) as error:
        require(find_dataset("los-loop").facts, tmp_path)
    assert str(error.value) == (
        f"los-loop: files are missing in {tmp_path}: get them with `stgraph data fetch los-loop`, or say with "
        "$STGRAPH_DATA or --data-dir where they are; "
        "looked for adjacency (los-loop/los_adj.csv or metr-la/los_adj.csv or los_adj.csv)"
    )
