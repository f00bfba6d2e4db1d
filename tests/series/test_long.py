import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series.long import from_long
from stgraph.series.wide import from_wide

TIMES = pd.date_range("2012-03-01", periods=4, freq="5min")
WIDE = pd.DataFrame({"7": [1.0, 2, 3, 4], "10": [5.0, 6, 7, 8], "007": [9.0, 10, 11, 12]}, index=TIMES)


def long_of(wide: pd.DataFrame, name: str = "speed") -> pd.DataFrame:
    return wide.rename_axis("time").reset_index().melt("time", var_name="sensor", value_name=name)


@settings(deadline=None)
@given(st.permutations(range(12)), st.sets(st.integers(0, 11), max_size=4))
def test_the_order_of_rows_means_nothing_and_a_missing_row_is_a_hole(order: list[int], dropped: set[int]) -> None:
    rows = long_of(WIDE)
    flat = WIDE.to_numpy().flatten(order="F")
    flat[list(dropped)] = np.nan
    kept = rows.iloc[[k for k in order if k not in dropped]]
    series = from_long(kept, interval="5min")
    slow = pd.DataFrame(flat.reshape(4, 3, order="F"), index=TIMES, columns=WIDE.columns)[["007", "7", "10"]]
    times = [time for time in TIMES if slow.loc[time].notna().any()]
    assert (series.times == np.array(times, dtype="M8[ns]")).all()
    present = [name for name in slow.columns if slow[name].notna().any()]
    expected = slow.loc[times][present].to_numpy()
    assert series.sensors == tuple(present)
    assert np.array_equal(np.where(series.observed, series.values, np.nan)[..., 0], expected, equal_nan=True)


def test_long_and_wide_say_the_same() -> None:
    assert from_long(long_of(WIDE)).digest() == from_wide(WIDE[["007", "7", "10"]]).digest()


def test_one_column_a_channel_and_a_value_column_say_the_same() -> None:
    frame = long_of(WIDE).assign(flow=range(12))
    stacked = frame.melt(["time", "sensor"], var_name="channel")
    stacked["unit"] = stacked["channel"].map({"speed": "mph", "flow": "veh/h"})
    columns = from_long(frame, channels=["flow", "speed"], units=["veh/h", "mph"])
    assert from_long(stacked.sample(frac=1, random_state=0)).digest() == columns.digest()
    assert from_long(stacked, channels=["speed"]).digest() == columns.select(channels=("speed",)).digest()


def test_columns_may_be_named() -> None:
    frame = long_of(WIDE).rename(columns={"time": "t", "sensor": "loop"})
    named = from_long(frame, columns={"time": "t", "sensor": "loop"})
    assert named.digest() == from_long(long_of(WIDE)).digest()
    with pytest.raises(
        DataError, match=r"expected the column 'when' for 'time' .*, found columns \['t', 'loop', 'speed'"
    ):
        from_long(frame, columns={"time": "when"})


def test_categories_and_whole_numbers_are_ids() -> None:
    frame = long_of(WIDE.drop(columns="007")).astype({"sensor": int})
    assert from_long(frame).sensors == ("7", "10")
    assert from_long(frame.astype({"sensor": "category"})).digest() == from_long(frame).digest()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (
            lambda f: pd.concat([f, f.iloc[[4]].assign(speed=9.5)], ignore_index=True),
            r"row 12: 2012-03-01 00:00:00 of sensor 10 repeats row 4 .*, 5 there and 9.5 here; .*duplicates=",
        ),
        (
            lambda f: f.drop(columns="sensor").assign(speed=1.0),
            r"channels in columns \['speed'\].*--column sensor=NAME",
        ),
        (lambda f: f.assign(speed="x"), r"row 0, column 'speed': expected a number"),
        (lambda f: f.assign(sensor=f["sensor"].where(f.index != 2)), r"row 2, column 'sensor': expected a value"),
        (lambda f: f.assign(time=f["time"].where(f.index != 3)), r"row 3, column 'time': expected a value"),
        (lambda f: f.assign(time=f["time"].astype(str).where(f.index < 6, "x")), r"row 6, column 'time': .*found 'x'"),
        (lambda f: f.drop(columns="speed"), r"expected a column of values"),
        (lambda f: f.iloc[:0], r"at least one row"),
        (
            lambda f: f.iloc[[0, 3, 6]].assign(time=TIMES[[0, 1, 2]] + pd.to_timedelta([0, 0, 1], "s")),
            r"row 2: .*resample",
        ),
    ],
)
def test_the_error_names_the_row(change: object, error: str) -> None:
    assert callable(change)
    with pytest.raises(DataError, match=error):
        from_long(change(long_of(WIDE)))


def test_ids_of_any_length_sort_as_numbers() -> None:
    ids = ["10", "9", "9" * 5000, "007", "7", "0"]
    frame = pd.concat([long_of(WIDE[["7"]]).assign(sensor=name) for name in ids])
    assert from_long(frame).sensors == ("0", "007", "7", "9", "10", "9" * 5000)


def test_a_channel_with_two_units_or_none_is_refused() -> None:
    frame = long_of(WIDE, "value").assign(channel="speed", unit=["mph", "km/h"] * 6)
    with pytest.raises(DataError, match="one unit a channel"):
        from_long(frame)
    with pytest.raises(DataError, match="one column 'flow'"):
        from_long(long_of(WIDE), channels=["flow"])


def test_usual_names_are_taken_by_what_they_mean_and_the_rest_is_left_out_and_said() -> None:
    frame = long_of(WIDE, "v_kfz [km/h]").assign(q_kfz=1.0, lane="ML")
    frame = frame.rename(columns={"time": "Zeitstempel", "sensor": "Messstelle"})
    series = from_long(frame)
    assert (series.channels, series.units) == (("speed", "flow"), ("km/h", ""))
    assert series.notes == ("columns that are not read: 'lane'; --column CHANNEL=NAME takes one",)
    assert series.select(channels=("speed",)).digest() == from_long(long_of(WIDE), units=["km/h"]).digest()
    one = from_long(frame, columns={"flow": "q_kfz"})
    assert (one.channels, one.notes) == (("flow",), ())
    assert from_long(frame, channels=["flow"]).digest() == one.digest()


def test_a_row_that_repeats_is_kept_once_and_said() -> None:
    rows = long_of(WIDE)
    series = from_long(pd.concat([rows, rows.iloc[[4, 5]]], ignore_index=True))
    assert series.digest() == from_long(rows).digest()
    words = "row 12: 2012-03-01 00:00:00 of sensor 10 repeats row 4 with the same values: kept once"
    assert series.notes == (f"{words}, and 1 more like it",)


def test_times_may_stand_in_the_index() -> None:
    rows = long_of(WIDE)
    assert from_long(rows.set_index("time")).digest() == from_long(rows).digest()
    assert from_long(rows.set_index("time").rename_axis(None)).digest() == from_long(rows).digest()
