import numpy as np
import pandas as pd
import pytest

from stgraph.errors import DataError
from stgraph.series.wide import from_wide

TIMES = pd.date_range("2012-03-01", periods=3, freq="5min")


def table(**columns: list[float | None]) -> pd.DataFrame:
    return pd.DataFrame(columns or {"007": [60.0, None, 0.0], "8": [1.0, 2.0, 3.0]})


@pytest.mark.parametrize(
    "frame",
    [
        table().set_index(TIMES),
        table().set_index(TIMES.astype(str)),
        table().set_index(TIMES).reset_index(names="Timestamp"),
        table().set_index(TIMES).reset_index(names="5 Minutes"),
        table().set_index(TIMES.astype(str)).reset_index(),
    ],
    ids=["index", "text index", "time column", "column of any name", "text column"],
)
def test_times_come_from_the_index_or_the_first_column(frame: pd.DataFrame) -> None:
    series = from_wide(frame, unit="km/h")
    assert series.sensors == ("007", "8")
    assert (series.times == TIMES.to_numpy()).all()
    assert series.observed[:, 0, 0].tolist() == [True, False, True]
    assert (series.channels, series.units) == (("speed",), ("km/h",))


def test_zero_is_a_value_unless_listed_as_missing() -> None:
    frame = table().set_index(TIMES)
    assert from_wide(frame).observed[2, 0, 0]
    assert not from_wide(frame, missing=[0]).observed[2, 0, 0]


def test_a_table_without_times_is_counted_from_a_start() -> None:
    assert (from_wide(table(), start="2012-03-01", interval="5min").times == TIMES.to_numpy()).all()
    with pytest.raises(DataError, match="--start and --interval"):
        from_wide(table())


def test_a_series_survives_its_own_table() -> None:
    frame = table().set_index(TIMES.tz_localize("America/Los_Angeles"))
    series = from_wide(frame)
    assert series.timezone == "America/Los_Angeles"
    assert from_wide(series.to_dataframe()).digest() == series.digest()


def test_nullable_and_text_numbers_are_numbers() -> None:
    frame = pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64"), "b": ["1.5", "2", None]}, index=TIMES)
    series = from_wide(frame)
    assert np.where(series.observed, series.values, -1)[..., 0].tolist() == [[1, 1.5], [-1, 2], [3, -1]]


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (pd.DataFrame({"a": ["1", "x", "2"]}, index=TIMES), r"table, row 1, column 'a': expected a number .*'x'"),
        (pd.DataFrame({"a": [1.0, np.inf, 2.0]}, index=TIMES), r"table, row 1, column 'a': expected a finite .*inf"),
        (pd.DataFrame({"a": [1.0, 1e300, 2.0]}, index=TIMES), r"table, row 1, column 'a': expected a finite .*1e\+300"),
        (pd.DataFrame([[1.0, 2.0]] * 3, columns=["a", "a"], index=TIMES), r"unique, found \['a'\]"),
        (pd.DataFrame({"a": [1.0, 2.0]}, index=TIMES[[0, 0]]), r"table, row 1: .* repeats row 0 with .*--timezone"),
        (pd.DataFrame({"a": [1.0, 2.0]}, index=[TIMES[0], pd.NaT]), r"table, row 1: expected a time"),
        (pd.DataFrame({"time": ["x"], "a": [1.0]}), r"table, row 0: expected a time such as .*'x'"),
        (pd.DataFrame({"a": TIMES, "b": TIMES, "c": 1.0}), r"column 'b': expected numbers, found times"),
        (pd.DataFrame(index=TIMES), r"at least one row and one sensor, found 3 and 0"),
        (pd.DataFrame({"a": []}), r"at least one row and one sensor, found 0 and 1"),
        (pd.concat({"speed": table()}, axis=1), r"expected one level of columns"),
    ],
)
def test_the_error_names_the_row_and_the_column(frame: pd.DataFrame, error: str) -> None:
    with pytest.raises(DataError, match=error):
        from_wide(frame)


def test_the_column_of_times_may_be_named_and_stand_anywhere() -> None:
    frame = table().assign(when=TIMES.astype(str), Zeit=TIMES.astype(str))
    with pytest.raises(DataError, match="column 'when': expected a number"):
        from_wide(frame)
    found = from_wide(frame.drop(columns="Zeit"), columns={"time": "when"})
    assert (
        found.digest() == from_wide(frame.drop(columns="when")).digest() == from_wide(table().set_index(TIMES)).digest()
    )


def test_a_row_that_fills_the_holes_of_another_is_no_contradiction() -> None:
    frame = table(a=[1.0, None, 3.0], b=[None, 2.0, 4.0]).set_index(TIMES[[0, 0, 1]])
    series = from_wide(frame)
    assert (series.values[..., 0].tolist(), series.notes) == ([[1, 2], [3, 4]], ())
