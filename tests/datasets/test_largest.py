"""LargeST: areas of a year, in quarters of an hour."""

from pathlib import Path

import numpy as np
import pytest

from stgraph.datasets import load
from stgraph.errors import DataError
from tests.datasets.tiny import STATIONS, largest_flows, write_largest, write_text


@pytest.mark.parametrize(
    ("area", "districts"), [("sd", {11}), ("gba", {4}), ("gla", {7, 8, 12}), ("ca", set(STATIONS.values()))]
)
def test_an_area_is_what_its_authors_make_but_for_their_zeros(area: str, districts: set[int], tmp_path: Path) -> None:
    write_largest(tmp_path)
    dataset = load(f"largest-{area}", tmp_path)
    ids = [name for name, district in STATIONS.items() if district in districts]
    theirs = largest_flows().resample("15min").mean().round(0)[ids].to_numpy()
    observed = np.isfinite(theirs)
    np.testing.assert_array_equal(dataset.series.observed[:, :, 0], observed)
    np.testing.assert_array_equal(dataset.series.values[:, :, 0], np.where(observed, theirs, 0))
    assert dataset.series.sensors == tuple(ids)
    whole = np.eye(6) + np.eye(6, k=-5) * 0.3 + np.eye(6, k=2) * 0.2
    place = [list(STATIONS).index(name) for name in ids]
    np.testing.assert_array_equal(dataset.graph.adjacency.toarray(), whole[np.ix_(place, place)])
    assert dataset.graph.positions is not None
    np.testing.assert_allclose(dataset.graph.positions[:, 1], 32.5 + np.array(place) / 10)


def test_weeks_read_one_after_another_are_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_largest(tmp_path)
    at_once = load("largest-ca", tmp_path).series.digest()
    monkeypatch.setattr("stgraph.datasets.largest.WEEK", 3)
    assert load("largest-ca", tmp_path).series.digest() == at_once


def test_a_matrix_that_is_too_small_and_metadata_of_elsewhere_are_named(tmp_path: Path) -> None:
    write_largest(tmp_path)
    np.save(tmp_path / "largest" / "ca_rn_adj.npy", np.eye(3))
    with pytest.raises(DataError, match=r"ca_rn_adj\.npy: expected a matrix with row and column 5"):
        load("largest-sd", tmp_path)
    write_text(tmp_path / "largest" / "ca_meta.csv", "ID,Lat,Lng,District,ID2\n1,32.0,-117.0,3,0\n")
    with pytest.raises(DataError, match=r"ca_meta\.csv: stations: expected some of the districts 11, found none"):
        load("largest-sd", tmp_path)
