"""Backtest: its tables hold its arrays, and it refuses what cannot be one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stgraph.errors import DataError, ShapeError
from stgraph.evaluation.backtest import backtest
from stgraph.evaluation.backtest_result import Backtest
from tests.conftest import World


@pytest.fixture(scope="module")
def run(world: World) -> Backtest:
    """Two channels from 27 origins, six hours apart; a fit every four days."""
    how: dict[str, Any] = {"history": 6, "horizon": 4, "targets": ["flow", "speed"]}
    return backtest(world.series, world.graph, "persistence", start=0.46, stride="6h", refit=16, **how)


def test_each_row_of_the_table_is_one_value(run: Backtest, world: World) -> None:
    table = run.to_dataframe()
    assert list(table) == ["issued", "time", "sensor", "channel", "forecast", "measured", "unit", "lead_minutes"]
    assert len(table) == run.forecasts.size
    for row, (k, h, n, c) in ((0, (0, 0, 0, 0)), (-1, (26, 3, 16, 1)), (4 * 34 * 5 + 2 * 34 + 9, (5, 2, 4, 1))):
        found = table.iloc[row]
        assert found["issued"] == pd.Timestamp(run.origins[k])
        assert found["time"] == pd.Timestamp(run.origins[k]) + (h + 1) * pd.Timedelta("30min")
        assert (found["sensor"], found["channel"]) == (world.series.sensors[n], run.channels[c])
        assert found["forecast"] == run.forecasts[k, h, n, c]
        assert (found["unit"], found["lead_minutes"]) == (run.units[c], (h + 1) * 30)
    step = int(np.searchsorted(world.series.times, run.times[5, 2]))
    measured = np.where(world.series.observed, world.series.values, np.float32("nan"))[step, :, [1, 0]].T
    np.testing.assert_array_equal(run.measured[5, 2], measured)
    assert table["measured"].isna().mean() == pytest.approx(1 - world.series.observed.mean(), abs=0.02)


def test_times_in_the_tables_are_local(run: Backtest) -> None:
    table, errors = replace(run, timezone="Asia/Tokyo").to_dataframe(), run.by_origin()
    there = replace(run, timezone="Asia/Tokyo").by_origin()
    assert table["time"].dt.hour[0] == (run.to_dataframe()["time"].dt.hour[0] + 9) % 24
    assert str(table["issued"].dt.tz) == "Asia/Tokyo"
    assert (there["issued"].dt.tz_convert("UTC").dt.tz_localize(None) == errors["issued"]).all()


def test_the_errors_of_the_table_are_those_pooled_and_those_by_origin(run: Backtest) -> None:
    """Whoever computes the errors from the table finds the same."""
    table = run.to_dataframe().assign(error=lambda t: (t["forecast"] - t["measured"]).abs())
    pooled = table.groupby(["lead_minutes", "channel"], sort=False)["error"].mean().to_numpy()
    np.testing.assert_allclose(run.errors.at["MAE"].ravel(), pooled, rtol=1e-6)  # noqa: PD008 - not a table of pandas
    by_origin = run.by_origin().set_index(["channel", "issued"])
    for figure, expected in (("MAE", "mean"), ("count", "count")):
        found = table.groupby(["channel", "issued"], sort=False)["error"].agg(expected)
        np.testing.assert_allclose(by_origin.loc[found.index, figure], found, rtol=1e-6)
    assert by_origin["fitted"].nunique() == run.fits == 2
    summary = run.summary()
    assert list(summary["lead"]) == ["@30 min", "@60 min", "avg<=120 min"] * 2
    assert summary["MAE"][2] == pytest.approx(table.loc[table["channel"] == "flow", "error"].mean(), rel=1e-6)


def test_one_forecast_of_it_is_a_forecast(run: Backtest) -> None:
    forecast = run.forecast(5)
    assert forecast.issued == run.origins[5]
    assert (forecast.channels, forecast.units) == (("flow", "speed"), ("veh/h", "km/h"))
    own = run.to_dataframe().query("issued == @forecast.issued").reset_index(drop=True)
    pd.testing.assert_series_equal(forecast.to_dataframe()["value"], own["forecast"], check_names=False)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet"])
def test_what_is_written_can_be_read(run: Backtest, tmp_path: Path, name: str) -> None:
    path = run.write(tmp_path / name)
    table = pd.read_parquet(path) if name.endswith("parquet") else pd.read_csv(path, parse_dates=["issued", "time"])
    pd.testing.assert_frame_equal(table, run.to_dataframe(), check_dtype=False, rtol=1e-5)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_another_kind_of_file_is_refused(run: Backtest, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.xlsx: expected a name ending in \.csv"):
        run.write(tmp_path / "a.xlsx")


def test_its_line_says_what_it_is(run: Backtest) -> None:
    size = "origins=27, fits=2, steps=4, sensors=17, flow [veh/h], speed [km/h]"
    assert repr(run) == f"Backtest(persistence, {size}, 2024-01-06 17:30:00 .. 2024-01-13 05:30:00)"


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"forecasts": np.zeros((27, 4, 17, 1))}, ShapeError, "forecasts"),
        ({"measured": np.zeros((26, 4, 17, 2))}, ShapeError, "measured"),
        ({"per_origin": {"MAE": np.zeros((27, 3))}}, ShapeError, "per_origin, MAE"),
        ({"fitted": np.full(27, np.datetime64("2025-01-01", "ns"))}, DataError, "no fit that knew more"),
        ({"times": np.full((27, 4), np.datetime64("2024-01-01", "ns"))}, DataError, "times: expected all after"),
    ],
)
def test_what_cannot_be_is_refused(run: Backtest, change: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        replace(run, **change)
