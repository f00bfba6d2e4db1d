"""docs/own-network.md, from raw station files to a map, as it stands."""

import re
import shlex
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.datasets import synthetic
from tests.series.pems_world import Station, write_day, write_meta

PAGE = (Path(__file__).parents[1] / "docs" / "own-network.md").read_text()
DAYS = 5
KMH_OF_MPH = 1.609344


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What PeMS would give of one simulated freeway, and an hour of new values."""
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    series = synthetic(days=DAYS + 1, seed=0).series.slice(0, (DAYS + 1) * 288)
    stations = tuple(Station(str(716000 + n)) for n in range(12))
    raw = tmp_path / "raw"
    raw.mkdir()
    for day in range(DAYS):
        date = str(pd.Timestamp("2025-10-08") + pd.Timedelta(days=day))[:10]
        write_day(raw, _lines(series.values, series.observed, stations, day, date), date)
    stations = (*stations, Station("716099"))  # opened in November
    november = tmp_path / "november"
    november.mkdir()
    write_day(november, _lines(series.values, series.observed, stations, DAYS, "2025-11-01"), "2025-11-01")
    meta = [
        [
            s.name,
            "5",
            "N",
            "7",
            "37",
            "",
            f"R{k}.5",
            f"{100 + k / 2}",
            f"{33 + k / 100:.6f}",
            f"{-118 - k / 100:.6f}",
            ".5",
            "ML",
            "3",
            f"ROAD {k}",
            "",
            "",
            "",
            "",
        ]
        for k, s in enumerate(stations)
    ]
    write_meta(raw, meta[:-1], "2025_10_08")
    write_meta(november, meta, "2025_11_01")
    times = pd.date_range(pd.Timestamp("2025-10-08") + pd.Timedelta(days=DAYS), periods=12, freq="5min")
    rows = [
        f"{time},{s.name},{55 - k},{100 + k},0.1"
        for time in times
        for k, s in enumerate(stations[:-1])
        if s.name != "716003"
    ]
    (tmp_path / "latest.csv").write_text("\n".join(["time,sensor,speed,flow,occupancy", *rows[::-1], rows[0]]))
    return tmp_path


def _lines(values: np.ndarray, observed: np.ndarray, stations: tuple[Station, ...], day: int, date: str) -> list[str]:
    lines = []
    for step, time in enumerate(pd.date_range(date, periods=288, freq="5min")):
        for n, station in enumerate(stations):
            speed, flow, occupancy = values[288 * day + step, n]
            share = 100 if observed[288 * day + step, n].all() else 0
            cells = [time.strftime("%m/%d/%Y %H:%M:%S"), station.name, "7", "5", "N", "ML", ".5", "30", str(share)]
            cells += [f"{flow / 12:.0f}", f"{occupancy:.4f}", f"{speed / KMH_OF_MPH:.1f}"]
            lines.append(",".join([*cells, *[""] * 40]))
    return lines


@pytest.mark.slow
@pytest.mark.usefixtures("desk")
def test_every_command_of_the_page_runs_and_leaves_what_it_says() -> None:
    commands = [line for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    assert len(commands) == 11
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "stgraph"
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, f"{command}: {result.output} {result.exception}"
    for name in ("store", "health/health.png", "clean.npz", "network.png", "run/evaluation/report.md", "forecast.html"):
        assert Path(name).exists(), name
    forecast = pd.read_csv("forecast.csv", dtype={"sensor": str}, parse_dates=["time"])
    assert len(forecast) == 12 * 12
    assert set(forecast["unit"]) == {"mph"}
    assert forecast["time"].min() == pd.Timestamp("2025-10-13 01:00")
    assert forecast["value"].between(0, 100).all()
    later = pd.read_csv("november.csv", dtype={"sensor": str})
    assert later["sensor"].nunique() == 13
    assert later["value"].between(later["lower"], later["upper"]).all()
    (python,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(python, "own-network.md", "exec"), names)  # noqa: S102 - as it stands on the page
    np.testing.assert_allclose(names["today"].forecast().values.ravel(), later["value"], rtol=1e-4)
