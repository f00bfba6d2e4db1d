"""`stgraph bench` on files: what is asked for is done, kept and told; mistakes are one line."""

import importlib
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from stgraph.cli.bench import bench
from stgraph.errors import DataError, StgraphError, UnknownNameError
from stgraph.evaluation import read_results
from tests.conftest import World
from tests.forecasting.test_inputs import write_world

MODULE = importlib.import_module("stgraph.evaluation.bench")
CLOCK = ("--start", "2012-03-01", "--interval", "30min", "--unit", "mph")
TASK = ("--history", "6", "--horizon", "4", "--models", "historical-average")


def invoke(folder: Path, *arguments: str, files: bool = True) -> Result:
    app = typer.Typer()
    app.command()(bench)
    where = ["--series", str(folder / "speed.csv"), "--adjacency", str(folder / "adjacency.csv"), *CLOCK, *TASK]
    return CliRunner().invoke(app, [*(where if files else ()), "--output", str(folder / "out"), *arguments])


@pytest.fixture
def folder(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_world(world, tmp_path)
    monkeypatch.setattr(MODULE, "apart", lambda work, *arguments: work(*arguments))
    return tmp_path


def test_files_models_and_settings_are_benched_and_the_results_kept(folder: Path) -> None:
    asked = ("--models", "persistence, gru", "--seeds", "2", "--epochs", "1", "--set", "gru.hidden=8")
    result = invoke(folder, *asked, "--accelerator", "cpu", "--name", "street", "--results", str(folder / "all.csv"))
    assert result.exit_code == 0, result.output
    table = read_results(folder / "all.csv")
    assert set(zip(table["dataset"], table["model"], table["settings"], table["seed"], strict=True)) == {
        ("street", "persistence", "", ""),
        ("street", "gru", "hidden=8", "0"),
        ("street", "gru", "hidden=8", "1"),
    }
    assert re.search(r"\[3/3\] gru hidden=8 on street, clean, 6 -> 4 steps, seed 1: MAE [\d.]+ mph", result.output)
    assert "MAE in mph, street, protocol clean" in result.output
    page = (folder / "all.md").read_text()
    assert page.startswith("### street speed, protocol clean: 6 steps in, 4 out")
    assert "gru, hidden=8 (not converged)" in page
    assert "done before" in invoke(folder, *asked, "--name", "street", "--results", str(folder / "all.csv")).output


def test_a_dataset_that_is_absent_is_said_and_is_a_row(folder: Path) -> None:
    result = invoke(folder, "--dataset", "los-loop", "--data-dir", str(folder), "--models", "gru", files=False)
    assert result.exit_code == 0, result.output
    assert "left out, its files were not on this machine: `stgraph data fetch los-loop`" in result.output
    assert len(read_results(folder / "out" / "results.csv")) == 1
    assert "Not measured: its files were not" in (folder / "out" / "results.md").read_text()


def test_ctrl_c_says_how_to_go_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(MODULE, "apart", interrupted)
    result = invoke(folder)
    assert result.exit_code == 130
    assert "interrupted: the same command goes on" in result.output


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("--models", "patchnt"), UnknownNameError, "did you mean 'patchnet'"),
        (("--protocol", "tgn"), UnknownNameError, "did you mean 'tgcn'"),
        (("--seeds", "0"), DataError, "seeds: expected a number above 0"),
        (("--dataset", "los-loop"), DataError, "found --adjacency, --interval, --series, --start, --unit beside"),
        (("--precision", "64"), UnknownNameError, "precision"),
        (("--set", "stid.hidden=8"), UnknownNameError, "unknown model in settings"),
    ],
)
def test_what_cannot_be_is_one_error_and_no_file(
    folder: Path, arguments: tuple[str, ...], error: type[StgraphError], words: str
) -> None:
    result = invoke(folder, *arguments)
    with pytest.raises(error, match=words):
        raise result.exception or AssertionError(result.output)
    assert not (folder / "out").exists()


def test_there_must_be_data_and_settings_must_name_their_model(folder: Path) -> None:
    nothing = invoke(folder, files=False)
    assert isinstance(nothing.exception, DataError)
    assert "expected --dataset, or --series and --adjacency" in str(nothing.exception)
    assert "model.name=value" in " ".join(invoke(folder, "--set", "hidden=8").output.split())
