"""A simulated dataset as files."""

from pathlib import Path

import numpy as np
import pandas as pd

from stgraph.datasets import synthetic, write_files
from stgraph.graph import read_adjacency
from stgraph.series import read_npz


def test_everything_comes_back(tmp_path: Path) -> None:
    traffic = synthetic(1, seed=3)
    write_files(traffic, tmp_path)
    assert read_npz(tmp_path / "series.npz").digest() == traffic.series.digest()
    graph = read_adjacency(tmp_path / "adjacency.csv")
    assert graph.ids == traffic.graph.ids
    np.testing.assert_array_equal(graph.adjacency.toarray(), traffic.graph.adjacency.toarray())
    sensors = pd.read_csv(tmp_path / "sensors.csv")
    assert traffic.graph.positions is not None
    np.testing.assert_allclose(sensors[["longitude", "latitude"]], traffic.graph.positions, atol=1e-6)
    incidents = pd.read_csv(tmp_path / "incidents.csv")
    assert len(incidents) == len(traffic.incidents)
    assert set(incidents["sensor"]) <= set(graph.ids)
