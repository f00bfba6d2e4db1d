"""`stgraph info` and `stgraph models`."""

from pathlib import Path

from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.models import MODELS
from tests import contracts
from tests.conftest import World


def test_info_says_what_a_run_holds(world: World, tmp_path: Path) -> None:
    run = contracts.forecaster_of("patchnet", world).save(tmp_path)
    output = CliRunner().invoke(app, ["info", str(run)]).output
    for words in ("patchnet", "17", "speed [km/h]", "validation MAE"):
        assert words in output


def test_models_lists_every_model_and_its_source() -> None:
    output = CliRunner().invoke(app, ["models"]).output
    for name, cls in MODELS.items():
        assert f"{name}: {cls.paper}" in output
    assert "103,608" in output


def test_models_can_be_timed_one_by_one() -> None:
    output = CliRunner().invoke(app, ["models", "stid", "persistence", "--time", "--batch-size", "2"]).output
    assert "seconds per step of 2 windows" in output
    rows = {line.split()[0]: line.split() for line in output.splitlines() if line.startswith((" stid", " persistence"))}
    assert float(rows["stid"][-2]) > 0
    assert rows["persistence"][-2] == "-"
    assert "patchnet" not in output


def test_a_model_that_there_is_not_is_refused() -> None:
    result = CliRunner().invoke(app, ["models", "stdi"])
    assert result.exit_code
    assert "did you mean 'stid'" in str(result.exception)
