"""Every mistake in files and flags is one line on stderr that names the place, and leaves nothing behind."""

import gzip
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from stgraph.cli.main import main
from stgraph.forecasting import load
from stgraph.series import suspects
from tests.cli.conftest import BARE, FIT, GOOD, LABELLED, LONG, TABLE, WIDE, Refused, assert_matches, put, text, without


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (put(6, "2012-03-01 00:20:00,61,oops,60"), ", line 6, column '767541': expected a number .* found 'oops'"),
        (put(6, "2012-03-01 00:20:00,773869,oops", LONG), ", line 6, column 'speed': expected a number .* 'oops'"),
        (put(6, "2012-03-01 00:20:00,1_0,61,60"), ", line 6, column '773869': expected a number .* found '1_0'"),
        (put(6, "2012-03-01 00:20:00,1e400,61,60"), ", line 6, column '773869': expected a finite number, found inf"),
        (put(6, "later,61,61,60"), ", line 6, column 'time': expected a time such as .* found 'later'"),
        (put(6, "2012-03-01 00:21:17,61,61,60"), ", line 6: expected whole multiples of .* found a step of"),
        (put(6, "2012-03-01 00:20:00,61,60"), ", line 6: expected 4 cells as in the first row, found 3"),
        (put(6, "2012-03-01 00:20:00,61,60,61,9"), ", line 6: expected 4 cells as in the first row, found 5"),
        (put(6, "2012-03-01,00:20:00,61,60"), ", line 6, column '773869': expected a number .* found '00:20:00'"),
        (put(6, "2012-03-01 00:20:00,773869", LONG), ", line 6: expected 3 cells as in the first row, found 2"),
        (put(6, "2012-03-01 00:20:00,773869,61,9", LONG), ", line 6: expected 3 cells as in the first row, found 4"),
        (without(0, LONG), ", line 1: found sensors in column 'sensor', but no column of times; .*--column time="),
        (
            without(1, LONG),
            r", line 1: found channels in columns \['speed'\], but no column of sensors; .*--column sen",
        ),
        (without(2, LONG), ", line 1: expected (a column of values|one column 'speed').*, found"),
        (put(1, "time,773869,773869,767542"), r", line 1: .* found '773869' in columns \[2, 3\]"),
        (text(WIDE[1:]), ", line 1: expected a header with sensor ids, but the first row looks like data"),
        ("", ": expected a table, found an empty file"),
        (WIDE[0], ": expected rows below the header, found none"),
        (LONG[0], ": expected rows below the header, found none"),
        (bytes(1000), ": expected text in UTF-8, found a zero byte"),
        (bytes(range(1, 256)) * 9, ": expected text in UTF-8, found the byte 0x80"),
        (text(WIDE).encode("utf-16"), ": expected text in UTF-8, found the byte 0xff"),
        (text(WIDE).encode("utf-16-le"), ": expected text in UTF-8, found a zero byte: .* UTF-16"),
        (put(6, "2012-03-01 00:20:00,é,61,60").encode("latin-1"), ": expected text in UTF-8, found the byte 0xe9"),
        (gzip.compress(text(WIDE).encode()), ": expected text in UTF-8, found the byte 0x8b"),
        (put(6, f"{'9' * 200_000},61,61,60"), ", line 6: field larger than field limit"),
        (put(1, f"{'9' * 200_000},b,c,d"), ": expected delimited text .field larger than field limit"),
        (put(6, f"{'x' * 2000},61,61,60"), ", line 6, column 'time': expected a time such as .* 'x+ ...$"),
    ],
    ids=lambda value: repr(value)[-40:],
)
def test_a_bad_table_is_named_by_line_and_column(refused: Refused, table: str | bytes, words: str) -> None:
    name = "long.csv" if table[:11] == "time,sensor" else "wide.csv"
    Path(name).write_bytes(table.encode() if isinstance(table, str) else table)
    assert_matches(refused(*FIT, "--series", name, "--adjacency", "bare.csv"), name + words)
    assert_matches(refused("forecast", "run", "--input", name), name + words)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (put(6, WIDE[4][:20] + "1,2,3"), ", line 6: 2012-03-01 00:15:00 repeats line 5 with another value in column"),
        (put(6, LONG[4][:-4] + "1", LONG), ", line 6: .* of sensor 773869 repeats line 5 with another value .* 1 here"),
        (text([WIDE[0], *WIDE[:0:-1]]), ", line 3: .* is earlier than the one before; expected rising times"),
        (text(WIDE[:2]), ", line 2: a single time does not show the step to the next; give interval"),
        (
            text([WIDE[0], *(f"{row[:19]},,," for row in WIDE[1:])]),
            ": expected measured values, found none in 60 steps of 3 sensors",
        ),
    ],
    ids=["a row twice", "a long row twice", "falling", "one row", "nothing measured"],
)
def test_what_a_forecast_puts_right_is_refused_by_a_fit(refused: Refused, table: str, words: str) -> None:
    name = "long.csv" if table[:11] == "time,sensor" else "wide.csv"
    Path(name).write_text(table)
    assert_matches(refused(*FIT, "--series", name, "--adjacency", "bare.csv"), name + words)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv.gz", text(WIDE).encode(), ": cannot be read .Not a gzipped file"),
        ("a.csv.gz", gzip.compress(text(WIDE).encode())[:-50], ": cannot be read .Compressed file ended"),
        ("a.npz", b"", ": expected an archive of named arrays, found a truncated file or another form"),
        ("a.npz", b"PK\x03\x04 hello", ": expected an archive of named arrays, found a truncated file"),
        ("a.parquet", b"", ": cannot be read as Parquet"),
        ("a.parquet", b"PAR1 hello PAR1", ": cannot be read as Parquet"),
        ("a.parquet", None, ": cannot be read as Parquet .Is a directory"),
        ("a.npz", None, ": cannot be read .Is a directory"),
        ("a.csv", None, ": cannot be read .Is a directory"),
        ("a.xlsx", b"PK", ": expected a name ending in .csv"),
    ],
)
def test_a_file_of_another_form_is_refused(refused: Refused, name: str, content: bytes | None, words: str) -> None:
    if content is None:
        Path(name).mkdir()
    else:
        Path(name).write_bytes(content)
    assert_matches(refused(*FIT, "--series", name, "--adjacency", "bare.csv"), name + words)
    assert_matches(refused("forecast", "run", "--input", name), name + words)


def test_half_an_archive_and_half_a_parquet_are_refused(refused: Refused) -> None:
    np.savez("a.npz", data=TABLE.to_numpy())
    TABLE.to_parquet("a.parquet")
    for name in ("a.npz", "a.parquet"):
        whole = Path(name).read_bytes()
        Path(name).write_bytes(whole[: len(whole) // 2])
        assert refused(*FIT, "--series", name, "--adjacency", "bare.csv").startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ("0,1\n1,0\n", ": expected 3 x 3, a row and a column for each sensor in order, found 2 x 2"),
        ("0,1,0\n1,0,0\n", ": expected a square matrix, found 2 x 3"),
        ("1,2,3\n" + BARE, ": expected a square matrix, found 4 x 3; ids in the first row must be repeated"),
        ("0,1,0\n1,0\n0,0,0\n", ": row 2: expected 3 columns as in the first row, found 2"),
        ("0,1,0\n1,0,0,0\n0,0,0\n", ": row 2: expected 3 columns as in the first row, found 4"),
        *(
            (f"0,1,0\n1,0,{bad}\n0,0,0\n", f": row 2, column 3: expected a finite number of 0 or more, found {found}")
            for bad, found in (("nan", "nan"), ("inf", "inf"), ("1e400", "inf"), ("-1", "-1.0"))
        ),
        *(
            (f"0,1,0\n1,0,{bad}\n0,0,0\n", f": row 2, column 3: expected a number, found '{bad}'")
            for bad in ("far", "", "1_0", "٣", "0x1")
        ),
        (LABELLED.replace("767542", "9"), ": series and graph have different sensors: .*'767542'.*'9'"),
        (LABELLED.replace("767542", "767541"), ": ids: every sensor id must be unique, found .'767541'"),
        (LABELLED.replace("\n767542", "\n9"), ": row 4: expected the label '767542', as its column has, found '9'"),
        ("0;1;0\n1;0;0\n0;0;1\n", ": row 1: expected cells cut at commas, found '0;1;0'"),
        ("", ": expected a square matrix of numbers, found no row"),
        (LABELLED.splitlines()[0], ": expected a square matrix of numbers, found no row"),
        (BARE.encode("utf-16"), ": expected CSV in UTF-8"),
        (bytes(range(256)), ": expected CSV in UTF-8"),
    ],
)
def test_a_bad_adjacency_is_named_by_row_and_column(refused: Refused, matrix: str | bytes, words: str) -> None:
    Path("bare.csv").write_bytes(matrix.encode() if isinstance(matrix, str) else matrix)
    assert_matches(refused(*GOOD), "bare.csv" + words)


def test_an_adjacency_that_is_no_file_of_its_form_is_refused(refused: Refused) -> None:
    for name in ("folder.csv", "folder.npy", "folder.npz"):
        Path(name).mkdir()
        error = refused(*FIT, "--series", "wide.csv", "--adjacency", name)
        assert error.startswith(f"{name}: cannot be read")
        assert "Is a directory" in error
    Path("junk.npz").write_bytes(b"PK\x03\x04 junk")
    assert refused(*GOOD, "--adjacency", "junk.npz").startswith("junk.npz: cannot be read as .npz")
    assert refused(*GOOD, "--adjacency", "none.csv").startswith("none.csv: cannot be read (No such file")


def test_a_series_that_lost_a_sensor_does_not_fit_its_adjacency(refused: Refused) -> None:
    Path("wide.csv").write_text(without(3, WIDE))
    Path("labelled.csv").write_text(LABELLED)
    assert_matches(refused(*GOOD), "bare.csv: expected 2 x 2, .* found 3 x 3 without labels")
    assert_matches(refused(*GOOD, "--adjacency", "labelled.csv"), "labelled.csv: .* 1 only in the graph .'767542'")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--model", "patchnt"), "unknown model 'patchnt': did you mean 'patchnet'"),
        (("--model", "patchnet", "--set", "hiden=3"), "unknown setting of patchnet 'hiden': did you mean 'hidden'"),
        (("--model", "patchnet", "--set", "hidden=wide"), "setting hidden: expected int, found 'wide'"),
        (("--model", "patchnet", "--set", "hidden=1.5"), "setting hidden: expected int, found '1.5'"),
        (("--model", "patchnet", "--set", "dropout=nan"), "setting dropout: expected float, found 'nan'"),
        (("--model", "patchnet", "--set", "heads=3"), "heads: expected .* found 3"),
        (("--model", "patchnet", "--set", "hidden=0"), "patchnet: expected .* found .*0"),
        (("--model", "patchnet", "--set", "hidden=-1"), "patchnet: expected .* found .*-1"),
        (("--model", "patchnet", "--set", "dropout=2"), "dropout: expected a share from 0 to 1, found 2.0"),
        (("--model", "patchnet", "--set", "sensor_embedding=-1"), "patchnet: expected .* found sensor_embedding=-1"),
        (("--model", "linear-regression", "--set", "penalty=-1"), "penalty: expected 0 or more, found -1"),
        (("--set", "hidden=3"), "persistence has no settings, found 'hidden'"),
        (("--target", "speed", "--target", "speed"), r"targets: expected .*each once, found \['speed', 'speed'\]"),
        (("--target", "flow"), r"targets: expected channels out of \('speed',\), each once, found \['flow'\]"),
        (("--timezone", "Mars/Olympus"), "timezone: expected an IANA name .* found 'Mars/Olympus'"),
        (("--country", "ZZZ", "--model", "linear-regression"), "unknown country 'ZZZ': expected an ISO 3166 code"),
        (("--interval", "soon"), "interval: expected a duration such as 5min or 1h, found 'soon'"),
        (("--interval", "5"), "interval: expected a duration such as 5min or 1h, found '5'"),
        (("--interval", "-5min"), "interval: expected more than zero, found '-5min'"),
        (("--interval", "1h"), "wide.csv, line 3: expected whole multiples of .*01:00:00"),
        (("--start", "2012-03-01"), "wide.csv, line 2: has a time of its own, .*; leave out start"),
        (("--learning-rate", "-1"), "learning_rate: expected .* found -1"),
        (("--learning-rate", "nan"), "learning_rate: expected .* found nan"),
        (("--seed", "-1"), "seed: expected 0 to .* found -1"),
        (("--accelerator", "gpuu"), "unknown accelerator 'gpuu': did you mean 'gpu'"),
        (("--precision", "64"), "unknown precision '64': Valid: 32, bf16"),
        (("--unit", "mph", "--unit", "km/h"), "wide.csv, line 2: expected one channel and unit for a wide table"),
        (("--channel", "speed", "--channel", "flow"), "wide.csv, line 2: expected one channel and unit"),
        (("--series", "long.csv", "--unit", "a", "--unit", "b"), "long.csv, line 2: expected a unit for each channel"),
        (("--series", "long.csv", "--channel", "flow"), "long.csv, line 1: expected one column 'flow'"),
        (("--series", "long.csv", "--channel", "sensor"), "long.csv, line 1: expected channels beside the columns"),
        (("--series", "long.csv", "--start", "2012-03-01"), "long.csv, line 2: has a time of its own"),
        (
            ("--column", "time=when"),
            "wide.csv, line 1: expected the column 'when' for 'time' .--column., found columns",
        ),
        (("--column", "speed=767541"), "wide.csv, line 1: found channels in columns .*; .*--column sensor=NAME"),
        (("--duplicates", "man"), "unknown rule for duplicates 'man': did you mean 'mean'"),
        (("--resample", "soon"), "interval: expected a duration such as 5min or 1h, found 'soon'"),
        (("--resample", "1min"), "wide.csv, line 2: expected steps of at least .* found 0 days 00:01:00"),
        (("--resample", "1h", "--resample-by", "speed=men"), "unknown way to resample 'men': did you mean 'mean'"),
        (
            ("--resample", "1h", "--resample-by", "flow=sum"),
            "wide.csv, line 2: expected the channel 'flow' to resample",
        ),
        (("--resample", "1h", "--resample-share", "2"), "share: expected a share above 0 and up to 1 .* found 2.0"),
        (("--resample-share", "0.9"), "--resample-by and --resample-share: expected --resample too"),
        (("--no-header",), "wide.csv, line 1, column '0': expected a number .* found 'time'"),
        (("--history", "60"), r".*wide\.csv, train part: no window fits: one needs 72 steps .60 history . 12 horizon"),
        (("--output", "wide.csv"), "wide.csv: expected a folder, but wide.csv is a file"),
        (("--output", "wide.csv/run"), "wide.csv/run: expected a folder, but .*wide.csv is a file"),
    ],
)
def test_a_bad_flag_is_named(refused: Refused, flags: tuple[str, ...], words: str) -> None:
    assert_matches(refused(*GOOD, *flags), words)


@pytest.mark.parametrize("start", ["soon", "2012", "2012-13-45", "2012-03-01 25:00", "2262-04-11", ""])
def test_a_nonsense_start_is_named(refused: Refused, start: str) -> None:
    Path("wide.csv").write_text(without(0, WIDE))
    error = refused(*GOOD, "--start", start, "--interval", "5min")
    assert error == f"start: expected a time such as 2012-03-01 00:05, found {start!r}"


def test_a_start_that_the_zone_skips_and_an_interval_beyond_all_times_are_refused(refused: Refused) -> None:
    Path("wide.csv").write_text(without(0, WIDE))
    skipped = ("--start", "2012-03-11 02:30", "--interval", "5min", "--timezone", "America/Los_Angeles")
    assert "nonexistent time" in refused(*GOOD, *skipped)
    error = refused(*GOOD, "--start", "2012-03-01", "--interval", "100000d")
    assert error == "interval: 60 rows 100000 days 00:00:00 apart do not end before 2200"


@pytest.mark.parametrize("arguments", [("--set", "hidden"), ("--history", "0"), ("--learning-rate", "fast")])
def test_what_the_parser_refuses_is_exit_code_2(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, desk: Path
) -> None:
    shutil.copytree(desk, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["stgraph", *GOOD, *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert not Path("out").exists()


@pytest.mark.parametrize("rows", [12, 30])
def test_a_series_shorter_than_a_window_says_how_long_it_must_be(refused: Refused, rows: int) -> None:
    Path("wide.csv").write_text(text(WIDE[: rows + 1]))
    assert "no window fits: one needs 24 steps (12 history + 12 horizon)" in refused(*GOOD)


SHORT = ("--history", "6", "--horizon", "4")
SMALL = ("--set", "hidden=8", "--set", "heads=2", "--set", "layers=1", "--epochs", "1", "--accelerator", "cpu")


@pytest.mark.parametrize(
    "model", [("persistence",), ("historical-average",), ("linear-regression",), ("patchnet", *SMALL)]
)
def test_a_silent_and_a_stuck_sensor_stop_no_fit(
    model: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    table = TABLE.copy()
    table["767541"], table["767542"] = np.nan, 0.0
    table.to_csv("speed.csv")
    Path("bare.csv").write_text(BARE)
    arguments = [
        "fit",
        "--series",
        "speed.csv",
        "--adjacency",
        "bare.csv",
        "--output",
        "out",
        *SHORT,
        "--model",
        *model,
    ]
    monkeypatch.setattr(sys, "argv", ["stgraph", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    warned = [line for line in capfd.readouterr().err.splitlines() if line.startswith("stgraph: warning: ")]
    assert [line.split(";")[0] for line in warned] == [
        f"stgraph: warning: {tmp_path}/speed.csv: 1 sensor was never observed: '767541'",
        f"stgraph: warning: {tmp_path}/speed.csv: 1 sensor never changes: '767542'",
    ]
    assert not stop.value.code
    forecaster = load("out")
    assert len(suspects(forecaster.latest)) == 2
    assert np.isfinite(forecaster.forecast().values).all()
    assert all(parameter.isfinite().all() for parameter in forecaster.model.state_dict().values())
