from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError, MismatchError, ShapeError
from stgraph.series import blocks
from stgraph.series.traffic_series import TrafficSeries

START = np.datetime64("2012-03-01", "ns")
STEP = np.timedelta64(5, "m")


def series(steps: int = 6, *, gap_after: int | None = None, **changes: Any) -> TrafficSeries:
    """Give a series whose every value says where it stands: 100 t + 10 n + c."""
    t, n, c = np.ogrid[:steps, :3, :2]
    values = (100 * t + 10 * n + c).astype(np.float32)
    places = np.arange(steps)
    if gap_after is not None:
        places[gap_after:] += 4
    fields: dict[str, Any] = {
        "values": values,
        "observed": values % 7 != 0,
        "times": START + places * STEP,
        "sensors": ("a", "b", "c"),
        "channels": ("speed", "flow"),
        "units": ("mph", "veh/h"),
    }
    return TrafficSeries(**{**fields, **changes})


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"values": np.zeros((6, 2, 2))}, ShapeError, r"values: expected shape .*N=3.*found \(6, 2, 2\)"),
        ({"observed": np.ones((6, 3))}, ShapeError, "observed: expected shape"),
        ({"times": np.array([START])}, ShapeError, "values: expected shape"),
        ({"units": ("mph",)}, ShapeError, "units: expected one for each channel"),
        ({"sensors": ("a", "b", "a")}, DataError, "sensors: every id must be unique"),
        ({"channels": ("speed", "speed")}, DataError, "channels: every name must be unique"),
        ({"sensors": ()}, ShapeError, "at least one time, sensor and channel, found 6, 0 and 2"),
        ({"values": np.full((6, 3, 2), np.nan)}, DataError, "marked observed but is nan"),
        ({"interval": np.timedelta64(2, "m")}, DataError, "expected whole multiples of 0 days 00:02:00"),
        ({"interval": np.timedelta64(0, "m")}, DataError, "interval: expected more than zero"),
        ({"times": (START + np.arange(6) * STEP)[::-1]}, DataError, "times, row 1: .* is earlier"),
        ({"timezone": "Mars/Olympus"}, DataError, "timezone: expected an IANA name"),
        ({"covariates": np.ones((6, 2, 1)), "covariate_names": ("rain",)}, ShapeError, "covariates: expected shape"),
        ({"covariates": np.full((6, 1, 1), np.nan), "covariate_names": ("rain",)}, DataError, "covariates: .*finite"),
    ],
)
def test_the_error_names_the_field(change: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        series(**change)


def test_a_series_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        series().units = ("km/h", "veh/h")  # type: ignore[misc]


@given(st.sets(st.integers(0, 60), min_size=2))
def test_segments_are_the_stretches_without_a_gap(places: set[int]) -> None:
    order = sorted(places)
    found = series(len(order), times=START + np.array(order) * STEP, interval=STEP).segments
    assert [k for first, last in found for k in range(first, last)] == list(range(len(order))), "they cover all steps"
    starts = {first for first, _ in found}
    assert starts == {k for k in range(len(order)) if k == 0 or order[k] != order[k - 1] + 1}


@given(st.integers(0, 6), st.integers(0, 6))
def test_slices_by_step_and_by_time_agree(first: int, last: int) -> None:
    whole = series(7)
    if first >= last:
        with pytest.raises(ShapeError):
            whole.slice(first, last)
        return
    by_step = whole.slice(first, last)
    by_time = whole.slice(str(whole.times[first]), pd.Timestamp(whole.times[last]))
    assert by_step.digest() == by_time.digest()
    assert by_step.values[:, 0, 0].tolist() == [100 * t for t in range(first, last)]


def test_a_slice_keeps_the_interval_though_it_cannot_be_seen() -> None:
    assert series(gap_after=1).slice(0, 2).interval == STEP
    assert series().slice(2, 3).interval == STEP


def test_times_with_a_zone_are_converted_and_without_one_are_refused() -> None:
    there = pd.Timestamp("2012-02-29 16:10", tz="America/Los_Angeles")
    assert len(series(timezone="America/Los_Angeles").slice(there)) == 4
    with pytest.raises(DataError, match="without a zone"):
        series().slice(there)
    with pytest.raises(DataError, match="found 'yesterday or so'"):
        series().slice("yesterday or so")


def test_select_takes_sensors_and_channels_in_the_given_order() -> None:
    covariates = np.arange(18, dtype=np.float32).reshape(6, 3, 1)
    some = series(covariates=covariates, covariate_names=("rain",)).select(sensors=("c", "a"), channels=("flow",))
    assert some.values[1].tolist() == [[121], [101]]
    assert (some.sensors, some.channels, some.units) == (("c", "a"), ("flow",), ("veh/h",))
    assert some.covariates is not None
    assert some.covariates[:, :, 0].tolist() == covariates[:, [2, 0], 0].tolist()
    with pytest.raises(MismatchError, match=r"no sensor \['z'\]"):
        series().select(sensors=("a", "z"))


def test_select_of_everything_is_the_series() -> None:
    assert series().select().digest() == series().digest()


def test_a_table_is_empty_where_nothing_was_observed() -> None:
    one = series().select(channels=("flow",))
    frame = one.to_dataframe()
    assert frame.columns.tolist() == ["a", "b", "c"]
    assert (frame.notna().to_numpy() == one.observed[:, :, 0]).all()
    both = series(timezone="America/Los_Angeles").to_dataframe()
    assert (both["flow"].notna().to_numpy() == series().observed[:, :, 1]).all()
    assert str(both.index[0]) == "2012-02-29 16:00:00-08:00"


def test_the_digest_hides_what_is_unobserved_and_shows_the_rest() -> None:
    base = series()
    garbage = np.where(base.observed, base.values, np.float32(1e9))
    assert replace(base, values=garbage).digest() == base.digest()
    others = [
        replace(base, values=base.values + 1),
        replace(base, observed=np.ones_like(base.observed)),
        replace(base, times=base.times + STEP),
        replace(base, sensors=("a", "b", "d")),
        replace(base, units=("km/h", "veh/h")),
        replace(base, timezone="UTC"),
    ]
    assert len({other.digest() for other in [base, *others]}) == len(others) + 1


@pytest.mark.parametrize(("minutes", "steps"), [(5, 288), (15, 96), (7, 206)])
def test_steps_per_day(minutes: int, steps: int) -> None:
    step = np.timedelta64(minutes, "m")
    assert series(times=START + np.arange(6) * step).steps_per_day == steps


def test_it_says_its_size_and_period() -> None:
    assert repr(series()).startswith(
        "TrafficSeries(steps=6, sensors=3, speed [mph], flow [veh/h], 2012-03-01 00:00:00 .. 2012-03-01 00:25:00"
    )


def test_parts_of_a_series_are_not_checked_again() -> None:
    one = series()
    wrong = np.full_like(one.values, np.nan)
    unread = replace(one, values=wrong, observed=np.ones_like(one.observed), checked=True)
    assert len(unread.slice(1, 3)) == 2
    assert unread.select(sensors=("c",)).sensors == ("c",)
    assert unread.with_country("NL").country == "NL"
    with pytest.raises(DataError, match="marked observed but is nan"):
        replace(unread, country="NL")
    with pytest.raises(ShapeError, match="values"):
        replace(one, values=wrong[:2], checked=True)


def test_a_memory_map_stays_one_and_says_what_the_array_says(tmp_path: Path) -> None:
    one = series()
    for name in ("values", "observed"):
        np.save(tmp_path / f"{name}.npy", getattr(one, name))
    values, observed = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("values", "observed"))
    mapped = replace(one, values=values, observed=observed)
    assert isinstance(mapped.slice(1, 4).values, np.memmap)
    assert not mapped.values.flags.writeable
    assert mapped.digest() == one.digest()
    assert repr(mapped) == repr(one)
    assert mapped.slice(1, 4).digest() == one.slice(1, 4).digest()
    some = {"sensors": ("c", "a"), "channels": ("flow",)}
    assert mapped.select(**some).digest() == one.select(**some).digest()


@given(st.integers(1, 300))
def test_the_digest_does_not_depend_on_the_blocks(cells: int) -> None:
    whole = series(60).digest()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "CELLS", cells)
        assert series(60).digest() == whole
