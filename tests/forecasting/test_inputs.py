"""A series and a graph from files, and a record of where they came from."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stgraph.errors import DataError, MismatchError
from stgraph.files import sha256
from stgraph.forecasting import fit, read_inputs, read_like, reopen_inputs, reopen_series
from stgraph.series import write_npz, write_store
from tests.conftest import World


def write_world(world: World, folder: Path) -> tuple[Path, Path]:
    """Speeds as a wide CSV without times, as LOS-loop has them, and a bare adjacency."""
    series, adjacency = folder / "speed.csv", folder / "adjacency.csv"
    world.series.select(channels=("speed",)).to_dataframe().to_csv(series, index=False)
    np.savetxt(adjacency, world.graph.adjacency.toarray(), delimiter=",")
    return series, adjacency


def test_files_in_inputs_out_with_their_hashes(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    inputs = read_inputs(series, adjacency, unit=["mph"], start="2012-03-01", interval="30min")
    assert inputs.series.units == ("mph",)
    assert str(inputs.series.times[0]).startswith("2012-03-01T00:00")
    assert inputs.graph.ids == world.series.sensors
    np.testing.assert_allclose(inputs.graph.adjacency.toarray(), world.graph.adjacency.toarray())
    assert inputs.provenance["series_sha256"] == sha256(series)
    assert inputs.provenance["adjacency"] == str(adjacency)
    assert inputs.matched_by == "column order"


def test_a_labelled_adjacency_is_matched_by_id(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    turned = world.graph.subgraph(np.arange(17)[::-1])
    pd.DataFrame(turned.adjacency.toarray(), index=turned.ids, columns=turned.ids).to_csv(adjacency)
    inputs = read_inputs(series, adjacency, start="2012-03-01", interval="30min", country="US")
    assert inputs.matched_by == "id"
    assert inputs.graph.ids == inputs.series.sensors
    np.testing.assert_allclose(inputs.graph.adjacency.toarray(), world.graph.adjacency.toarray())
    assert inputs.series.country == "US"


def test_a_successor_is_read_as_the_first_was(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    inputs = read_inputs(series, adjacency, unit=["mph"], start="2012-03-01", interval="30min")
    forecaster = fit(inputs.series, inputs.graph, "persistence", provenance=inputs.provenance)
    assert read_like(forecaster, series).digest() == inputs.series.digest()


def test_a_successor_has_the_sensors_in_their_order_or_is_refused_by_name(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    inputs = read_inputs(series, adjacency, unit=["mph"], start="2012-03-01", interval="30min", country="US")
    forecaster = fit(inputs.series, inputs.graph, "persistence", provenance=inputs.provenance)
    table = pd.read_csv(series)
    table[table.columns[::-1]].to_csv(tmp_path / "turned.csv", index=False)
    turned = read_like(forecaster, tmp_path / "turned.csv")
    assert turned.digest() == inputs.series.digest()
    table.iloc[:, 1:].to_csv(tmp_path / "fewer.csv", index=False)
    with pytest.raises(MismatchError, match=r"fewer\.csv: .* 1 missing \['s00'\]"):
        read_like(forecaster, tmp_path / "fewer.csv")


def test_a_file_in_which_nothing_was_observed_is_refused(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    inputs = read_inputs(series, adjacency, start="2012-03-01", interval="30min")
    forecaster = fit(inputs.series, inputs.graph, "persistence", provenance=inputs.provenance)
    table = pd.read_csv(series)
    (table * np.nan).to_csv(series, index=False, na_rep="nan")
    words = r"speed\.csv: expected measured values, found none in 600 steps of 17 sensors"
    with pytest.raises(DataError, match=words):
        read_inputs(series, adjacency, start="2012-03-01", interval="30min")
    with pytest.raises(DataError, match=words):
        read_like(forecaster, series)


def test_the_country_that_an_archive_names_stays_unless_another_is_given(world: World, tmp_path: Path) -> None:
    _, adjacency = write_world(world, tmp_path)
    archive = write_npz(replace(world.series, country="NL"), tmp_path / "series.npz")
    inputs = read_inputs(archive, adjacency)
    assert inputs.series.country == "NL"
    assert reopen_series(inputs.provenance).country == "NL"
    assert reopen_inputs(read_inputs(archive, adjacency, country="US").provenance).series.country == "US"


def test_an_adjacency_of_another_size_names_its_file(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    np.savetxt(adjacency, np.eye(4), delimiter=",")
    with pytest.raises(MismatchError, match=r"adjacency\.csv"):
        read_inputs(series, adjacency, start="2012-03-01", interval="30min")


def test_the_very_same_files_are_reopened_and_others_refused(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    inputs = read_inputs(series, adjacency, unit=["mph"], start="2012-03-01", interval="30min", country="US")
    again = reopen_inputs(json.loads(json.dumps(inputs.provenance)))  # as a run folder keeps it
    assert again.series.digest() == reopen_series(inputs.provenance).digest() == inputs.series.digest()
    assert again.series.country == "US"
    assert again.graph.digest() == inputs.graph.digest()
    moved = series.rename(tmp_path / "moved.csv")
    assert reopen_series(inputs.provenance, moved).digest() == inputs.series.digest()
    with pytest.raises(DataError, match=r"speed\.csv: not found"):
        reopen_series(inputs.provenance)
    series.write_text(moved.read_text().replace("6", "7", 1))
    with pytest.raises(DataError, match=r"speed\.csv: expected the series of this run, SHA-256 .* was changed"):
        reopen_inputs(inputs.provenance)
    with pytest.raises(DataError, match="came from no file"):
        reopen_series({"series": "synthetic"})


def test_a_store_is_fitted_and_reopened_by_what_is_in_it(world: World, tmp_path: Path) -> None:
    _, adjacency = write_world(world, tmp_path)
    store = write_store(world.series, tmp_path / "store")
    inputs = read_inputs(store, adjacency, country="US")
    assert isinstance(inputs.series.values, np.memmap)
    forecaster = fit(inputs.series, inputs.graph, "persistence", provenance=inputs.provenance)
    assert read_like(forecaster, store).digest() == inputs.series.digest()
    again = json.loads(json.dumps(inputs.provenance))
    assert reopen_inputs(again).series.digest() == inputs.series.digest()
    copied = write_store(world.series, tmp_path / "copied")
    assert reopen_series(again, copied).digest() == inputs.series.digest()
    other = write_store(world.series.slice(0, 500), tmp_path / "other")
    with pytest.raises(DataError, match=r"other: expected the series of this run, SHA-256"):
        reopen_series(again, other)
    np.save(store / "observed.npy", ~world.series.observed)
    with pytest.raises(DataError, match=r"observed\.npy: expected SHA-256 .* the file was changed"):
        reopen_inputs(again)


def test_a_store_is_like_the_file_it_was_made_of(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    inputs = read_inputs(series, adjacency, unit=["mph"], start="2012-03-01", interval="30min")
    forecaster = fit(inputs.series, inputs.graph, "persistence", provenance=inputs.provenance)
    store = write_store(inputs.series, tmp_path / "store")
    assert read_like(forecaster, store).digest() == inputs.series.digest()
