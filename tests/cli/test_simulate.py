"""`stgraph simulate` writes files that `fit` reads."""

from pathlib import Path

from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.forecasting import read_inputs


def test_what_it_writes_is_what_fit_reads(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["simulate", "--days", "1", "--output", str(tmp_path)])
    assert result.exit_code == 0
    inputs = read_inputs(tmp_path / "series.npz", tmp_path / "adjacency.csv")
    assert len(inputs.series) == 288
    assert inputs.series.channels == ("speed", "flow", "occupancy")
    assert inputs.graph.ids == inputs.series.sensors


def test_roads_of_any_size_are_written_as_fit_reads_them(tmp_path: Path) -> None:
    out = tmp_path / "large"
    result = CliRunner().invoke(app, ["simulate", "--days", "1", "--sensors", "150", "--output", str(out)])
    assert result.exit_code == 0
    inputs = read_inputs(out / "speed", out / "adjacency.npz")
    assert inputs.series.values.shape == (288, 150, 1)
    assert inputs.graph.ids == inputs.series.sensors
    assert inputs.graph.positions is not None
    again = CliRunner().invoke(app, ["simulate", "--days", "1", "--sensors", "150", "--output", str(out)])
    assert again.exit_code == 1
    assert "expected a folder that is not there yet" in str(again.exception)
