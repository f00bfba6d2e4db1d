"""Times of rows that are never in memory together are those that `clock` tells by all of them."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series import spool
from stgraph.series.clock import clock
from stgraph.series.moments import time_axis
from stgraph.series.rows import Rows
from stgraph.series.spool import Spool
from stgraph.series.times import Times
from stgraph.series.wide import as_times

AMSTERDAM = "Europe/Amsterdam"
NIGHTS = [f"2018-10-2{day} {clock}" for day, clock in [(7, "23:00"), (8, "01:30"), (8, "02:00"), (8, "02:30")]]
NIGHTS += ["2018-10-28 03:00", "2018-10-29 02:00", "2019-10-27 02:30", "2019-10-27 03:00"]


def spooled(times: list[Any], sensors: list[str], size: int = 1000) -> Spool:
    """Rows of these times and sensors, some at a time."""
    rows = Spool(io.BytesIO())
    for k in range(0, len(times), size):
        some = slice(k, k + size)
        rows.add(
            Rows(
                times=pd.Categorical(times[some], categories=list(dict.fromkeys(times[some]))),
                sensors=pd.Categorical(sensors[some]),
                values=np.zeros((len(times[some]), 1), dtype=np.float32),
                columns=("speed",),
                lines=np.arange(len(times))[some],
                source="row",
            )
        )
    return rows


def times_of(rows: Spool, timezone: str | None) -> Times:
    times, _, places = time_axis(rows, timezone)
    codes = np.concatenate([records["time"] for records in rows])
    found: Times = times[places[codes]]
    return found


def test_two_texts_of_one_time_have_one_place() -> None:
    texts = ["2012-03-01 00:05", "2012-03-01T00:00", "2012-03-01T00:05:00"]
    times, zone, places = time_axis(spooled(texts, ["a"] * 3), None)
    assert zone is None
    assert times.tolist() == np.array(["2012-03-01T00:00", "2012-03-01T00:05"], dtype="M8[ns]").tolist()
    assert places.tolist() == [1, 0, 1]


def test_timestamps_are_times_too() -> None:
    stamps = [pd.Timestamp("2025-10-08 00:05"), pd.Timestamp("2025-10-08 00:00")]
    times, zone, places = time_axis(spooled(stamps, ["a", "a"]), "America/Los_Angeles")
    assert (str(times[0]), zone) == ("2025-10-08T07:00:00.000000000", "America/Los_Angeles")
    assert places.tolist() == [1, 0]


def test_a_text_that_is_no_time_is_named_by_its_place() -> None:
    with pytest.raises(DataError, match=r"row 1: expected a time such as .*, found 'later'"):
        time_axis(spooled(["2012-03-01 00:05", "later"], ["a", "a"]), None)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(st.sampled_from(NIGHTS), st.sampled_from("ab")), min_size=1, max_size=24),
    st.sampled_from(["as they are", "by time", "by sensor"]),
    st.integers(1, 30),
)
@example([(text, "a") for text in (*NIGHTS[:4], *NIGHTS[2:])], "as they are", 2)
@example([(text, name) for text in (*NIGHTS[:4], *NIGHTS[2:]) for name in "ab"], "as they are", 3)
@example([(text, name) for name in "ab" for text in (*NIGHTS[:4], *NIGHTS[2:])], "as they are", 3)
def test_an_hour_that_comes_twice_is_told_as_by_all_rows(rows: list[tuple[str, str]], order: str, size: int) -> None:
    if order != "as they are":
        rows = sorted(rows, key=lambda row: row if order == "by time" else row[::-1])
    texts, sensors = [text for text, _ in rows], [name for _, name in rows]
    codes, labels = pd.factorize(pd.Series(texts))
    expected, refused = None, ""
    try:
        expected, _ = clock(
            as_times(pd.Index(labels), str),
            len(rows),
            timezone=AMSTERDAM,
            where=lambda k: f"row {k}",
            rows=codes,
            sensors=np.array([ord(name) for name in sensors]),
        )
    except DataError as error:
        refused = str(error)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "AT_ONCE", size)
        if expected is None:
            with pytest.raises(DataError) as caught:
                times_of(spooled(texts, sensors, size), AMSTERDAM)
            assert str(caught.value) == refused
        else:
            assert (times_of(spooled(texts, sensors, size), AMSTERDAM) == expected).all()


def test_few_rows_tell_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is that of the hours that come twice: whatever the number of other rows, no more are kept."""
    held: list[int] = []

    def counting(stamps: pd.DatetimeIndex, count: int, **how: Any) -> tuple[Times, str | None]:
        held.append(count)
        return clock(stamps, count, **how)

    monkeypatch.setattr(spool, "AT_ONCE", 50)
    monkeypatch.setattr("stgraph.series.moments.clock", counting)
    for days in (3, 30):
        local = pd.date_range("2018-10-27", periods=days * 48, freq="30min", tz=AMSTERDAM).tz_localize(None)
        rows = spooled([str(time) for time in local], ["a"] * len(local), 100)
        assert np.diff(times_of(rows, AMSTERDAM)).tolist() == [1_800_000_000_000] * (days * 48 - 1)
    labels, telling, more_labels, telling_of_more = held
    assert telling == telling_of_more == 8  # four of the hour, those beside them, the first and the last
    assert more_labels > labels
