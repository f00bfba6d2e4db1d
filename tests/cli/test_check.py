"""`stgraph check`: what is wrong is printed, written and left out of what is fitted."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.forecasting import load
from stgraph.series import read_series
from tests.cli.conftest import Refused, assert_matches

STEPS = 600
RNG = np.random.default_rng(0)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Speeds of six sensors, of which one is stuck for a while and one has a speed that cannot be."""
    times = pd.date_range("2024-03-04", periods=STEPS, freq="5min", name="time")
    table = pd.DataFrame(RNG.normal(60, 2, (STEPS, 6)).round(3), index=times, columns=[f"s{n}" for n in range(6)])
    table.iloc[100:150, 1] = 61.5
    table.iloc[300, 2] = 400
    table.to_csv(tmp_path / "speed.csv")
    pd.DataFrame(np.eye(6, k=1), table.columns, table.columns).to_csv(tmp_path / "adjacency.csv")
    return tmp_path


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output.replace("\n", " ")


def test_what_is_wrong_is_printed_and_without_an_output_nothing_is_written(files: Path) -> None:
    before = sorted(files.iterdir())
    shown = run("check", "--series", files / "speed.csv", "--unit", "mph")
    assert "2 of 6 sensors have values to distrust, 1.4 % of all: impossible 1, stuck 1" in shown
    assert "stuck 8.33 %" in shown
    assert "impossible 0.167 %" in shown
    assert "--missing" not in shown
    assert sorted(files.iterdir()) == before


def test_table_summary_picture_and_a_series_that_fit_takes(files: Path) -> None:
    series, adjacency, out, clean = (files / name for name in ("speed.csv", "adjacency.csv", "out", "clean.npz"))
    shown = run(
        "check", "--series", series, "--adjacency", adjacency, "--unit", "mph", "--output", out, "--write", clean
    )
    assert sorted(path.name for path in out.iterdir()) == ["health.csv", "health.json", "health.png"]
    assert (out / "health.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((out / "health.json").read_text())["rules"]["stuck"]["sensors"] == ["s1"]
    assert f"stgraph fit --series {clean}" in shown
    whole, left = read_series(series, unit="mph"), read_series(clean)
    hidden = whole.observed & ~left.observed
    assert hidden[100:150, 1].all()
    assert hidden[300, 2].all()
    assert hidden.sum() == 51
    assert (left.units, left.interval) == (whole.units, whole.interval)
    model = ("--model", "persistence", "--output", files / "run")
    run("fit", "--series", clean, "--adjacency", adjacency, *model)
    assert load(files / "run").provenance["series"] == str(clean.resolve())


def test_thresholds_can_be_set(files: Path) -> None:
    given = ("--set", "fastest=700", "--set", "stuck_hours=5", "--set", "jump_sigmas=1000")
    assert "nothing to distrust on 6 sensors" in run("check", "--series", files / "speed.csv", *given)


def test_zeros_that_mean_not_measured_are_guessed_at(files: Path) -> None:
    table = pd.read_csv(files / "speed.csv", index_col=0)
    table.iloc[200:400, 3:] = 0
    table.to_csv(files / "speed.csv")
    assert "if 0 means 'not measured' in this file, say --missing 0 instead" in run(
        "check", "--series", files / "speed.csv"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--series", "none.csv"), "none.csv: cannot be read"),
        (("--series", "wide.csv", "--adjacency", "two.csv"), "two.csv: series and graph have different sensors"),
        (("--series", "wide.csv", "--write", "out.csv"), "out.csv: expected a name ending in .npz"),
        (("--series", "wide.csv", "--output", "wide.csv"), "wide.csv: expected a folder, but wide.csv is a file"),
        (("--series", "wide.csv", "--write", "wide.csv/a.npz"), "wide.csv: expected a folder, but wide.csv is a file"),
        (
            ("--series", "wide.csv", "--set", "stuck=1"),
            "unknown setting of the check 'stuck': did you mean 'stuck_hours'",
        ),
        (("--series", "wide.csv", "--set", "fastest=-1"), "fastest: expected a positive number, found -1"),
    ],
)
def test_a_mistake_is_one_line_and_no_file(refused: Refused, arguments: tuple[str, ...], words: str) -> None:
    Path("two.csv").write_text(",a,b\na,0,1\nb,0,0\n")
    assert_matches(refused("check", *arguments), words)
