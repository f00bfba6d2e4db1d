import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stgraph.errors import DataError
from stgraph.series import spool
from stgraph.series.rows import Rows
from stgraph.series.spool import Spool


def rows(times: str, sensors: str, first: float = 0, source: str = "a.csv, line", **changes: Any) -> Rows:
    """Rows with a letter for each time and sensor, and values that count up."""
    values = first + np.arange(len(times), dtype=np.float32)[:, None]
    fields: dict[str, Any] = {
        "times": pd.Categorical(list(times)),
        "sensors": pd.Categorical(list(sensors)),
        "values": values,
        "columns": ("speed",),
        "lines": np.arange(len(times)) + 2,
        "source": source,
    }
    return Rows(**{**fields, **changes})


@pytest.mark.parametrize("size", [1, 2, 100])
def test_all_rows_are_given_back_with_numbers_for_texts(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "AT_ONCE", size)
    spooled = Spool(io.BytesIO())
    spooled.add(rows("zxz", "abb"))
    spooled.add(rows("xw", "ac", first=3, source="b.csv, line"))
    for _ in range(2):
        records = np.concatenate(list(spooled))
        for name, texts in (("time", "zxzxw"), ("sensor", "abbac")):
            back = {code: text for text, code in spooled.labels[name].items()}
            assert "".join(str(back[code]) for code in records[name]) == texts
        assert records["values"].ravel().tolist() == [0, 1, 2, 3, 4]
    assert [spooled.place(record) for record in records[[0, 2, 3]]] == [
        "a.csv, line 2",
        "a.csv, line 4",
        "b.csv, line 2",
    ]
    places = {text: spooled.place_of_time(code) for text, code in spooled.labels["time"].items()}
    assert places == {"z": "a.csv, line 2", "x": "a.csv, line 3", "w": "b.csv, line 3"}
    assert (spooled.rows, spooled.width) == (5, 1)


def test_rows_of_other_channels_or_units_are_refused() -> None:
    spooled = Spool(io.BytesIO())
    spooled.add(rows("x", "a", units=frozenset({("speed", "mph")})))
    with pytest.raises(
        DataError, match=r"b\.csv, line 2: expected the channels .*a\.csv.*\('speed',\), found \('flow',\)"
    ):
        spooled.add(rows("x", "b", source="b.csv, line", columns=("flow",)))
    with pytest.raises(DataError, match=r"b\.csv, line 2: expected one unit a channel, found 'mph' and 'km/h'"):
        spooled.add(rows("x", "b", source="b.csv, line", units=frozenset({("speed", "km/h")})))


def test_a_source_that_begins_again_takes_the_place_of_its_rows() -> None:
    spooled = Spool(io.BytesIO())
    spooled.add(rows("xy", "aa"))
    spooled.add(rows("x", "b", first=5, source="b.csv, line"))
    spooled.add(rows("xz", "bc", first=7, source="b.csv, line", anew=True))
    (records,) = spooled
    assert (spooled.rows, spooled.files, records["values"].ravel().tolist()) == (4, 2, [0, 1, 7, 8])
    assert [spooled.place(record) for record in records] == [f"{name}.csv, line {k}" for name in "ab" for k in (2, 3)]


def test_columns_come_in_the_order_of_the_first() -> None:
    spooled = Spool(io.BytesIO())
    pair = np.array([[1, 2]], dtype=np.float32)
    spooled.add(rows("x", "a", columns=("speed", "flow"), values=pair))
    spooled.add(rows("y", "a", columns=("flow", "speed"), values=pair))
    (records,) = spooled
    assert records["values"].tolist() == [[1, 2], [2, 1]]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_times_of_some_rows_are_split_from_those_of_the_others(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "AT_ONCE", size)
    spooled = Spool(io.BytesIO())
    spooled.add(rows("xyxyy", "aabbc"))
    numbers = np.array([1, 2, 4])
    spooled.split_times(numbers, np.concatenate(list(spooled))[numbers])
    records = np.concatenate(list(spooled))
    assert records["time"].tolist() == [0, 3, 2, 1, 3]
    assert [spooled.place_of_time(code) for code in (2, 3)] == ["a.csv, line 4", "a.csv, line 3"]
    assert records["values"].ravel().tolist() == [0, 1, 2, 3, 4]


def test_an_empty_spool_has_no_rows() -> None:
    assert list(Spool(io.BytesIO())) == []
