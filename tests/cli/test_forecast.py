"""`stgraph forecast` prints what it forecasts, with units."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.errors import DataError
from tests import contracts
from tests.conftest import World


def test_it_prints_the_head_and_writes_nothing_unless_told(world: World, tmp_path: Path) -> None:
    run = contracts.forecaster_of("persistence", world).save(tmp_path / "run")
    result = CliRunner().invoke(app, ["forecast", str(run)])
    assert result.exit_code == 0
    assert "first of 68 rows" in result.output
    assert "km/h" in result.output
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_bounds_come_where_they_are_asked_for(world: World, tmp_path: Path) -> None:
    run = contracts.forecaster_of("persistence", world).save(tmp_path / "run")
    result = CliRunner().invoke(app, ["forecast", str(run), "--coverage", "0.9", "--output", str(tmp_path / "f.csv")])
    assert result.exit_code == 0
    assert "90 % bounds" in result.output
    table = pd.read_csv(tmp_path / "f.csv")
    assert ((table["lower"] <= table["value"]) & (table["value"] <= table["upper"])).all()
    assert CliRunner().invoke(app, ["forecast", str(run), "--coverage", "90"]).exit_code == 2


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
