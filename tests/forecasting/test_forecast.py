"""Forecast: checks itself, dated, with units, written whole."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stgraph.errors import DataError, ShapeError
from stgraph.forecasting import Forecast

MIDNIGHT = np.datetime64("2024-03-08T00:00", "ns")
FIVE = np.timedelta64(5, "m")


def small() -> Forecast:
    return Forecast(
        values=np.arange(12, dtype=np.float32).reshape(3, 2, 2),
        times=MIDNIGHT + np.arange(3) * FIVE,
        sensors=("a", "007"),
        channels=("speed", "flow"),
        units=("mph", "veh/h"),
        issued=MIDNIGHT - FIVE,
    )


def test_the_table_is_long_and_says_when_where_what_and_in_which_unit() -> None:
    table = small().to_dataframe()
    assert list(table.columns) == ["time", "sensor", "channel", "value", "unit", "lead_minutes"]
    row = table[(table["sensor"] == "007") & (table["channel"] == "flow") & (table["lead_minutes"] == 10)].iloc[0]
    assert row["value"] == small().values[1, 1, 1]
    assert row["time"] == pd.Timestamp("2024-03-08 00:05")
    assert row["unit"] == "veh/h"


@pytest.mark.parametrize("name", ["f.csv", "f.csv.gz", "f.parquet"])
def test_what_is_written_is_read_back(tmp_path: Path, name: str) -> None:
    path = small().write(tmp_path / name)
    read = pd.read_parquet(path) if name.endswith("parquet") else pd.read_csv(path, dtype={"sensor": str})
    assert read["value"].tolist() == small().to_dataframe()["value"].tolist()
    assert read["sensor"].tolist()[2] == "007"
    assert pd.to_datetime(read["time"]).iloc[-1] == pd.Timestamp("2024-03-08 00:10")


def bounded() -> Forecast:
    values = small().values
    return replace(small(), lower=values - 1, upper=values + 2, coverage=0.9)


def test_bounds_stand_beside_the_value_and_in_the_line(tmp_path: Path) -> None:
    table = bounded().to_dataframe()
    assert list(table.columns) == ["time", "sensor", "channel", "value", "lower", "upper", "unit", "lead_minutes"]
    assert (table["upper"] - table["lower"]).tolist() == [3.0] * 12
    assert repr(bounded()).endswith("00:10:00, 90 % bounds)")
    assert "bounds" not in repr(small())
    for name in ("f.csv", "f.parquet"):
        path = bounded().write(tmp_path / name)
        read = pd.read_parquet(path) if name.endswith("parquet") else pd.read_csv(path)
        assert read["lower"].tolist() == table["lower"].tolist()
        assert read["upper"].tolist() == table["upper"].tolist()


def test_a_value_may_touch_its_bounds() -> None:
    tight = replace(small(), lower=small().values, upper=small().values, coverage=0.5)
    assert tight.lower is not None
    assert tight.lower.dtype == np.float32


@pytest.mark.parametrize(
    ("field", "error", "words"),
    [
        ({"upper": None}, DataError, "expected lower, upper and coverage together, found lower and coverage alone"),
        ({"lower": None, "upper": None}, DataError, "together, found coverage alone"),
        ({"coverage": 90}, DataError, "coverage: expected a share between 0 and 1, found 90"),
        ({"lower": np.zeros((3, 2, 1))}, ShapeError, "lower: expected shape"),
        ({"upper": np.full((3, 2, 2), np.inf)}, DataError, "upper: expected finite numbers, found .*inf.* sensor a"),
        ({"lower": np.full((3, 2, 2), 5)}, DataError, r"found 0\.0 outside 5\.0 to 2\.0 for sensor a"),
        ({"upper": np.full((3, 2, 2), 10)}, DataError, r"found 11\.0 outside 10\.0 to 10\.0 for sensor 007"),
    ],
)
def test_bounds_that_cannot_be_are_named(field: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        replace(bounded(), **field)


def test_local_times_are_those_of_the_zone() -> None:
    zoned = replace(small(), timezone="Europe/Amsterdam")
    assert str(zoned.local_times[0]) == "2024-03-08 01:00:00+01:00"


@pytest.mark.parametrize(
    ("field", "error", "words"),
    [
        ({"values": np.zeros((3, 2))}, ShapeError, "values"),
        ({"units": ("mph",)}, ShapeError, "units"),
        ({"values": np.full((3, 2, 2), np.nan)}, DataError, "finite"),
        ({"issued": MIDNIGHT}, DataError, "after the issue"),
    ],
)
def test_a_field_that_does_not_fit_is_named(field: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        replace(small(), **field)


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.parquet"):
        small().write(tmp_path / "f.xlsx")
    assert not list(tmp_path.iterdir())
