"""A series and a graph from files, and a record of where they came from."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stgraph.errors import DataError, MismatchError
from stgraph.files import sha256
from stgraph.forecasting import fit, read_dataset, read_inputs, read_like, refit, reopen_inputs, reopen_series
from stgraph.series import Resampling, write_npz, write_store
from tests.conftest import World
from tests.datasets.tiny import write_los_loop, write_metr_la


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


def test_a_store_is_resampled_where_it_is_finer_than_the_run(world: World, tmp_path: Path) -> None:
    _, adjacency = write_world(world, tmp_path)
    fine = write_store(world.series, tmp_path / "fine")
    inputs = read_inputs(fine, adjacency, resample=Resampling("1h", {"speed": "max"}))
    forecaster = fit(inputs.series, inputs.graph, "persistence", provenance=inputs.provenance)
    coarse = write_store(inputs.series, tmp_path / "coarse")
    for store in (fine, coarse):
        assert read_like(forecaster, store).digest() == inputs.series.digest()
    assert reopen_inputs(json.loads(json.dumps(inputs.provenance))).series.digest() == inputs.series.digest()


def test_a_table_of_an_authority_is_reopened_as_it_was_read(world: World, tmp_path: Path) -> None:
    """Long, names of its own, local times with an hour that comes twice, a row that repeats, twice as fine."""
    fine = pd.date_range("2018-10-27", periods=1200, freq="15min", tz="Europe/Amsterdam", name="MZ")
    values = world.series.values[:, :2].repeat(2, axis=0)
    rows = [
        pd.DataFrame({"MZ": fine.tz_localize(None), "DET": name, "v": values[:, n, 0], "q": values[:, n, 1]})
        for n, name in enumerate(("8", "9"))
    ]
    rows[0] = pd.concat([rows[0], rows[0].iloc[[700]].assign(v=0.0)]).sort_index(kind="stable")
    table = pd.concat(rows)
    series, adjacency = tmp_path / "speed.csv", tmp_path / "adjacency.csv"
    table.to_csv(series, index=False, sep=";")
    adjacency.write_text("0,1\n0,0\n")
    inputs = read_inputs(
        series,
        adjacency,
        columns={"time": "MZ", "sensor": "DET", "speed": "v", "flow": "q"},
        timezone="Europe/Amsterdam",
        duplicates="first",
        resample=Resampling("30min", {"speed": "flow-weighted"}),
    )
    assert inputs.series.times[0] == np.datetime64("2018-10-26T22:00")
    np.testing.assert_allclose(inputs.series.values[..., 0], world.series.values[:, :2, 0], rtol=1e-6)
    np.testing.assert_allclose(inputs.series.values[..., 1], 2 * world.series.values[:, :2, 1], rtol=1e-6)
    assert len(inputs.series.notes) == 1
    again = reopen_inputs(json.loads(json.dumps(inputs.provenance)))
    assert again.series.digest() == inputs.series.digest()
    assert again.provenance == inputs.provenance
    forecaster = fit(inputs.series, inputs.graph, "persistence", provenance=inputs.provenance)
    assert read_like(forecaster, series).digest() == inputs.series.digest()


def test_a_run_of_before_there_were_columns_is_reopened(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    inputs = read_inputs(series, adjacency, start="2012-03-01", interval="30min")
    older = {
        k: v for k, v in inputs.provenance["read"].items() if k not in {"columns", "duplicates", "resample", "key"}
    }
    assert reopen_series(inputs.provenance | {"read": older}).digest() == inputs.series.digest()


def test_a_dataset_comes_back_as_it_was_or_not_at_all(tmp_path: Path) -> None:
    write_los_loop(tmp_path)
    inputs = read_dataset("los-loop", tmp_path, country="US")
    assert inputs.series.country == "US"
    kept = json.loads(json.dumps(inputs.provenance))
    assert reopen_series(kept).digest() == inputs.series.digest()
    again = reopen_inputs(kept)
    assert (again.series.digest(), again.graph.digest()) == (inputs.series.digest(), inputs.graph.digest())
    matrix = tmp_path / "metr-la" / "los_adj.csv"
    matrix.write_text(matrix.read_text().replace("0.4", "0.3"))
    assert reopen_series(kept).digest() == inputs.series.digest()
    with pytest.raises(DataError, match="dataset los-loop: expected the adjacency of this run, SHA-256"):
        reopen_inputs(kept)


def test_a_successor_of_a_dataset_is_read_by_its_facts(tmp_path: Path) -> None:
    write_metr_la(tmp_path)
    inputs = read_dataset("metr-la", tmp_path)
    forecaster = fit(inputs.series, inputs.graph, "persistence", history=1, horizon=1, provenance=inputs.provenance)
    newest = read_like(forecaster, tmp_path / "metr-la" / "metr-la.h5")
    assert newest.digest() == inputs.series.digest()
    assert not newest.observed.all()


def test_a_fit_before_a_time_never_sees_what_came_after(world: World, tmp_path: Path) -> None:
    series, adjacency = write_world(world, tmp_path)
    how: dict[str, Any] = {"unit": ["mph"], "start": "2012-03-01", "interval": "30min", "country": "US"}
    whole = read_inputs(series, adjacency, **how)
    inputs = read_inputs(series, adjacency, before="2012-03-11", **how)
    assert inputs.series.digest() == whole.series.slice(0, 480).digest()
    kept = json.loads(json.dumps(inputs.provenance))
    assert reopen_series(kept).digest() == reopen_inputs(kept).series.digest() == inputs.series.digest()
    assert reopen_series(kept | {"before": None}).digest() == whole.series.digest()
    forecaster = fit(inputs.series, inputs.graph, "persistence", provenance=inputs.provenance)
    assert forecaster.describe()["series"] == f"{series}, before 2012-03-11"
    assert refit(forecaster).latest.times[-1] == inputs.series.times[-1]
    longer = refit(forecaster, series)
    assert longer.latest.times[-1] == whole.series.times[-1]
    assert reopen_series(longer.provenance).digest() == whole.series.digest()
    with pytest.raises(DataError, match=r"speed\.csv: before: expected a time after the first of the series"):
        read_inputs(series, adjacency, before="2012-03-01", **how)


def test_a_dataset_before_a_time_is_reopened_as_such(tmp_path: Path) -> None:
    write_los_loop(tmp_path)
    whole, inputs = read_dataset("los-loop", tmp_path), read_dataset("los-loop", tmp_path, before="2012-03-01 00:10")
    assert inputs.series.digest() == whole.series.slice(0, 2).digest()
    kept = json.loads(json.dumps(inputs.provenance))
    assert reopen_series(kept).digest() == inputs.series.digest()
    assert reopen_series(kept | {"before": None}).digest() == whole.series.digest()


def test_chosen_channels_are_chosen_again_when_the_inputs_are_reopened(world: World, tmp_path: Path) -> None:
    write_world(world, tmp_path)
    write_npz(world.series, tmp_path / "series.npz")
    whole = read_inputs(tmp_path / "series.npz", tmp_path / "adjacency.csv")
    assert whole.series.channels == ("speed", "flow")
    flow = whole.with_channels(("flow",))
    assert flow.series.channels == ("flow",)
    again = reopen_inputs(flow.provenance)
    assert again.provenance == flow.provenance
    assert again.series.digest() == reopen_series(flow.provenance).digest() == flow.series.digest()
    assert reopen_inputs(whole.provenance).series.channels == ("speed", "flow")
    with pytest.raises(MismatchError, match="occupancy"):
        whole.with_channels(("occupancy",))


def test_sensors_of_one_file_alone_are_left_out_where_that_is_asked_for(world: World, tmp_path: Path) -> None:
    values = world.series.select(channels=("speed",)).to_dataframe()
    ids = world.series.sensors
    series, adjacency = tmp_path / "speed.csv", tmp_path / "adjacency.csv"
    values.assign(nowhere=50.0).to_csv(series)
    named = world.graph.subgraph(range(1, len(ids)))
    rows = np.pad(named.adjacency.toarray(), (0, 1))
    pd.DataFrame(rows, [*ids[1:], "silent"], [*ids[1:], "silent"]).to_csv(adjacency)
    with pytest.raises(MismatchError, match=r"2 only in the series .*nowhere.*, 1 only in the graph .*: --common"):
        read_inputs(series, adjacency)
    inputs = read_inputs(series, adjacency, common=True)
    assert inputs.series.sensors == inputs.graph.ids == ids[1:]
    np.testing.assert_array_equal(inputs.graph.adjacency.toarray(), named.adjacency.toarray())
    np.testing.assert_allclose(inputs.series.to_dataframe(), values[list(ids[1:])], rtol=1e-6)
    assert inputs.matched_by == "id; left out: 2 of the series, 1 of the graph"
    again = json.loads(json.dumps(inputs.provenance))
    assert reopen_series(again).digest() == reopen_inputs(again).series.digest() == inputs.series.digest()
    assert reopen_inputs(again).graph.digest() == inputs.graph.digest()
    forecaster = fit(inputs.series, inputs.graph, "persistence", provenance=inputs.provenance)
    assert read_like(forecaster, series).digest() == inputs.series.digest()


def test_two_files_without_a_sensor_in_common_are_refused(world: World, tmp_path: Path) -> None:
    series, adjacency = tmp_path / "speed.csv", tmp_path / "adjacency.csv"
    world.series.select(channels=("speed",)).to_dataframe().to_csv(series)
    pd.DataFrame([[0]], ["a"], ["a"]).to_csv(adjacency)
    with pytest.raises(MismatchError, match=r"adjacency.csv: expected sensors of the series, .* found \('a',\)"):
        read_inputs(series, adjacency, common=True)
