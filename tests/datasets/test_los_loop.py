"""LOS-loop: a table without times and a matrix in its order."""

from pathlib import Path

import numpy as np
import pytest

from stgraph.datasets import load
from stgraph.errors import MismatchError
from tests.datasets.tiny import IDS, numbers, write_los_loop, write_text


def test_it_is_found_among_the_files_of_metr_la(tmp_path: Path) -> None:
    write_los_loop(tmp_path)
    dataset = load("los-loop", tmp_path)
    np.testing.assert_allclose(dataset.series.values[:, :, 0], numbers(6, 3), rtol=1e-6)
    assert dataset.series.observed.all()
    assert dataset.graph.ids == tuple(IDS)
    assert str(dataset.series.times[1]).startswith("2012-03-01T00:05")


def test_a_matrix_of_another_size_is_named(tmp_path: Path) -> None:
    write_los_loop(tmp_path)
    write_text(tmp_path / "metr-la" / "los_adj.csv", "1,0\n0,1\n")
    with pytest.raises(MismatchError, match=r"los_adj\.csv: expected 3 x 3"):
        load("los-loop", tmp_path)
