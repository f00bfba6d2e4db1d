"""`stgraph backtest` on files: the errors are shown, and the table holds what the library forecasts."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner, Result

from stgraph.cli.backtest import backtest
from stgraph.errors import DataError, StgraphError, UnknownNameError
from stgraph.evaluation.backtest import backtest as forecast_from_origins
from stgraph.forecasting import read_inputs
from tests.conftest import World
from tests.forecasting.test_inputs import write_world

READING = ("--start", "2012-03-01", "--interval", "30min", "--unit", "mph")
TASK = ("--history", "6", "--horizon", "4", "--model", "historical-average")


def invoke(folder: Path, *arguments: str) -> Result:
    app = typer.Typer()
    app.command()(backtest)
    files = ["--series", str(folder / "speed.csv"), "--adjacency", str(folder / "adjacency.csv")]
    return CliRunner().invoke(app, [*files, *READING, *TASK, *arguments])


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    write_world(world, tmp_path)
    return tmp_path


def test_the_errors_are_shown_and_the_forecasts_written(folder: Path) -> None:
    chosen = ["--begin", "2012-03-10", "--stride", "6h", "--refit", "2", "--window", "300", "--threshold", "50"]
    result = invoke(folder, *chosen, "--output", str(folder / "out" / "all.csv"))
    assert result.exit_code == 0, result.output
    how = {"unit": ["mph"], "start": "2012-03-01", "interval": "30min"}
    inputs = read_inputs(folder / "speed.csv", folder / "adjacency.csv", **how)  # type: ignore[arg-type]  # as declared
    expected = forecast_from_origins(
        inputs.series,
        inputs.graph,
        "historical-average",
        start="2012-03-10",
        stride=12,
        refit=2,
        history=6,
        horizon=4,
        expanding=300,
    )
    table = pd.read_csv(folder / "out" / "all.csv")
    np.testing.assert_allclose(table["forecast"], expected.forecasts.ravel(), rtol=1e-5)
    assert repr(expected) in result.output.replace("\n", "")
    assert f"{expected.summary()['MAE'].iloc[-1]:.3f}" in result.output
    assert "where the truth is at least 50 mph" in result.output


def test_a_start_may_be_a_share(folder: Path) -> None:
    result = invoke(folder, "--begin", "0.9", "--stride", "20")
    assert result.exit_code == 0, result.output
    assert "origins=3, fits=1" in result.output
    assert sorted(path.name for path in folder.iterdir()) == ["adjacency.csv", "speed.csv"]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("--begin", "soon"), DataError, "start: expected a time such as"),
        (("--begin", "1.5"), DataError, "start: expected a share"),
        (("--stride", "0"), DataError, "stride: expected a number of steps above 0"),
        (("--stride", "0.5"), DataError, "stride: expected a number of steps above 0"),
        (("--window", "7", "--model", "linear-regression"), DataError, "the fit on 7 steps"),
        (("--model", "patchnt"), UnknownNameError, "did you mean 'patchnet'"),
        (("--output", "all.xlsx"), DataError, r"all\.xlsx: expected a name ending in"),
        (("--output", "speed.csv/all.csv"), DataError, r"speed\.csv is a file"),
    ],
)
def test_what_cannot_be_is_one_error_and_no_file(
    folder: Path,
    arguments: tuple[str, ...],
    error: type[StgraphError],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    result = invoke(folder, *arguments)
    with pytest.raises(error, match=words):
        raise result.exception or AssertionError(result.output)
    assert sorted(path.name for path in folder.iterdir()) == ["adjacency.csv", "speed.csv"]
