"""I-5 North: what PeMS made up is unobserved, and the road is a chain."""

from pathlib import Path

import numpy as np
import pytest

from stgraph.datasets import load
from stgraph.errors import UnknownNameError
from tests.datasets.tiny import numbers, write_i5n, write_text


def test_half_of_the_samples_make_a_value(tmp_path: Path) -> None:
    write_i5n(tmp_path)
    dataset = load("i5n-2025-10", tmp_path)
    trusted = np.array([[False, False, True], [True, True, True]] * 3)
    for channel in range(3):
        np.testing.assert_array_equal(dataset.series.observed[:, :, channel], trusted)
    np.testing.assert_allclose(dataset.series.values[:, :, 0], np.where(trusted, numbers(6, 3), 0), rtol=1e-6)
    assert str(dataset.series.times[1]).startswith("2025-10-01T00:05")


def test_each_station_leads_to_the_next(tmp_path: Path) -> None:
    write_i5n(tmp_path)
    graph = load("i5n-2025-10", tmp_path).graph
    assert graph.adjacency.toarray().tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert graph.positions is not None
    assert graph.positions[2].tolist() == [-117.0, 32.52]


def test_a_station_without_a_place_on_the_road_is_named(tmp_path: Path) -> None:
    write_i5n(tmp_path)
    write_text(tmp_path / "i5n-2025-10" / "stations_in_order.csv", "ID,Latitude,Longitude\n1114091,32.5,-117\n")
    with pytest.raises(UnknownNameError, match=r"stations_in_order\.csv: .* found none for 2 of them \['1118333'"):
        load("i5n-2025-10", tmp_path)
