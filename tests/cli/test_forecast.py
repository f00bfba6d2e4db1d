"""`stgraph forecast` prints what it forecasts, with units."""

from pathlib import Path

import pandas as pd
from typer.testing import CliRunner

from stgraph.cli.main import app
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
