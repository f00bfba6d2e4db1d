"""A desk with good files and a good run, and a command line that must refuse what is done to them."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stgraph.cli.main import main
from stgraph.forecasting import fit, read_inputs
from tests.datasets.tiny import write_sz_taxi, write_text

IDS = ["773869", "767541", "767542"]
TIMES = pd.date_range("2012-03-01", periods=60, freq="5min", name="time")
TABLE = pd.DataFrame((60 + np.arange(180.0).reshape(60, 3) % 7).round(1), index=TIMES, columns=IDS)
WIDE = TABLE.to_csv().splitlines()
LONG = TABLE.reset_index().melt("time", var_name="sensor", value_name="speed").to_csv(index=False).splitlines()
BARE = "0,0.5,0\n0,0,0.5\n0.1,0,0\n"
LABELLED = pd.DataFrame(np.eye(3, k=1), IDS, IDS).to_csv()
FIT = ("fit", "--output", "out", "--model", "persistence")
GOOD = (*FIT, "--series", "wide.csv", "--adjacency", "bare.csv")

Refused = Callable[..., str]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good files and a good run, to be copied."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "wide.csv").write_text(text(WIDE))
    (folder / "long.csv").write_text(text(LONG))
    (folder / "bare.csv").write_text(BARE)
    inputs = read_inputs(folder / "wide.csv", folder / "bare.csv")
    fit(inputs.series, inputs.graph, "persistence", provenance=inputs.provenance).save(folder / "run")
    fit(inputs.series, inputs.graph, "linear-regression").save(folder / "other")
    return folder


@pytest.fixture
def refused(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Run the command line on a desk of one's own; return what it says once it has refused and left all as it was."""
    shutil.copytree(desk, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        before = sorted(tmp_path.rglob("*"))
        monkeypatch.setattr(sys, "argv", ["stgraph", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        error = capsys.readouterr().err
        assert stop.value.code == 1, error
        assert error.startswith("stgraph: ")
        assert error.endswith("\n")
        assert error.count("\n") == 1
        assert sorted(tmp_path.rglob("*")) == before
        return error.removeprefix("stgraph: ").removesuffix("\n")

    return run


@pytest.fixture
def taxis(tmp_path: Path) -> Path:
    """Forty steps of them."""
    write_sz_taxi(tmp_path)
    table = (tmp_path / "sz-taxi" / "sz_speed.csv").read_text().splitlines()
    write_text(tmp_path / "sz-taxi" / "sz_speed.csv", "\n".join([table[0], *table[1:] * 8]) + "\n")
    return tmp_path


def text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def put(line: int, row: str, lines: list[str] = WIDE) -> str:
    """The table with another line, counted from 1."""
    return text([*lines[: line - 1], row, *lines[line:]])


def without(column: int, lines: list[str]) -> str:
    return text([",".join(cell for k, cell in enumerate(line.split(",")) if k != column) for line in lines])


def assert_matches(found: str, pattern: str) -> None:
    assert re.match(pattern, found), found
