"""A store of files says what reading them says, whatever their form, order and number; it is whole or not there."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import reading
from stgraph.errors import DataError
from stgraph.series import (
    StationChoice,
    blocks,
    open_series,
    read_pems,
    read_series,
    rows,
    spool,
    store_files,
    write_npz,
)
from tests.conftest import road, traffic
from tests.series.pems_world import day_lines, write_day

SERIES = traffic(road(4, extra=False), steps=30)
TABLE = SERIES.to_dataframe().stack(level="sensor", future_stack=True).reset_index()
LONG = TABLE.to_csv(index=False).splitlines()
STACKED = TABLE.melt(["time", "sensor"], var_name="channel").assign(unit="mph")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12)
@given(
    order=st.permutations(LONG[1:]),
    cuts=st.sets(st.integers(1, len(LONG) - 2), max_size=3),
    at_once=st.integers(1, 150),
    cells=st.integers(1, 100),
)
def test_long_files_come_to_the_same_whatever_their_order_and_number(
    order: list[str], cuts: set[int], at_once: int, cells: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("long")
    (folder / "whole.csv").write_text("\n".join(LONG) + "\n")
    files = [folder / f"{k}.csv" for k in range(len(cuts) + 1)]
    for file, (a, b) in zip(files, pairwise([0, *sorted(cuts), len(order)]), strict=True):
        file.write_text("\n".join([LONG[0], *order[a:b]]) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "AT_ONCE", at_once)
        patch.setattr(spool, "AT_ONCE", at_once)
        patch.setattr(blocks, "CELLS", cells)
        stored = store_files(files, folder / "store", unit=["km/h", "veh/h"])
    assert stored.digest() == read_series(folder / "whole.csv", unit=["km/h", "veh/h"]).digest()


def test_options_mean_what_they_mean_for_a_reading(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("\n".join(LONG) + "\n")
    how = {"channel": "flow", "unit": "veh/h", "missing": [1000.0], "timezone": "America/Los_Angeles"}
    stored = store_files(path, tmp_path / "a", country="US", **how)  # type: ignore[arg-type]
    assert stored.digest() == read_series(path, **how).with_country("US").digest()  # type: ignore[arg-type]
    STACKED.to_csv(path, index=False)
    assert store_files(path, tmp_path / "b").digest() == read_series(path).digest()
    some = store_files(path, tmp_path / "c", channel="speed")
    assert some.digest() == read_series(path, channel="speed").digest()


def test_any_other_file_is_read_as_a_whole(tmp_path: Path) -> None:
    one = SERIES.select(channels=("speed",))
    one.to_dataframe().to_csv(tmp_path / "wide.csv", index=False)
    wide = store_files(tmp_path / "wide.csv", tmp_path / "a", unit="km/h", start="2024-01-01", interval="30min")
    assert np.array_equal(wide.observed, one.observed)
    npz = write_npz(SERIES, tmp_path / "a.npz")
    stored = store_files(npz, tmp_path / "b", country="NL")
    assert (stored.digest(), stored.country) == (SERIES.with_country("NL").digest(), "NL")
    TABLE.to_parquet(tmp_path / "long.parquet")
    assert (
        store_files(tmp_path / "long.parquet", tmp_path / "c").digest()
        == read_series(tmp_path / "long.parquet").digest()
    )


def test_days_of_pems(tmp_path: Path) -> None:
    for day in ("2025-10-08", "2025-10-09"):
        write_day(tmp_path, day_lines(day, steps=20), day)
    stored = store_files(tmp_path, tmp_path / "store", stations=StationChoice(5, "N"), progress=True)
    assert stored.digest() == read_pems(tmp_path, freeway=5, direction="N").digest()
    assert open_series(tmp_path / "store").segments == ((0, 20), (20, 40))
    with pytest.raises(DataError, match=r"no use for unit, missing; leave"):
        store_files(tmp_path, tmp_path / "b", unit="mph", missing=[0])


@pytest.mark.parametrize(
    ("text", "how", "words"),
    [
        (
            "\n".join([*LONG, f"{LONG[3]}9"]),
            {},
            r"long\.csv, line 122: .* of sensor s02 repeats line 4 with another value",
        ),
        (LONG[0], {}, r"long\.csv: expected rows below the header"),
        ("\n".join(LONG[:3]), {}, r"long\.csv, line 2: a single time does not show the step"),
        ("\n".join(LONG).replace("sensor", "loop"), {"stations": StationChoice(5)}, "station files of PeMS alone"),
        ("\n".join(LONG), {"channel": "occupancy"}, r"long\.csv, line 1: expected one column 'occupancy'"),
        ("\n".join(LONG), {"unit": ["mph"]}, r"a unit for each channel of \('speed', 'flow'\), found \('mph',\)"),
        ("\n".join(LONG), {"start": "2024-01-01"}, r"long\.csv: .* no use for start; leave it out"),
    ],
    ids=lambda value: value[-30:] if isinstance(value, str) else "",
)
def test_a_mistake_leaves_nothing_behind(text: str, how: dict[str, object], words: str, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(text + "\n")
    with pytest.raises(DataError, match=words):
        store_files(path, tmp_path / "store", **how)  # type: ignore[arg-type]
    assert [file.name for file in tmp_path.iterdir()] == ["long.csv"]


def test_what_was_settled_is_told_by_the_store(tmp_path: Path) -> None:
    files = [tmp_path / f"{k}.csv" for k in range(2)]
    for file, lines in zip(files, (LONG[1:60], LONG[40:]), strict=True):
        file.write_text("\n".join([f"{LONG[0]},lane", *(f"{line},1" for line in lines)]) + "\n")
    stored = store_files(files, tmp_path / "store")
    (tmp_path / "whole.csv").write_text("\n".join(LONG) + "\n")
    assert stored.digest() == read_series(tmp_path / "whole.csv").digest()
    columns, repeated = stored.notes
    assert columns == "columns that are not read: 'lane'; --column CHANNEL=NAME takes one"
    words = (
        rf"{files[1]}, line \d+: .* repeats {files[0]}, line \d+ with the same values: kept once, and \d+ more like it"
    )
    assert re.fullmatch(words, repeated)
    assert open_series(tmp_path / "store").notes == stored.notes


def test_files_may_order_and_name_their_columns_as_they_like(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time,sensor,speed,flow\n2012-03-01 00:00,a,1,2\n")
    (tmp_path / "b.csv").write_text("Zeit;Debit;Spur;Messstelle;Vitesse\n2012-03-01 00:05;4;9;a;3,5\n")
    stored = store_files([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "store")
    assert stored.channels == ("speed", "flow")
    assert stored.values[:, 0].tolist() == [[1, 2], [3.5, 4]]


def test_a_file_is_resampled_alone_and_a_store_where_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("\n".join(LONG) + "\n")
    day = write_day(tmp_path, day_lines(steps=2))
    resampled = store_files(path, tmp_path / "a", resample="1h")
    assert resampled.digest() == read_series(path, resample="1h").digest()
    store_files(path, tmp_path / "b")
    assert read_series(tmp_path / "b", resample="1h").digest() == resampled.digest()
    for files in ([path, path], day):
        with pytest.raises(DataError, match=r"leave out resample \(--resample\) here, and give it where the store is"):
            store_files(files, tmp_path / "c", resample="1h")


def test_several_files_must_be_of_one_long_form(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text("\n".join(LONG) + "\n")
    (tmp_path / "wide.csv").write_text("time,a\n2024-01-01,1\n")
    day = write_day(tmp_path, day_lines(steps=2))
    for files in (["long.csv", "wide.csv"], ["wide.csv", "wide.csv"], [day.name, "long.csv"]):
        with pytest.raises(DataError, match=r": expected one file, or several that are all text in long form"):
            store_files([tmp_path / name for name in files], tmp_path / "store")


@pytest.mark.parametrize("place", ["spooled", "fill", "seal"])
def test_an_interrupted_making_leaves_nothing_behind(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "long.csv").write_text("\n".join(LONG) + "\n")
    monkeypatch.setattr(f"stgraph.series.storing.{place}", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store_files(tmp_path / "long.csv", tmp_path / "store")
    assert [file.name for file in tmp_path.iterdir()] == ["long.csv"]


def test_a_full_disk_is_one_error(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="needs POSIX limits")
    (tmp_path / "long.csv").write_text("\n".join(LONG) + "\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        with pytest.raises(DataError, match=r"store: cannot be written \(File too large\)"):
            store_files(tmp_path / "long.csv", tmp_path / "store")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [file.name for file in tmp_path.iterdir()] == ["long.csv"]


@pytest.mark.slow
@pytest.mark.parametrize("write", [reading.write_long, reading.write_pems])
def test_thirty_days_take_the_memory_of_ten(write: Callable[[Path, int, int], list[Path]], tmp_path: Path) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("only Linux tells the peak memory of a process itself")
    files = write(tmp_path, 30, 40)

    def peak(days: int) -> float:  # of two: memory that is freed, but not given back, makes one a little larger
        return min(reading.measured("store_files", tmp_path / f"{days}{k}", files[:days])[1] for k in range(2))

    assert peak(30) < 1.1 * peak(10)
