"""Newest observations from files of any form give the forecast of the series they came from."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stgraph.errors import DataError, MismatchError, ShapeError
from stgraph.forecasting import Forecaster, fit, read_newest
from stgraph.series import TrafficSeries, write_npz
from tests import contracts
from tests.conftest import World
from tests.series.hdf_store import write_store

Write = Callable[[TrafficSeries, Path], Path]


@pytest.fixture(scope="module")
def forecaster(world: World) -> Forecaster:
    """Of speed and flow, with rain."""
    return contracts.forecaster_of("patchnet", world)


@pytest.fixture(scope="module")
def speeds(speed_world: World) -> Forecaster:
    return fit(speed_world.series, speed_world.graph, "persistence", history=6, horizon=4)


def long_of(series: TrafficSeries) -> pd.DataFrame:
    steps, sensors, _ = series.values.shape
    table = pd.DataFrame({"time": series.local_times.repeat(sensors), "sensor": np.tile(series.sensors, steps)})
    for c, name in enumerate(series.channels):
        table[name] = np.where(series.observed, series.values, np.nan)[:, :, c].ravel()
    if series.covariates is not None:
        table["rain"] = np.broadcast_to(series.covariates, (steps, sensors, 1)).ravel()
    return table


def write_long(series: TrafficSeries, folder: Path) -> Path:
    long_of(series).sample(frac=1, random_state=0).to_csv(folder / "long.csv", index=False)
    return folder / "long.csv"


def write_stacked(series: TrafficSeries, folder: Path) -> Path:
    table = long_of(series).melt(["time", "sensor"], var_name="channel")
    table["unit"] = table["channel"].map({"speed": "km/h", "flow": "veh/h"})
    table.to_parquet(folder / "stacked.parquet")
    return folder / "stacked.parquet"


def write_own(series: TrafficSeries, folder: Path) -> Path:
    return write_npz(series, folder / "own.npz")


@pytest.mark.parametrize("write", [write_long, write_stacked, write_own])
@pytest.mark.parametrize("steps", [1, 20])
def test_every_form_gives_the_same_forecast(
    write: Write, steps: int, forecaster: Forecaster, world: World, tmp_path: Path
) -> None:
    recent = world.series.slice(-steps)
    found = read_newest(forecaster, write(recent, tmp_path))
    assert found.notes == ()
    one, other = (forecaster.forecast(series) for series in (found, recent))
    np.testing.assert_array_equal(one.values, other.values)


def test_a_wide_table_in_any_order_with_repeated_rows(speeds: Forecaster, speed_world: World, tmp_path: Path) -> None:
    recent = speed_world.series.slice(-8)
    table = recent.to_dataframe().astype(float)
    first = table.iloc[[6]].copy()
    first.iloc[:] = 1.0
    empty = table.iloc[[7]] * np.nan
    mixed = pd.concat([first, table.iloc[::-1], empty])[list(recent.sensors[::-1])]
    mixed.to_csv(tmp_path / "latest.csv")
    found = read_newest(speeds, tmp_path / "latest.csv")
    repeated, falling = found.notes
    assert repeated == "line 4: 2024-01-13 11:00:00 repeats line 2 with another value: the last counts"
    assert falling == "line 5: 2024-01-13 10:30:00 is earlier than the row before: rows were sorted by time"
    assert speeds.forecast(found).notes[:2] == found.notes
    seen = recent.observed[6, :, 0]
    assert np.array_equal(found.select(sensors=recent.sensors).values[6, seen], recent.values[6, seen])
    assert found.select(sensors=recent.sensors).observed[7].tolist() == recent.observed[7].tolist()


def test_what_stood_for_a_hole_at_the_fit_does_so_again(speeds: Forecaster, world: World, tmp_path: Path) -> None:
    table = world.series.select(channels=("speed",)).slice(-8).to_dataframe().fillna(-1)
    table.to_csv(tmp_path / "latest.csv")
    marked = replace(speeds, provenance={"read": {"missing": [-1.0]}})
    found = read_newest(marked, tmp_path / "latest.csv")
    assert np.array_equal(found.observed, world.series.select(channels=("speed",)).observed[-8:])


def test_a_file_is_read_by_the_rules_of_the_fit(speeds: Forecaster, speed_world: World, tmp_path: Path) -> None:
    recent = speed_world.series.slice(-8)
    names = {"time": "when", "sensor": "where", "speed": "how fast"}
    rows = long_of(recent).rename(columns=names)
    later = rows.assign(when=rows["when"] + pd.Timedelta("15min"))
    faster = rows.assign(**{"how fast": rows["how fast"] + 8})
    pd.concat([rows, later, faster]).to_csv(tmp_path / "latest.csv", index=False)
    rules = {"columns": names, "resample": {"interval": "30min", "ways": {}, "share": 1.0}}
    for duplicates, more in (("mean", 2), ("first", 0), (None, 4)):
        read = rules | {"duplicates": duplicates}
        found = read_newest(replace(speeds, provenance={"read": read}), tmp_path / "latest.csv")
        assert np.array_equal(found.observed, recent.observed)
        np.testing.assert_allclose(found.values[found.observed], recent.values[recent.observed] + more, rtol=1e-6)
        assert len(found.notes) == 1


def test_the_table_of_a_key_is_read_where_the_file_has_keys(
    speeds: Forecaster, speed_world: World, tmp_path: Path
) -> None:
    recent = speed_world.series.slice(-8)
    table = recent.to_dataframe()
    write_store(write_store(tmp_path / "latest.h5", table, "speed"), table * 9, "other")
    table.to_csv(tmp_path / "latest.csv")
    keyed = replace(speeds, provenance={"read": {"key": "speed"}})
    one, other = (read_newest(keyed, tmp_path / name) for name in ("latest.h5", "latest.csv"))
    assert one.digest() == other.digest() == recent.digest()


def test_another_unit_is_converted_only_if_said(speeds: Forecaster, speed_world: World, tmp_path: Path) -> None:
    recent = speed_world.series.slice(-8)
    miles = replace(recent, values=recent.values / np.float32(1.609344))
    miles.to_dataframe().to_csv(tmp_path / "latest.csv")
    found = read_newest(speeds, tmp_path / "latest.csv", unit=["mph"])
    assert found.notes == ("speed converted from mph to km/h",)
    np.testing.assert_allclose(found.values[found.observed], recent.values[recent.observed], rtol=1e-6)
    unsaid = read_newest(speeds, tmp_path / "latest.csv")
    np.testing.assert_allclose(unsaid.values[unsaid.observed], miles.values[miles.observed], rtol=1e-6)
    for path in (write_own(replace(miles, units=("mph",)), tmp_path),):
        with pytest.raises(MismatchError, match=r"own\.npz: units: the model .* found \('mph',\); say .*--unit"):
            read_newest(speeds, path)
        said = read_newest(speeds, path, unit=["mph"])
        np.testing.assert_allclose(said.values[said.observed], recent.values[recent.observed], rtol=1e-6)
    with pytest.raises(DataError, match=r"latest\.csv: units: expected speed in 'km/h' or .* found 'veh/h'"):
        read_newest(speeds, tmp_path / "latest.csv", unit=["veh/h"])
    with pytest.raises(ShapeError, match=r"latest\.csv: units: expected one for each channel"):
        read_newest(speeds, tmp_path / "latest.csv", unit=["mph", "veh/h"])


def test_a_file_without_times_needs_a_start(speeds: Forecaster, speed_world: World, tmp_path: Path) -> None:
    speed_world.series.slice(-8).to_dataframe().to_csv(tmp_path / "latest.csv", index=False)
    with pytest.raises(DataError, match=r"latest\.csv, line 2: found no times"):
        read_newest(speeds, tmp_path / "latest.csv")
    found = read_newest(speeds, tmp_path / "latest.csv", start="2024-01-13 08:00")
    assert found.times[-1] == speed_world.series.times[-1]


def test_sensors_without_names_go_by_their_order_and_must_all_be_there(
    speeds: Forecaster, speed_world: World, tmp_path: Path
) -> None:
    numbered = tuple(str(n) for n in range(17))
    like = replace(speeds.latest, sensors=numbered)
    bare = replace(speeds, latest=like, provenance={"read": {"header": False}})
    values = speed_world.series.slice(-8).to_dataframe()
    values.to_csv(tmp_path / "latest.csv", header=False)
    assert read_newest(bare, tmp_path / "latest.csv").sensors == numbered
    np.savez(tmp_path / "data.npz", data=values.to_numpy())
    assert read_newest(bare, tmp_path / "data.npz", start="2024-01-13 08:00").sensors == numbered
    values.iloc[:, 1:].to_csv(tmp_path / "latest.csv", header=False)
    with pytest.raises(MismatchError, match=r"latest\.csv: expected 17 sensors, which have no names .* found 16"):
        read_newest(bare, tmp_path / "latest.csv")


def test_longer_steps_are_no_holes(speeds: Forecaster, speed_world: World, tmp_path: Path) -> None:
    table = speed_world.series.slice(-9).to_dataframe()
    table.iloc[::2].to_csv(tmp_path / "latest.csv")
    with pytest.raises(MismatchError, match=r"latest\.csv: interval: .* 0 days 00:30:00, found .* 0 days 01:00:00"):
        read_newest(speeds, tmp_path / "latest.csv")
    table.iloc[[0, 1, 4, 8]].to_csv(tmp_path / "latest.csv")
    assert len(read_newest(speeds, tmp_path / "latest.csv")) == 4


def test_covariates_of_a_table_are_columns_and_their_holes_the_last_value_known(
    forecaster: Forecaster, world: World, tmp_path: Path
) -> None:
    table = long_of(world.series.slice(-4))
    table.loc[table.index < 17, "rain"] = np.nan
    table.loc[table.index >= 51, "rain"] = np.nan
    table.to_csv(tmp_path / "latest.csv", index=False)
    found = read_newest(forecaster, tmp_path / "latest.csv")
    assert world.series.covariates is not None
    assert found.covariates is not None
    rain = world.series.covariates[-4:, 0, 0]
    np.testing.assert_allclose(found.covariates[:, 0, 0], rain[[1, 1, 2, 2]], rtol=1e-6)
    table.assign(rain=np.nan).to_csv(tmp_path / "latest.csv", index=False)
    with pytest.raises(DataError, match=r"latest\.csv: covariates: expected values of rain"):
        read_newest(forecaster, tmp_path / "latest.csv")
    table.drop(columns="rain").to_csv(tmp_path / "latest.csv", index=False)
    with pytest.raises(DataError, match=r"latest\.csv, line 1: expected one column 'rain'"):
        read_newest(forecaster, tmp_path / "latest.csv")
    each = replace(world.series, covariates=np.arange(600 * 17, dtype=np.float32).reshape(600, 17, 1)).slice(-9)
    found = read_newest(replace(forecaster, latest=each), write_long(each, tmp_path))
    assert found.covariates is not None
    assert each.covariates is not None
    assert np.array_equal(found.covariates, each.covariates)


def test_errors_name_the_file(speeds: Forecaster, speed_world: World, tmp_path: Path) -> None:
    table = speed_world.series.slice(-8).to_dataframe()
    table.rename(columns=lambda name: f"x{name}").to_csv(tmp_path / "foreign.csv")
    with pytest.raises(MismatchError, match=r"foreign\.csv: expected sensors .* found none of them among 17"):
        read_newest(speeds, tmp_path / "foreign.csv")
    (table * np.nan).to_csv(tmp_path / "empty.csv")
    with pytest.raises(DataError, match=r"empty\.csv: nothing was observed in the last 6 steps"):
        read_newest(speeds, tmp_path / "empty.csv")
