"""Station files of PeMS against a slow twin, in any form and order; every mistake in them is named by its line."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError, UnknownNameError
from stgraph.series import TrafficSeries, read_pems, read_series
from stgraph.series.pems import holds_pems
from stgraph.series.pems_rows import CHANNELS
from tests.series.pems_world import STATIONS, day_lines, frame, write_day

LINES = day_lines(steps=4)


def slow_twin(lines: list[str], observed_at_least: float = 50) -> TrafficSeries:
    """The mainline of a few lines, a cell at a time."""
    table = frame(lines)
    table = table[table["LaneType"] == "ML"]
    times = sorted({pd.Timestamp(text) for text in table["Timestamp"]})
    sensors = sorted(set(table["Station"]), key=int)
    values = np.full((len(times), len(sensors), 3), np.nan, dtype=np.float32)
    for row in table.to_dict("records"):
        place = times.index(pd.Timestamp(row["Timestamp"])), sensors.index(row["Station"])
        if int(row["PctObserved"]) >= observed_at_least:
            values[place] = [float(row[column]) for column, _ in CHANNELS.values()]
    return TrafficSeries(
        values=values,
        observed=~np.isnan(values),
        times=np.array(times, dtype="M8[ns]"),
        sensors=tuple(sensors),
        channels=("speed", "flow", "occupancy"),
        units=("mph", "veh/5 min", "fraction"),
        interval=np.timedelta64(5, "m"),
    )


@pytest.mark.parametrize("ending", [".txt.gz", ".txt", ".parquet"])
def test_every_form_says_what_its_cells_say(ending: str, tmp_path: Path) -> None:
    path = write_day(tmp_path, LINES, ending=ending)
    series = read_pems(path)
    assert series.digest() == slow_twin(LINES).digest()
    assert series.sensors == ("715898", "715915", "715916", "716001", "1108437")
    assert 0 < series.observed.mean() < 1
    assert read_series(path).digest() == series.digest()
    assert read_series(tmp_path).digest() == series.digest()


def test_it_is_known_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    path = write_day(tmp_path, LINES, ending=".txt").rename(tmp_path / "monday.csv")
    assert read_series(path, channel="flow").digest() == slow_twin(LINES).select(channels=("flow",)).digest()
    with pytest.raises(DataError, match=r"monday\.csv: .* no use for unit, interval; leave"):
        read_series(path, unit="mph", interval="5min")


def test_a_folder_is_known_by_the_names_in_it(tmp_path: Path) -> None:
    assert not holds_pems(tmp_path)
    path = write_day(tmp_path, LINES)
    assert holds_pems(tmp_path)
    assert holds_pems(path)
    assert not holds_pems(tmp_path / "absent.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty: expected a name ending in .* or a store"):
        read_series(tmp_path / "empty")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(order=st.permutations(LINES), cut=st.integers(1, len(LINES) - 1))
def test_the_order_of_rows_and_files_means_nothing(order: list[str], cut: int, tmp_path: Path) -> None:
    parts = [write_day(tmp_path, part, day) for part, day in ((order[:cut], "b"), (order[cut:], "a"))]
    assert read_pems(parts).digest() == slow_twin(LINES).digest()


def test_days_go_on_one_clock(tmp_path: Path) -> None:
    days = ["2025-10-08", "2025-10-09", "2025-10-11"]
    files = [write_day(tmp_path, day_lines(day), day) for day in days]
    (tmp_path / "d07_text_meta_2023_12_22.txt").write_text("not read")
    whole = read_pems(tmp_path)
    assert whole.segments == ((0, 576), (576, 864))
    assert whole.slice(0, 288).digest() == read_pems(files[0]).digest()
    assert read_pems(str(tmp_path / "*_10_0[89].txt.gz")).digest() == whole.slice(0, 576).digest()


@pytest.mark.parametrize("size", [3000, 10**6])
def test_batches_of_any_size_say_the_same(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stgraph.series.pems_batches.AT_ONCE", size)
    lines = day_lines(steps=40)
    assert read_pems(write_day(tmp_path, lines)).digest() == slow_twin(lines).digest()


def test_stations_are_chosen_by_freeway_direction_and_lane_type(tmp_path: Path) -> None:
    path = write_day(tmp_path, LINES)
    assert read_pems(path, freeway=5, direction="N").sensors == ("715898", "715915", "1108437")
    assert read_pems(path, freeway=10).sensors == ("716001",)
    assert read_pems(path, kind="HV").sensors == ("715920",)
    ramp = read_pems(path, kind="OR", observed_at_least=0)
    assert ramp.observed.mean((0, 1)).tolist() == [0, 1, 0]
    with pytest.raises(
        DataError, match=r"expected ML stations, freeway 10, direction S; .* Freeway 10/5, Direction N/S"
    ):
        read_pems(path, freeway=10, direction="S")
    with pytest.raises(UnknownNameError, match="unknown lane type 'ml'"):
        read_pems(path, kind="ml")
    with pytest.raises(UnknownNameError, match="unknown direction 'NE'"):
        read_pems(path, direction="NE")
    with pytest.raises(UnknownNameError, match="unknown channel of PeMS 'sped': did you mean 'speed'"):
        read_pems(path, channels=["sped"])


@pytest.mark.parametrize("share", [0, 33, 50, 51, 100, 101])
def test_what_pems_imputed_is_unobserved(share: int, tmp_path: Path) -> None:
    assert read_pems(write_day(tmp_path, LINES), observed_at_least=share).digest() == slow_twin(LINES, share).digest()


def test_local_times_and_utc(tmp_path: Path) -> None:
    path = write_day(tmp_path, LINES)
    assert str(read_pems(path).times[0]).startswith("2025-10-08T00:00")
    there = read_pems(path, timezone="America/Los_Angeles")
    assert str(there.times[0]).startswith("2025-10-08T07:00")
    assert there.local_times[0].hour == 0


def test_the_hour_that_spring_skips_is_a_gap(tmp_path: Path) -> None:
    lines = [line for line in day_lines("2025-03-09", steps=48) if " 02:" not in line]
    assert read_pems(write_day(tmp_path, lines)).segments == ((0, 24), (24, 36))


def test_a_single_time_is_five_minutes(tmp_path: Path) -> None:
    assert read_pems(write_day(tmp_path, LINES[: len(STATIONS)])).interval == np.timedelta64(5, "m")


def put(k: int, column: int, cell: str) -> list[str]:
    cells = LINES[k - 1].split(",")
    cells[column] = cell
    return [*LINES[: k - 1], ",".join(cells), *LINES[k:]]


@pytest.mark.parametrize("ending", [".txt", ".txt.gz"])
@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (put(9, 11, "fast"), ", line 9, column 'AvgSpeed': expected a number or an empty cell, found 'fast'"),
        (put(9, 9, "inf"), ", line 9, column 'TotalFlow': expected a finite number"),
        (put(9, 3, "I5"), ", line 9, column 'Freeway': expected a whole number, found 'I5'"),
        (put(9, 0, "2025-10-08"), ", line 9, column 'Timestamp': expected a time such as .* found '2025-10-08'"),
        (put(9, 1, ""), ", line 9, column 'Station': expected a value, found an empty cell"),
        ([*LINES[:8], LINES[8] + ",", *LINES[9:]], ", line 9: expected 52 cells as in the first row, found 53"),
        (
            [*LINES, put(9, 11, "9")[8]],
            r", line 29: 2025-10-08 00:05:00 of sensor 715915 repeats line 9 with another value",
        ),
        ([line[:45] for line in LINES[:1]], ", line 1: expected at least 12 cells, Timestamp, Station"),
        (["time,sensor", "2025"], ": expected a 5-minute station file of PeMS, such as d07_text_station"),
        (put(8, 0, "10/08/2025 00:04:30"), ", line .*: expected whole multiples of"),
    ],
    ids=lambda value: value[-40:] if isinstance(value, str) else "",
)
def test_a_mistake_is_named_by_its_line(lines: list[str], words: str, ending: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"5min_2025_10_08{ending}{words}"):
        read_pems(write_day(tmp_path, lines, ending=ending))


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = write_day(tmp_path, day_lines())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"2025_10_08\.txt\.gz: cannot be read"):
        read_pems(path)
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(DataError, match=r"2025_10_08\.txt\.gz: expected a 5-minute station file"):
        read_pems(path)
    with pytest.raises(DataError, match=r"absent\.txt: expected a 5-minute station file"):
        read_pems(tmp_path / "absent.txt")
