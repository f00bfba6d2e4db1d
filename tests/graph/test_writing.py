from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.graph import SensorGraph, is_labelled, read_adjacency, write_adjacency
from tests.graph.strategies import graphs

PLAIN_IDS = st.lists(st.text("abcdefgh0123456789 ,\"'-", max_size=6), min_size=9, max_size=9)


@given(graphs(), PLAIN_IDS)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, graph: SensorGraph, words: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("written")
    ids = [f"{word}/{n}" for n, word in enumerate(words[: len(graph)])]
    ids = [name.strip() for name in ids]
    named = SensorGraph(ids, graph.adjacency, graph.positions)
    for name in ("a.npz", "a.csv"):
        assert is_labelled(write_adjacency(named, folder / name))
    assert read_adjacency(folder / "a.npz").digest() == named.digest()
    assert read_adjacency(folder / "a.csv").digest() == SensorGraph(ids, graph.adjacency).digest()


def test_scipy_reads_an_archive_too(tmp_path: Path) -> None:
    graph = SensorGraph("abc", np.array([[0, 1, 0], [0, 0, 0.1], [0, 0, 7]]))
    write_adjacency(graph, tmp_path / "a.npz")
    np.testing.assert_array_equal(sp.load_npz(tmp_path / "a.npz").toarray(), graph.adjacency.toarray())


def test_a_csv_is_legible(tmp_path: Path) -> None:
    path = write_adjacency(SensorGraph(("7", "8"), np.array([[1, 0.5], [0, 0]])), tmp_path / "a.csv")
    assert path.read_text().splitlines() == [",7,8", "7,1,0.5", "8,0,0"]


@pytest.mark.parametrize("name", ["a.pkl", "a.npy", "a"])
def test_another_ending_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"{name}: expected a name ending in .csv or .npz"):
        write_adjacency(SensorGraph("a", [[0]]), tmp_path / name)
    assert not list(tmp_path.iterdir())
