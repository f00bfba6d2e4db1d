"""`stgraph store`, and the verbs that open what it writes."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from stgraph.cli.main import main
from stgraph.series import open_series
from tests.cli.conftest import LONG, Refused, assert_matches, text
from tests.series.pems_world import day_lines, write_day


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path, code: int = 0) -> None:
    monkeypatch.setattr(sys, "argv", ["stgraph", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == code


def test_from_days_of_pems_to_a_scored_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    files = [write_day(tmp_path, day_lines(day, steps=100), day) for day in ("2025-10-08", "2025-10-09")]
    run(monkeypatch, "store", *files, "--freeway", "5", "--direction", "N", "--output", "october", "--country", "US")
    assert "200, sensors=3" in capsys.readouterr().out
    assert open_series("october").country == "US"
    np.savetxt("adjacency.csv", np.eye(3, k=1), delimiter=",")
    fit = ("fit", "--series", "october", "--adjacency", "adjacency.csv", "--model", "persistence", "--output", "run")
    run(monkeypatch, *fit)
    run(monkeypatch, "evaluate", "run")
    run(monkeypatch, "forecast", "run", "--input", "october")
    shutil.copytree("october", "moved")
    shutil.rmtree("october")
    run(monkeypatch, "evaluate", "run", "--series", "moved")
    values = np.load("moved/values.npy")
    values[0, 0, 0] += 1
    np.save("moved/values.npy", values)
    capsys.readouterr()
    run(monkeypatch, "evaluate", "run", "--series", "moved", code=1)
    assert "moved/values.npy: expected SHA-256" in capsys.readouterr().err


def test_mistakes_are_one_line_and_leave_nothing(refused: Refused) -> None:
    assert_matches(refused("store", "absent.csv", "--output", "x"), r"absent\.csv: cannot be read")
    assert_matches(refused("store", "long.csv", "--output", "run"), "run: expected a folder that is not there yet")
    assert_matches(refused("store", "long.csv", "--output", "x", "--freeway", "5"), r"long\.csv: expected 5-minute")
    assert_matches(refused("store", "long.csv", "--output", "x", "--lane-type", "XX"), "unknown lane type 'XX'")
    assert_matches(
        refused("store", "long.csv", "--output", "x", "--key", "df"), r"long\.csv: .* no use for key; leave it"
    )
    assert_matches(
        refused("store", "long.csv", "--output", "x", "--column", "time=MZ"),
        "long.csv, line 1: expected the column 'MZ'",
    )
    twice = ("store", "long.csv", "long.csv", "--output", "x", "--resample", "1h")
    assert_matches(refused(*twice), r"long\.csv: PeMS, and several files, .* give it where the store is read")
    Path("long.csv").write_text(text([*LONG, f"{LONG[1]}9"]))
    assert_matches(
        refused("store", "long.csv", "--output", "x"), r"long\.csv, line 182: .* repeats line 2 with another"
    )


def test_a_table_of_an_authority_becomes_a_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        "MZ;DET;v;Spur",
        *(f"{time.replace('T', ' ')};7;60,5;1" for time in ("2018-10-28T02:00", "2018-10-28T02:05")),
    ]
    Path("a.csv").write_text(text([*rows, rows[2], rows[2].replace("60,5", "61,5")]))
    named = ("--column", "time=MZ", "--column", "sensor=DET", "--column", "speed=v", "--duplicates", "mean")
    run(monkeypatch, "store", "a.csv", *named, "--output", "a")
    said = " ".join("".join(capsys.readouterr()).split())
    assert "a: line 5: 2018-10-28 02:05:00 of sensor 7 repeats line 3 with another value: the mean counts" in said
    assert open_series("a").values.ravel().tolist() == [60.5, np.float32((60.5 + 60.5 + 61.5) / 3)]
    run(monkeypatch, "store", "a.csv", *named, "--resample", "10min", "--resample-by", "speed=max", "--output", "b")
    assert open_series("b").interval == np.timedelta64(10, "m")
