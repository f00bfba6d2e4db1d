"""METR-LA: HDF5 and pickle, or distances instead."""

from pathlib import Path

import numpy as np
import pytest

from stgraph.datasets import load
from stgraph.errors import MismatchError
from tests.datasets.tiny import IDS, kernel, numbers, write_metr_la, write_text


def test_zeros_are_holes_and_the_pickle_is_the_graph(tmp_path: Path) -> None:
    write_metr_la(tmp_path)
    dataset = load("metr-la", tmp_path)
    expected = numbers(6, 3)
    expected[2, 1] = 0
    np.testing.assert_allclose(dataset.series.values[:, :, 0], expected, rtol=1e-6)
    np.testing.assert_array_equal(dataset.series.observed[:, :, 0], expected != 0)
    np.testing.assert_allclose(dataset.graph.adjacency.toarray(), kernel())
    assert dataset.graph.positions is not None
    np.testing.assert_allclose(dataset.graph.positions, [[-118.3, 34.1], [-118.31, 34.11], [-118.32, 34.12]])
    assert dataset.series.sensors == tuple(IDS)


def test_distances_stand_for_the_pickle_and_positions_may_be_missing(tmp_path: Path) -> None:
    write_metr_la(tmp_path)
    (tmp_path / "metr-la" / "adj_mx.pkl").unlink()
    (tmp_path / "metr-la" / "graph_sensor_locations.csv").unlink()
    rows = ["from,to,cost", *(f"{i},{i},0.0" for i in IDS), "773869,767541,1000", "767541,773869,3000", "1,773869,5"]
    write_text(tmp_path / "metr-la" / "distances_la_2012.csv", "\n".join(rows))
    graph = load("metr-la", tmp_path).graph
    deviation = np.std([0, 0, 0, 1000, 3000])
    weights = np.eye(3)
    weights[0, 1] = np.exp(-((1000 / deviation) ** 2))
    np.testing.assert_allclose(graph.adjacency.toarray(), weights)  # exp(-(3000 / 1166)^2) is below 0.1
    assert graph.positions is None


def test_a_pickle_of_other_sensors_is_named(tmp_path: Path) -> None:
    write_metr_la(tmp_path)
    other = tmp_path / "other"
    write_metr_la(other, ids=["773869", "767541", "9"])
    (other / "metr-la" / "adj_mx.pkl").replace(tmp_path / "metr-la" / "adj_mx.pkl")
    with pytest.raises(MismatchError, match=r"adj_mx\.pkl: series and graph have different sensors"):
        load("metr-la", tmp_path)
