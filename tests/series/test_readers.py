import gzip
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stgraph.errors import DataError, StgraphError
from stgraph.series import TrafficSeries, read_series, write_npz
from stgraph.series.roles import role_of

TIMES = pd.DatetimeIndex(["2012-03-01", "2012-03-02"])
FILES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
NAME = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=5).filter(
    lambda name: role_of(name) is None and not name.startswith("\ufeff")
)
ZONES = st.sampled_from([None, "UTC", "America/Los_Angeles", "Europe/Amsterdam"])


@st.composite
def series(draw: st.DrawFn) -> TrafficSeries:
    names = draw(st.lists(NAME, min_size=1, max_size=4, unique=True))
    places = np.array(sorted(draw(st.sets(st.integers(0, 400), min_size=2, max_size=6))))
    minutes = draw(st.sampled_from([1, 5, 15, 60]))
    shape = (len(places), len(names), 1)
    values = draw(arrays(np.float32, shape, elements=st.floats(-1e6, 1e6, width=32)))
    return TrafficSeries(
        values=values,
        observed=draw(arrays(np.bool_, shape)),
        times=np.datetime64("2012-10-27", "ns") + places * np.timedelta64(minutes, "m"),
        sensors=tuple(names),
        channels=("speed",),
        units=("mph",),
        interval=np.timedelta64(minutes, "m"),
        timezone=draw(ZONES),
    )


@FILES
@given(series(), st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["a.csv", "a.csv.gz", "a.tsv"]))
def test_a_series_written_as_wide_text_is_read_back(
    tmp_path: Path, written: TrafficSeries, sep: str, name: str
) -> None:
    written.to_dataframe().to_csv(tmp_path / name, sep=sep)
    step = pd.Timedelta(written.interval)
    read = read_series(tmp_path / name, unit="mph", interval=step, timezone=written.timezone)
    assert read.digest() == written.digest()
    assert (read.sensors, read.interval) == (written.sensors, written.interval)


@FILES
@given(series(), st.randoms(use_true_random=False))
def test_a_long_table_in_any_order_is_the_same_series(tmp_path: Path, written: TrafficSeries, random: Random) -> None:
    frame = written.to_dataframe().reset_index().melt("time", var_name="sensor", value_name="speed")
    order = list(range(len(frame)))
    random.shuffle(order)
    frame.iloc[order].to_csv(tmp_path / "a.csv", index=False)
    step = pd.Timedelta(written.interval)
    read = read_series(tmp_path / "a.csv", unit="mph", interval=step, timezone=written.timezone)
    assert set(read.sensors) == set(written.sensors)
    assert read.select(sensors=written.sensors).digest() == written.digest()


GOOD = "time,773869,007,A\n" + "".join(f"2012-03-01 00:{5 * k:02d},6{k}.5,,{k}\n" for k in range(4))
EDITS = st.lists(
    st.tuples(st.integers(0, len(GOOD)), st.integers(0, 3), st.text(list("0179.,;-: \nxe+T"), max_size=3)),
    min_size=1,
    max_size=3,
)


def outcome(path: Path) -> TrafficSeries | DataError:
    try:
        return read_series(path)
    except DataError as error:
        return error


@settings(FILES, max_examples=300)
@given(EDITS)
def test_altered_text_is_read_as_it_stands_or_refused(tmp_path: Path, edits: list[tuple[int, int, str]]) -> None:
    text = GOOD
    for place, cut, put in edits:
        text = text[:place] + put + text[place + cut :]
    path = tmp_path / "a.csv"
    path.write_text(text)
    read = outcome(path)
    if isinstance(read, DataError):
        assert str(read).startswith(str(path))
        return
    head, *body = [line.split(",") for line in text.rstrip("\n").split("\n")]
    body.sort(key=lambda cells: pd.Timestamp(cells[0]))
    slow = [[np.nan if cell.strip() in {"", "-", "--"} else float(cell) for cell in cells[1:]] for cells in body]
    assert read.sensors == tuple(name.strip() for name in head[1:])
    assert np.array_equal(read.values[..., 0], np.array(slow, np.float32), equal_nan=True)
    assert [str(pd.Timestamp(cells[0])) for cells in body] == [str(time) for time in read.local_times]


PIECES = [
    "time",
    "sensor",
    "speed",
    "value",
    "channel",
    "2012-03-01",
    " 00:05",
    "2012-10-28 02:30",
    "T24:00Z",
    "1/2/2012",
    "61.5",
    "1e400",
]
PIECES += [*"\0,;|\t\r\n\"' _-.09\ufeff\x85\u2028é١", "nan", "-inf", "0x1F", "1_0", "9" * 5000, "\n2012-03-02,"]
HOW: list[dict[str, Any]] = [
    {},
    {"timezone": "Europe/Amsterdam", "duplicates": "mean"},
    {"resample": "1h", "duplicates": "last", "missing": [0]},
    {"columns": {"time": "time", "flow": "speed"}, "channel": "flow"},
]
BYTES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=100).map(str.encode),
    st.lists(st.sampled_from(PIECES), max_size=30).map(lambda pieces: "".join(pieces).encode()),
    st.text(max_size=50).map(lambda text: text.encode("utf-16")),
)


@settings(FILES, max_examples=300)
@given(
    BYTES,
    st.sampled_from([b"", b"time,a\n2012-03-01,1\n2012-03-02,", b"time,sensor,speed\n2012-03-01,7,"]),
    st.booleans(),
    st.sampled_from(HOW),
)
def test_any_bytes_are_a_series_or_an_error_of_the_file(
    tmp_path: Path, tail: bytes, head: bytes, header: bool, how: dict[str, Any]
) -> None:
    for name in ("a.csv", "a.csv.gz"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(head + tail) if name.endswith("gz") else head + tail)
        try:
            read = read_series(path, header=header, **how)
        except StgraphError as error:
            assert str(error).startswith(str(path))  # noqa: PT017 - either outcome is right
        else:
            assert np.isfinite(read.values[read.observed]).all()


WORDS = st.sampled_from(["x", "1_0", "0x1F", "1,5,2", "١٢", "1e", "--1", "1 2", "2012-03-01", "True", "inf", "-1e400"])


@settings(FILES, max_examples=50)
@given(st.tuples(st.integers(0, 5), st.integers(0, 3)), WORDS, st.booleans(), st.sampled_from([",", ";", "\t"]))
def test_a_corrupted_cell_is_named_by_line_and_column(
    tmp_path: Path, cell: tuple[int, int], word: str, long: bool, sep: str
) -> None:
    row, column = cell
    times = pd.date_range("2012-03-01", periods=6, freq="5min", name="time")
    table = pd.DataFrame(np.arange(24).reshape(6, 4).astype(str), times, ["773869", "007", "A", "b;c"])
    table.iloc[cell] = word
    name, line = str(table.columns[column]), row + 2
    if long:
        name, line = "speed", column * 6 + row + 2
        table = table.reset_index().melt("time", var_name="sensor", value_name="speed").set_index("time")
    table.to_csv(tmp_path / "a.csv", sep=sep)
    with pytest.raises(DataError) as caught:
        read_series(tmp_path / "a.csv")
    assert str(caught.value).startswith(f"{tmp_path / 'a.csv'}, line {line}, column {name!r}: expected a ")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("time,a\n2012-03-01 00:00,1\n2012-03-01 00:00,2\n", "line 3: 2012-03-01 00:00:00 repeats"),
        ("time,a\n2012-03-01 00:00,1\n", "line 2: a single time does not show the step"),
        ("time,a\n2012-03-01 00:00,1\n2012-02-01 00:00,2\n", "line 3: .* is earlier"),
        ("time,a\n2012-03-01,1\n2012-03-02,2\n2012-03-03,2\n2012-03-03 09:00,2\n", "line 5: .*resample"),
        ("a,b\n1,2\n3,4\n", "line 2: found no times; .* --start and --interval"),
        ("time,a\n2012-03-01 00:00,inf\n", "line 2, column 'a': expected a finite number, found inf"),
        (
            "time,sensor,v\n2012-03-01,7,1\n2012-03-02,7,1\n2012-03-01,7,2\n",
            "line 4: 2012-03-01 .* of sensor 7 repeats line 2",
        ),
        ("time,sensor,v\n2012-03-01,7,1\nx,7,1\n", "line 3, column 'time': expected a time"),
    ],
)
def test_the_error_names_the_line(text: str, error: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=rf"a\.csv, {error}"):
        read_series(tmp_path / "a.csv")


def test_text_without_times_is_counted_from_a_start(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("773869\t007\n64.5\t\n0\t61\n")
    read = read_series(tmp_path / "a.txt", start="2012-03-01", interval="5min", unit="mph", missing=[0])
    assert read.sensors == ("773869", "007")
    assert read.observed[..., 0].tolist() == [[True, False], [False, True]]
    assert str(read.times[1]) == "2012-03-01T00:05:00.000000000"


def test_a_long_table_has_its_own_times(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time,sensor,speed\n2012-03-01,7,60\n2012-03-02,7,60\n")
    with pytest.raises(DataError, match="leave out start"):
        read_series(tmp_path / "a.csv", start="2012-03-01")


@pytest.mark.parametrize(
    ("channel", "unit", "error"),
    [
        (["flow"], None, "expected one column 'flow' .--column flow=NAME"),
        (["sensor"], None, r"expected channels beside the columns \['time', 'sensor'\], found \['sensor'\]"),
        (["speed", "speed"], None, "channels: every name must be unique"),
        (None, ["mph", "km/h"], r"expected a unit for each channel of \('speed',\), found \('mph', 'km/h'\)"),
    ],
)
def test_channels_and_units_that_a_long_table_has_not_are_refused(
    channel: list[str] | None, unit: list[str] | None, error: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("time,sensor,speed\n2012-03-01,7,60\n2012-03-02,7,60\n")
    with pytest.raises(DataError, match=error):
        read_series(tmp_path / "a.csv", channel=channel, unit=unit)


def test_a_stacked_table_without_the_channel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time,sensor,channel,value\n2012-03-01,7,flow,60\n2012-03-02,7,flow,60\n")
    with pytest.raises(DataError, match=r"a\.csv, line 2: expected the channels \['speed'\], found \['flow'\]"):
        read_series(tmp_path / "a.csv", channel="speed")


def test_a_wide_table_holds_one_channel(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time,7\n2012-03-01,60\n2012-03-02,60\n")
    with pytest.raises(DataError, match="expected one channel"):
        read_series(tmp_path / "a.csv", channel=["speed", "flow"])


def test_a_channel_column_brings_its_units(tmp_path: Path) -> None:
    lines = ["time,sensor,channel,value,unit,lead_minutes"]
    lines += [f"2012-03-0{d},7,{c},{d},{u},5" for d in (1, 2) for c, u in (("speed", "mph"), ("flow", "veh/h"))]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    read = read_series(tmp_path / "a.csv", channel=["speed", "flow"])
    assert (read.channels, read.units, read.values[:, 0, 0].tolist()) == (("speed", "flow"), ("mph", "veh/h"), [1, 2])


def test_all_forms_of_one_series_are_equal(tmp_path: Path) -> None:
    times = pd.date_range("2012-03-01", periods=5, freq="5min", name="time")
    wide = pd.DataFrame(np.arange(10.0).reshape(5, 2), index=times, columns=["007", "8"])
    wide.iloc[2, 1] = np.nan
    long = wide.reset_index().melt("time", var_name="sensor", value_name="speed")
    wide.to_csv(tmp_path / "wide.csv")
    wide.to_parquet(tmp_path / "wide.parquet")
    long.to_parquet(tmp_path / "long.parquet")
    long.to_csv(tmp_path / "long.csv", index=False)
    write_npz(read_series(tmp_path / "wide.csv", unit="mph"), tmp_path / "own.npz")
    (tmp_path / "wide.tsv.gz").write_bytes(gzip.compress(wide.to_csv(sep="\t").encode()))
    tables = ["wide.csv", "wide.tsv.gz", "wide.parquet", "long.parquet", "long.csv"]
    digests = {read_series(tmp_path / name, unit="mph").digest() for name in tables}
    assert digests == {read_series(tmp_path / "own.npz").digest()}


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.pkl: expected a name ending in \.csv, .*\.parquet or \.npz"):
        read_series(tmp_path / "a.pkl")
    (tmp_path / "a.parquet").write_bytes(b"not parquet")
    with pytest.raises(DataError, match=r"a\.parquet: cannot be read as Parquet"):
        read_series(tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"No such file"):
        read_series(tmp_path / "absent.parquet")


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        (
            {"time": TIMES, "a": pd.to_timedelta([1, 2], unit="s")},
            "row 0, column 'a': expected numbers, found timedelta",
        ),
        ({"time": TIMES, "a": [[1], [2]]}, "row 0, column 'a': expected a number or an empty cell"),
        ({"time": TIMES, "sensor": [[1], [2]], "a": 1.0}, "row 0, column 'sensor': expected text or times"),
        ({"time": pd.DatetimeIndex(["9999-01-01", "9999-01-02"]).as_unit("us"), "a": 1.0}, "from 1900 to 2199"),
    ],
)
def test_other_cells_of_a_parquet_file_are_refused(cells: dict[str, Any], error: str, tmp_path: Path) -> None:
    pd.DataFrame(cells).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match=rf"a\.parquet, .*{error}"):
        read_series(tmp_path / "a.parquet")
