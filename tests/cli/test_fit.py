"""`stgraph fit` and `forecast` on files, the whole way."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.errors import StgraphError, UnknownNameError
from stgraph.forecasting import load
from tests.conftest import World
from tests.forecasting.test_inputs import write_world

SMALL = ["--epochs", "1", "--set", "hidden=8", "--set", "heads=2", "--set", "layers=1"]


def fit(world: World, folder: Path, *extra: str) -> Path:
    fitted(world, folder, *extra)
    return folder / "run"


def fitted(world: World, folder: Path, *extra: str) -> str:
    """What it prints."""
    series, adjacency = write_world(world, folder)
    arguments = ["fit", "--series", str(series), "--adjacency", str(adjacency), "--output", str(folder / "run")]
    clock = ["--start", "2012-03-01", "--interval", "30min", "--unit", "mph", "--accelerator", "cpu"]
    result = CliRunner().invoke(app, [*arguments, *clock, *extra])
    if result.exception:
        raise result.exception
    return result.output


def test_files_in_a_dated_forecast_out(world: World, tmp_path: Path) -> None:
    run = fit(world, tmp_path, *SMALL)
    assert load(run).model.settings["hidden"] == 8
    result = CliRunner().invoke(app, ["forecast", str(run), "--output", str(tmp_path / "forecast.csv")])
    assert result.exit_code == 0
    table = pd.read_csv(tmp_path / "forecast.csv")
    assert len(table) == 12 * 17
    assert table["time"].iloc[0] == "2012-03-13 12:00:00"  # 600 half hours after the first of March
    assert set(table["unit"]) == {"mph"}


def test_quantiles_are_asked_for_and_the_median_is_among_them(world: World, tmp_path: Path) -> None:
    run = fit(world, tmp_path, *SMALL, "--quantile", "0.95", "--quantile", "0.05")
    assert load(run).task.quantiles == (0.05, 0.5, 0.95)
    result = CliRunner().invoke(app, ["info", str(run)])
    assert "calibrated on" in result.output


def test_the_newest_file_is_forecast_from_its_own_end(world: World, tmp_path: Path) -> None:
    run = fit(world, tmp_path, "--model", "persistence")
    newest = tmp_path / "newest.csv"
    pd.read_csv(tmp_path / "speed.csv").head(480).to_csv(newest, index=False)
    result = CliRunner().invoke(
        app,
        [
            "forecast",
            str(run),
            "--input",
            str(newest),
            "--start",
            "2012-03-01",
            "--output",
            str(tmp_path / "f.csv"),
        ],
    )
    assert result.exit_code == 0
    assert pd.read_csv(tmp_path / "f.csv")["time"].iloc[0] == "2012-03-11 00:00:00"


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (("--model", "patchnt"), "did you mean 'patchnet'"),
        (("--set", "hiden=8"), "did you mean 'hidden'"),
        (("--precision", "64"), "precision"),
        (("--missing", "0", "--history", "500"), "no window fits"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_written(
    world: World, tmp_path: Path, extra: tuple[str, ...], words: str
) -> None:
    with pytest.raises(StgraphError, match=words):
        fit(world, tmp_path, *extra)
    assert not (tmp_path / "run").exists()


def test_a_missing_value_is_unobserved(world: World, tmp_path: Path) -> None:
    series, _ = write_world(world, tmp_path)
    table = pd.read_csv(series)
    table.iloc[-12:, 0] = 0.0
    how = ("--model", "persistence", "--missing", "0")
    table.to_csv(series, index=False)
    run = load(fit_written(tmp_path, *how))
    assert not run.latest.observed[:, 0].any()


def fit_written(folder: Path, *extra: str) -> Path:
    arguments = ["fit", "--series", str(folder / "speed.csv"), "--adjacency", str(folder / "adjacency.csv")]
    clock = ["--start", "2012-03-01", "--interval", "30min", "--output", str(folder / "run")]
    result = CliRunner().invoke(app, [*arguments, *clock, *extra])
    assert result.exit_code == 0, result.output
    return folder / "run"


def test_an_unknown_model_is_the_librarys_own_error(world: World, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError):
        fit(world, tmp_path, "--model", "nothing")


def test_a_protocol_decides_split_and_scaling_is_said_and_is_kept(world: World, tmp_path: Path) -> None:
    said = " ".join(fitted(world, tmp_path, "--protocol", "tgcn", "--model", "persistence").split())
    assert "exceptions to our laws: the epoch is chosen on the test part; the scaler has seen" in said
    assert "bounds: none, as no part of the series was held out to measure errors on" in said
    run = load(tmp_path / "run")
    assert (run.split.train, run.split.selection, run.scaling.kind) == (0.8, "test", "maximum")
    assert run.provenance["protocol"] == "tgcn"
    with pytest.raises(UnknownNameError, match="did you mean 'dcrnn'"):
        fit(world, tmp_path, "--protocol", "dcrn")
