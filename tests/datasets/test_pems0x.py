"""PEMS03 to PEMS08: arrays and edges, by number or by id."""

from pathlib import Path

import numpy as np
import pytest

from stgraph.datasets import load
from stgraph.errors import ShapeError
from tests.datasets.tiny import numbers, write_pems0x, write_text


def test_channels_stand_as_in_the_array_and_edges_by_number_once(tmp_path: Path) -> None:
    write_pems0x(tmp_path, "08")
    dataset = load("pems08", tmp_path)
    np.testing.assert_allclose(dataset.series.values, numbers(5, 3, 3), rtol=1e-6)
    assert dataset.series.channels == ("flow", "occupancy", "speed")
    assert dataset.graph.adjacency.toarray().tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_pems03_goes_by_the_ids_of_its_text(tmp_path: Path) -> None:
    write_pems0x(tmp_path, "03")
    dataset = load("pems03", tmp_path)
    assert dataset.series.sensors == ("313344", "313349", "313438")
    assert dataset.graph.adjacency.toarray().tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 1]]


def test_as_many_ids_as_columns_are_needed(tmp_path: Path) -> None:
    write_pems0x(tmp_path, "03")
    write_text(tmp_path / "pems03" / "PEMS03.txt", "313344\n313349\n")
    with pytest.raises(ShapeError, match=r"PEMS03\.txt: "):
        load("pems03", tmp_path)
