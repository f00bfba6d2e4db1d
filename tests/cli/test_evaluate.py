"""`stgraph evaluate` on the files of a run: the report is there, or one line says why not and nothing is."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stgraph.cli.evaluate import write
from stgraph.cli.main import app, main
from stgraph.evaluation import PROTOCOLS, evaluate
from stgraph.evaluation.hard_parts import PEAK
from stgraph.forecasting import fit, load, reopen_series
from tests.conftest import World
from tests.forecasting.test_inputs import write_world

FILES = ["error_by_lead.png", "hours.png", "report.json", "report.md", "sensors.png"]


@pytest.fixture
def run(world: World, tmp_path: Path) -> Path:
    """A run folder of a CSV whose fourth sensor never spoke."""
    series, adjacency = write_world(world, tmp_path)
    arguments = ["fit", "--series", str(series), "--adjacency", str(adjacency), "--output", str(tmp_path / "run")]
    how = ["--start", "2012-03-01", "--interval", "30min", "--unit", "mph", "--model", "persistence"]
    result = CliRunner().invoke(app, [*arguments, *how])
    assert result.exit_code == 0, result.output
    return tmp_path / "run"


def test_a_run_is_scored_and_reported(run: Path) -> None:
    result = CliRunner().invoke(app, ["evaluate", str(run)])
    assert result.exit_code == 0, result.output
    folder = run / "evaluation"
    assert sorted(path.name for path in folder.iterdir()) == FILES
    for name in FILES:
        assert str(folder / name) in result.output.replace("\n", "")
    report = json.loads((folder / "report.json").read_text(), parse_constant=pytest.fail)
    forecaster = load(run)
    scored = evaluate({"persistence": forecaster}, reopen_series(forecaster.provenance))
    own = [row for row in report["per_sensor"] if row["model"] == "persistence"]
    assert own == scored.to_dict()["per_sensor"]
    assert next(row for row in own if row["sensor"] == "s03")["MAE"] is None
    assert {row["model"] for row in report["errors"]} == {"persistence", "historical-average", "linear-regression"}
    assert {row["part"] for row in report["per_part"]} == {"peak", "abrupt"}
    assert report["about"]["part peak"] == PEAK
    assert "mph, 25 % of P95 - P5 of all observed values" in report["about"]["part abrupt"]
    abrupt = next(line.split() for line in result.output.splitlines() if line.split()[:1] == ["abrupt"])
    pooled = [row for row in report["per_part"] if row["part"] == "abrupt" and row["lead"].startswith("avg")]
    assert abrupt[1:] == [f"{row['MAE']:.3f}" for row in pooled]
    assert "(mph; MAPE in %, where the truth is at least 1 mph)" in result.output
    worst = list(scored.worst_sensors().index)
    shown = [line.split()[0] for line in result.output.splitlines() if line.strip().startswith("s")]
    assert shown == ["sensor", *worst[:5]]
    page = (folder / "report.md").read_text()
    for picture in ("error_by_lead.png", "hours.png", "sensors.png"):
        assert f"]({picture})" in page
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")


def test_part_threshold_place_of_the_series_and_output_can_be_said(run: Path, tmp_path: Path) -> None:
    moved = (tmp_path / "speed.csv").rename(tmp_path / "moved.csv")
    chosen = [
        "--part",
        "validation",
        "--threshold",
        "50",
        "--coverage",
        "0.8",
        "--series",
        str(moved),
        "--output",
        str(tmp_path / "out"),
    ]
    result = CliRunner().invoke(app, ["evaluate", str(run), *chosen])
    assert result.exit_code == 0, result.output
    assert not (run / "evaluation").exists()
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["part"] == "validation"
    assert report["mape_threshold"] == 50
    assert report["coverage_asked"] == 0.8
    assert "bounds of speed that should hold 80 %, avg<=360 min (mph)" in result.output
    assert "that chose the epoch" in result.output
    assert "where the truth is at least 50 mph" in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "speed.csv: expected the series of this run, SHA-256"),
        (("--part", "tset"), "unknown part 'tset': did you mean 'test'?"),
        (("--series", "nowhere.csv"), "nowhere.csv: not found"),
        (("--output", "file/inside"), "file is a file"),
    ],
)
def test_what_cannot_be_is_one_line_exit_code_1_and_no_file(
    run: Path,
    arguments: tuple[str, ...],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(run.parent)
    Path("file").write_text("")
    series = Path("speed.csv")
    series.write_text(series.read_text().replace("6", "7", 1))
    there = sorted(run.parent.rglob("*"))
    monkeypatch.setattr(sys, "argv", ["stgraph", "evaluate", str(run), *arguments])
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("stgraph: ")
    assert words in error
    assert error.count("\n") == 1
    assert sorted(run.parent.rglob("*")) == there


def test_each_observed_channel_has_its_pictures(world: World, tmp_path: Path) -> None:
    forecaster = fit(world.series, world.graph, "persistence", targets=["speed", "flow"], history=6, horizon=2)
    paths = write(evaluate({"persistence": forecaster}, world.series), forecaster, tmp_path)
    assert sorted(paths) == sorted(tmp_path.iterdir())
    pictures = {path.name for path in paths if path.suffix == ".png"}
    assert pictures == {f"{name}{end}.png" for name in ("error_by_lead", "hours", "sensors") for end in ("", "_2")}
    _, flow = (tmp_path / "report.md").read_text().split("## flow [veh/h]")
    assert "](sensors_2.png)" in flow


@pytest.mark.parametrize("protocol", ["dcrnn", "pems", "basicts", "tgcn"])
def test_a_run_is_scored_under_another_protocol_which_the_report_names(run: Path, protocol: str) -> None:
    result = CliRunner().invoke(app, ["evaluate", str(run), "--protocol", protocol])
    assert result.exit_code == 0, result.output
    assert "fitted under clean" in result.output
    report = json.loads((run / "evaluation" / "report.json").read_text())
    assert report["protocol"] | {"MAPE": ""} == PROTOCOLS[protocol].describe() | {"MAPE": ""}
    assert report["about"]["fitted under"] == "clean"
    assert PROTOCOLS[protocol].exceptions[0] in (run / "evaluation" / "report.md").read_text()
    assert len({row["model"] for row in report["errors"]}) == 3
