"""`stgraph forecast` prints what it forecasts, with units, and says what was amiss in what it was given."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.errors import DataError
from stgraph.forecasting import load, read_inputs
from stgraph.graph import SensorGraph, write_adjacency
from stgraph.series import read_series
from tests import contracts
from tests.conftest import World, traffic
from tests.forecasting.test_inputs import write_world


def said(*arguments: object) -> tuple[str, str]:
    """What it prints, and what it warns of."""
    result = CliRunner().invoke(app, ["forecast", *map(str, arguments)])
    assert result.exit_code == 0, result.exception
    return result.stdout, result.stderr


@pytest.fixture
def run(speed_world: World, tmp_path: Path) -> Path:
    return contracts.forecaster_of("patchnet", speed_world).save(tmp_path / "run")


def test_it_prints_the_head_and_writes_nothing_unless_told(world: World, tmp_path: Path) -> None:
    run = contracts.forecaster_of("persistence", world).save(tmp_path / "run")
    output, _ = said(run)
    assert "first of 68 rows" in output
    assert "km/h" in output
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_mutilated_file_is_forecast_from_and_each_mutilation_said(
    run: Path, speed_world: World, tmp_path: Path
) -> None:
    recent = speed_world.series.slice(-20).to_dataframe()
    recent.to_csv(tmp_path / "whole.csv")
    table = recent.drop(columns="s02").assign(x9=60.0)
    table.iloc[-8:, 0] = np.nan
    table = pd.concat([table[table.columns[::-1]], table.iloc[[-3]]])
    table.to_csv(tmp_path / "latest.csv")
    _, warnings = said(run, "--input", tmp_path / "latest.csv", "--output", tmp_path / "f.csv")
    *warned, late = [line.split("latest.csv")[1] for line in warnings.splitlines()]
    assert warned == [
        ": line 22: 2024-01-13 10:30:00 repeats line 19 with the same values: kept once",
        ": 1 of 17 sensors missing, taken as unobserved: 's02'",
        ": 1 unknown sensor ignored: 'x9'",
    ]
    assert late.startswith(": 2 sensors have no value in the last 6 steps up to 2024-01-13 11:30:00: 's00' (newest of ")
    assert late.endswith("07:30:00), 's03' (none known)")
    forecast = pd.read_csv(tmp_path / "f.csv")
    assert forecast["value"].notna().all()
    assert set(forecast["sensor"]) == set(speed_world.series.sensors)
    pictures = ["--plot", tmp_path / "f.svg", "--map", tmp_path / "f.html", "--positions", tmp_path / "sensors.csv"]
    rows = [f"{name},{n},{n % 3}" for n, name in enumerate(speed_world.series.sensors)]
    (tmp_path / "sensors.csv").write_text("\n".join(["sensor,x,y", *rows]))
    output, again = said(run, "--input", tmp_path / "latest.csv", "--coverage", 0.8, *pictures)
    assert again == warnings
    assert output.count("written: ") == 2
    assert "bounds that should hold 80 %" in (tmp_path / "f.svg").read_text()
    assert '"coverage":0.8' in (tmp_path / "f.html").read_text()
    said(run, "--input", tmp_path / "whole.csv", "--output", tmp_path / "w.csv")
    assert not forecast["value"].equals(pd.read_csv(tmp_path / "w.csv")["value"])


def test_a_wide_table_a_picture_and_a_rollout(run: Path, tmp_path: Path) -> None:
    files = ["--output", tmp_path / "f.csv", "--plot", tmp_path / "f.png"]
    output, _ = said(run, "--form", "wide", "--until", "2024-01-14 00:00", *files)
    assert output.count("written: ") == 2
    series = read_series(tmp_path / "f.csv")
    assert str(series.times[-1]) == "2024-01-14T00:00:00.000000000"
    assert len(series) == 25
    assert (tmp_path / "f.png").read_bytes()[:4] == b"\x89PNG"
    said(run, "--steps", 2, "--output", tmp_path / "f.parquet")
    assert pd.read_parquet(tmp_path / "f.parquet")["lead_minutes"].tolist() == [30.0] * 17 + [60.0] * 17


def test_another_unit_is_said(run: Path, speed_world: World, tmp_path: Path) -> None:
    table = speed_world.series.slice(-20).to_dataframe()
    (table / 1.609344).to_csv(tmp_path / "miles.csv")
    table.to_csv(tmp_path / "kilometres.csv")
    _, warnings = said(run, "--input", tmp_path / "miles.csv", "--unit", "mph", "--output", tmp_path / "m.csv")
    assert "miles.csv: speed converted from mph to km/h" in warnings
    said(run, "--input", tmp_path / "kilometres.csv", "--output", tmp_path / "k.csv")
    one, other = (pd.read_csv(tmp_path / name)["value"].to_numpy() for name in ("m.csv", "k.csv"))
    np.testing.assert_allclose(one, other, rtol=1e-3)


def test_bounds_come_where_they_are_asked_for(world: World, tmp_path: Path) -> None:
    run = contracts.forecaster_of("persistence", world).save(tmp_path / "run")
    result = CliRunner().invoke(app, ["forecast", str(run), "--coverage", "0.9", "--output", str(tmp_path / "f.csv")])
    assert result.exit_code == 0
    assert "90 % bounds" in result.output
    table = pd.read_csv(tmp_path / "f.csv")
    assert ((table["lower"] <= table["value"]) & (table["value"] <= table["upper"])).all()
    assert CliRunner().invoke(app, ["forecast", str(run), "--coverage", "90"]).exit_code == 2
    lines = [("--steps", "5"), ("--form", "wide", "--plot", str(tmp_path / "f.png"))]
    for line, words in zip(
        lines, ["bounds end there; expected at most 4 steps, found 5", "wide: .* long form"], strict=True
    ):
        with pytest.raises(DataError, match=words):
            CliRunner().invoke(app, ["forecast", str(run), "--coverage", "0.9", *line], catch_exceptions=False)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.csv", "run"]


def test_the_map_is_one_page_with_the_positions_of_a_table(world: World, tmp_path: Path) -> None:
    run = contracts.forecaster_of("persistence", world).save(tmp_path / "run")
    rows = [f"{name},{n},{n % 3}" for n, name in enumerate(world.graph.ids)]
    (tmp_path / "sensors.csv").write_text("\n".join(["sensor,x,y", *rows]))
    page = tmp_path / "forecast.html"
    arguments = ["forecast", str(run), "--map", str(page)]
    result = CliRunner().invoke(app, [*arguments, "--positions", str(tmp_path / "sensors.csv")])
    assert result.exit_code == 0
    assert f"written: {page}" in result.output
    text = page.read_text()
    assert all(f'"{name}"' in text for name in world.graph.ids)
    page.unlink()
    with pytest.raises(DataError, match=r"positions: the graph has none, .*--positions FILE"):
        CliRunner().invoke(app, [*arguments, "--output", str(tmp_path / "forecast.csv")], catch_exceptions=False)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run", "sensors.csv"]


def test_a_forecast_is_made_as_if_it_were_an_earlier_time(speed_world: World, tmp_path: Path) -> None:
    run, (series, adjacency) = tmp_path / "run", write_world(speed_world, tmp_path)
    how = ["--unit", "km/h", "--start", "2024-01-01", "--interval", "30min", "--before", "2024-01-11"]
    files = ["--series", series, "--adjacency", adjacency, "--output", run]
    line = ["fit", *files, "--model", "linear-regression", *how]
    assert CliRunner().invoke(app, [str(word) for word in line]).exit_code == 0
    forecaster = load(run)
    assert forecaster.latest.times[-1] == np.datetime64("2024-01-10T23:30")
    whole = read_inputs(series, adjacency, unit=["km/h"], start="2024-01-01", interval="30min").series
    expected = forecaster.forecast(whole.slice(None, "2024-01-12 07:00"))
    given = ["--input", series, "--start", "2024-01-01"]
    for name, more in (("own.csv", []), ("input.csv", given)):
        files = ["--output", tmp_path / name, "--plot", tmp_path / "f.svg"]
        said(run, "--before", "2024-01-12 07:00", *files, *more)
        table = pd.read_csv(tmp_path / name)
        assert table["time"].iloc[0] == "2024-01-12 07:00:00"
        np.testing.assert_allclose(table["value"], expected.values.ravel(), rtol=1e-5)
    for more in ([], given):
        with pytest.raises(DataError, match="before: expected a time after the first of the series"):
            CliRunner().invoke(
                app, ["forecast", *map(str, [run, "--before", "2024-01-01", *more])], catch_exceptions=False
            )


def test_a_network_it_was_not_fitted_on_is_forecast_by_its_adjacency(run: Path, tmp_path: Path) -> None:
    graph = SensorGraph(tuple(f"n{k}" for k in range(5)), np.eye(5, k=1))
    series = replace(traffic(graph).select(channels=("speed",)), covariates=None, covariate_names=())
    series.slice(-20).to_dataframe().to_csv(tmp_path / "latest.csv")
    write_adjacency(graph, tmp_path / "new.csv")
    elsewhere = ["--input", tmp_path / "latest.csv", "--adjacency", tmp_path / "new.csv"]
    _, warnings = said(run, *elsewhere, "--coverage", 0.9, "--output", tmp_path / "f.csv")
    assert "1 sensor has no value" in warnings
    table = pd.read_csv(tmp_path / "f.csv")
    newest = read_series(tmp_path / "latest.csv", unit=["km/h"])
    twin = load(run).on(graph, newest).forecast(newest, coverage=0.9)
    np.testing.assert_allclose(table["value"], twin.values.ravel(), rtol=1e-5)
    assert tuple(table["sensor"].unique()) == graph.ids
    with pytest.raises(DataError, match="expected --input beside --unit, --start and --adjacency"):
        CliRunner().invoke(app, ["forecast", str(run), *map(str, elsewhere[2:])], catch_exceptions=False)
