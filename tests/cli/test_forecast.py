"""`stgraph forecast` prints what it forecasts, with units."""

from pathlib import Path

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
