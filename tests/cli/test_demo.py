"""`stgraph demo`, small: every file it names is there and says what it should."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.forecasting import load

FILES = [
    "error_by_lead.png",
    "forecast.csv",
    "forecast.html",
    "forecast.png",
    "hours.png",
    "network.png",
    "report.json",
    "report.md",
    "run.json",
    "sensors.png",
    "tensors.safetensors",
]


@pytest.mark.slow
def test_the_demo_writes_all_it_names(tmp_path: Path) -> None:
    small = ["--set", "hidden=8", "--set", "heads=2", "--set", "layers=1"]
    result = CliRunner().invoke(app, ["demo", "--output", str(tmp_path), "--days", "4", "--epochs", "1", *small])
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in tmp_path.iterdir()) == FILES
    for name in FILES:
        assert str(tmp_path / name) in result.output.replace("\n", "")
    table = pd.read_csv(tmp_path / "forecast.csv")
    assert len(table) == 12 * 96
    assert set(table["unit"]) == {"km/h"}
    report = json.loads((tmp_path / "report.json").read_text())
    models = {row["model"] for row in report["errors"]}
    assert models == {"patchnet", "persistence", "historical-average", "linear-regression"}
    assert {"@15 min", "@30 min", "@60 min", "avg<=60 min"} <= {row["lead"] for row in report["errors"]}
    assert (tmp_path / "forecast.png").read_bytes().startswith(b"\x89PNG")
    assert load(tmp_path).provenance["series"] == "synthetic, 4 days, seed 0"
    assert ((table["lower"] <= table["value"]) & (table["value"] <= table["upper"])).all()
