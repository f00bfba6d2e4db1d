"""The simulated network among the datasets."""

from pathlib import Path

from stgraph.datasets import load, synthetic
from stgraph.datasets.simulated import FACTS


def test_it_is_what_synthetic_gives_and_needs_no_file(tmp_path: Path) -> None:
    dataset, traffic = load("synthetic", tmp_path / "nowhere"), synthetic()
    assert dataset.series.digest() == traffic.series.digest()
    assert dataset.graph.digest() == traffic.graph.digest()
    assert dataset.incidents == traffic.incidents
    assert dataset.series.values.shape == (FACTS.steps, FACTS.sensors, len(FACTS.channels))
    assert str(dataset.series.times[-1]).startswith(FACTS.last)
