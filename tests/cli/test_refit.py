"""`stgraph refit`: all data in, a run that says so out, and an evaluation that refuses."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.errors import DataError
from stgraph.forecasting import load
from stgraph.models import PatchNet
from tests.cli.conftest import Refused, assert_matches
from tests.cli.test_fit import SMALL, fit
from tests.conftest import World


def test_a_run_is_refitted_forecasts_and_is_not_evaluated(world: World, tmp_path: Path) -> None:
    run = fit(world, tmp_path, *SMALL)
    arguments = ["refit", str(run), "--output", str(tmp_path / "again"), "--accelerator", "cpu"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.exception
    assert "anew on all data: nothing is held out" in result.output
    assert "bounds: carried over from the fit before, calibrated on " in result.output
    assert "anew on all data" in CliRunner().invoke(app, ["info", str(tmp_path / "again")]).output
    assert load(tmp_path / "again").forecast().issued == load(run).forecast().issued
    refusal = CliRunner().invoke(app, ["evaluate", str(tmp_path / "again")])
    assert isinstance(refusal.exception, DataError)
    assert "again was refitted on all data" in str(refusal.exception)
    assert not (tmp_path / "again" / "evaluation").exists()


def test_an_interrupted_refit_says_how_to_go_on(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = fit(world, tmp_path, *SMALL)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PatchNet, "forward", interrupt)
    result = CliRunner().invoke(app, ["refit", str(run), "--output", str(tmp_path / "again"), "--accelerator", "cpu"])
    assert result.exit_code == 130
    assert "interrupted: the same command goes on after the last whole epoch" in result.output


def test_mistakes_are_named_and_leave_nothing(refused: Refused) -> None:
    assert_matches(refused("refit", "run", "--output", "run"), "run: expected another folder than that of the run")
    assert_matches(refused("refit", "run", "--output", "wide.csv"), "wide.csv: expected a folder")
    assert_matches(refused("refit", "other", "--output", "new"), "the series of this run came from no file")
    assert_matches(refused("refit", "run", "--output", "new", "--series", "none.csv"), "none.csv: cannot be read")
    assert_matches(refused("refit", "run", "--output", "new", "--accelerator", "gpuu"), "unknown accelerator 'gpuu'")
