"""PEMS-BAY: ids that are whole numbers, positions without a header, distances without one."""

from pathlib import Path

import numpy as np

from stgraph.datasets import load
from tests.datasets.tiny import write_pems_bay, write_text


def test_ids_of_all_files_meet_as_text(tmp_path: Path) -> None:
    write_pems_bay(tmp_path)
    dataset = load("pems-bay", tmp_path)
    assert dataset.series.sensors == ("400001", "400017", "400030")
    assert dataset.graph.positions is not None
    np.testing.assert_allclose(dataset.graph.positions[1], [-118.31, 34.11])


def test_distances_without_a_header(tmp_path: Path) -> None:
    write_pems_bay(tmp_path)
    (tmp_path / "pems-bay" / "adj_mx_bay.pkl").unlink()
    write_text(
        tmp_path / "pems-bay" / "distances_bay_2017.csv", "400001,400001,0.0\n400001,400017,100.0\n400017,400030,9e3\n"
    )
    weights = load("pems-bay", tmp_path).graph.adjacency.toarray()
    assert (weights > 0).tolist() == [[True, True, False], [False, False, False], [False, False, False]]
