"""`stgraph compare` on two runs: the table, the verdict and the files, or one line that says why not."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stgraph.cli.compare import write
from stgraph.cli.main import app, main
from stgraph.evaluation.compare import compare
from stgraph.forecasting import fit, load, read_inputs, reopen_series
from tests.conftest import World
from tests.forecasting.test_inputs import write_world

HOW = {"start": "2012-03-01", "interval": "30min", "unit": ["mph"]}
TASK = {"history": 6, "horizon": 4}


@pytest.fixture
def desk(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the runs `p`, `h` and `again/p` of one series, and `else` of another, to work in."""
    series, adjacency = write_world(world, tmp_path)
    monkeypatch.chdir(tmp_path)
    for name, model in (("p", "persistence"), ("h", "historical-average"), ("again/p", "persistence")):
        inputs = read_inputs(series, adjacency, **HOW)  # type: ignore[arg-type]  # as declared above
        fit(inputs.series, inputs.graph, model, provenance=inputs.provenance, **TASK).save(name)  # type: ignore[arg-type]  # likewise
    fit(world.series, world.graph, "persistence", **TASK).save("memory")  # type: ignore[arg-type]  # likewise
    return tmp_path


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["compare", *arguments])
    assert result.exit_code == 0, result.output
    return result.output.replace("\n", " ")


def test_two_runs_are_compared_and_all_is_written(desk: Path) -> None:
    output = said("p", "h", "--output", "out")
    one, other = load(desk / "p"), load(desk / "h")
    found = compare(one, other, reopen_series(one.provenance))
    assert found.describe() in output
    assert "one = persistence, other = historical-average" in output
    assert "over 3 days, too few to trust the interval" in output
    for row in found.differences:
        assert (f"{row.low:.3f} to {row.high:.3f}" in output) == (row.lead in set(found.summary()["lead"]))
    written = json.loads((desk / "out/compare.json").read_text(), parse_constant=pytest.fail)
    assert written == {"runs": ["p", "h"], **found.to_dict()}
    assert (desk / "out/compare.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in (desk / "out").iterdir()) == ["compare.json", "compare.png"]


def test_without_output_nothing_is_written_and_all_can_be_chosen(desk: Path) -> None:
    moved = (desk / "speed.csv").rename(desk / "moved.csv")
    there = sorted(desk.rglob("*"))
    output = said("p", "h", "--part", "validation", "--metric", "RMSE", "--seed", "7", "--series", "moved.csv")
    one, other = load(desk / "p"), load(desk / "h")
    found = compare(one, other, reopen_series(one.provenance, moved), "validation", metric="RMSE", seed=7)
    assert found.describe() in output
    assert "RMSE of speed (mph)" in output
    assert "the validation part" in output
    assert sorted(desk.rglob("*")) == there


def test_runs_of_the_same_model_go_by_their_folders_and_at_last_by_their_order(desk: Path) -> None:
    (desk / "again/p").rename(desk / "again/q")
    assert "no difference between p and q can be told" in said("p", "again/q")
    assert "no difference between p (one) and p (other) can be told" in said("p", "p")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("p", "nowhere"), "nowhere"),
        (("p", "memory"), "series SHA-256: expected the same for both runs, found"),
        (("memory", "memory"), "came from no file"),
        (("p", "h", "--part", "tset"), "unknown part 'tset': did you mean 'test'?"),
        (("p", "h", "--metric", "mae"), "unknown metric 'mae'"),
        (("p", "h", "--series", "nowhere.csv"), "nowhere.csv: not found"),
        (("p", "h", "--output", "speed.csv/inside"), "speed.csv is a file"),
    ],
)
def test_what_cannot_be_is_one_line_exit_code_1_and_no_file(
    desk: Path,
    arguments: tuple[str, ...],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    there = sorted(desk.rglob("*"))
    monkeypatch.setattr(sys, "argv", ["stgraph", "compare", *arguments])
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("stgraph: ")
    assert words in error
    assert error.count("\n") == 1
    assert sorted(desk.rglob("*")) == there


def test_each_channel_has_its_picture(world: World, tmp_path: Path) -> None:
    one, other = (
        fit(world.series, world.graph, name, targets=["speed", "flow"], history=6, horizon=2)
        for name in ("persistence", "historical-average")
    )
    paths = write(compare(one, other, world.series), (Path("a"), Path("b")), tmp_path)
    assert [path.name for path in paths] == ["compare.json", "compare.png", "compare_2.png"]
    assert sorted(paths) == sorted(tmp_path.iterdir())
