from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stgraph.errors import DataError, StgraphError
from stgraph.series.archive import is_own_npz, read_npz, write_npz
from stgraph.series.traffic_series import TrafficSeries


def series(**changes: Any) -> TrafficSeries:
    rng = np.random.default_rng(0)
    facts: dict[str, Any] = {
        "values": rng.normal(size=(4, 3, 2)).astype(np.float32),
        "observed": rng.random((4, 3, 2)) < 0.7,
        "times": np.datetime64("2012-03-01", "ns") + np.array([0, 1, 2, 5]) * np.timedelta64(5, "m"),
        "sensors": ("007", "773869", "Zürich, Süd"),
        "channels": ("speed", "flow"),
        "units": ("km/h", "veh/h"),
    }
    return TrafficSeries(**{**facts, **changes})


@pytest.mark.parametrize(
    "written",
    [
        series(),
        series(timezone="Europe/Zurich", country="CH"),
        series(covariates=np.ones((4, 1, 2), np.float32), covariate_names=("rain", "snow")),
        series(values=np.full((4, 3, 2), np.nan), observed=np.zeros((4, 3, 2))),
    ],
    ids=["plain", "zone", "covariates", "unobserved"],
)
def test_what_is_written_is_read_back(written: TrafficSeries, tmp_path: Path) -> None:
    read = read_npz(write_npz(written, tmp_path / "new" / "series.npz"))
    assert read.digest() == written.digest()
    for field in fields(TrafficSeries):
        back, before = getattr(read, field.name), getattr(written, field.name)
        assert np.array_equal(back, before, equal_nan=field.name == "values"), field.name


def test_an_own_file_says_everything_itself(tmp_path: Path) -> None:
    path = write_npz(series(), tmp_path / "series.npz")
    with pytest.raises(DataError, match=r"no use for unit, start; leave them out \(--unit, --start\)"):
        read_npz(path, start="2012-03-01", unit="mph")


@pytest.mark.parametrize(
    ("shape", "channels"), [((5, 3), ("speed",)), ((5, 3, 1), ("speed",)), ((5, 3, 2), ("channel_0", "channel_1"))]
)
def test_pems_form_takes_its_times_from_start_and_interval(
    shape: tuple[int, ...], channels: tuple[str, ...], tmp_path: Path
) -> None:
    data = np.arange(np.prod(shape), dtype=np.int64).reshape(shape)
    np.savez(tmp_path / "a.npz", data=data)
    with pytest.raises(DataError, match="--start and --interval"):
        read_npz(tmp_path / "a.npz")
    read = read_npz(tmp_path / "a.npz", start="2018-01-01", interval="5min", missing=[0])
    assert (read.channels, read.sensors) == (channels, ("0", "1", "2"))
    assert np.array_equal(read.values.ravel(), data.ravel())
    assert np.array_equal(read.observed.ravel(), data.ravel() != 0)


def test_channels_and_units_may_be_given(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", data=np.ones((5, 3, 2)))
    start, interval, path = "2018-01-01", "5min", tmp_path / "a.npz"
    read = read_npz(path, channel=["flow", "speed"], unit=["veh", "mph"], start=start, interval=interval)
    assert (read.channels, read.units) == (("flow", "speed"), ("veh", "mph"))
    with pytest.raises(DataError, match=r"for each of 2, found \('flow',\)"):
        read_npz(path, channel="flow", start=start, interval=interval)


@pytest.mark.parametrize(
    ("arrays", "error"),
    [
        ({"speed": np.ones(3), "flow": np.ones(3)}, r"an array 'data' as in PEMS04, found arrays \['flow', 'speed'\]"),
        ({"data": np.array([["a"]])}, r"expected data of numbers"),
        ({"data": np.ones(3)}, r"expected data of numbers \(T, N\) or \(T, N, C\), found float64 \(3,\)"),
        ({"data": np.ones((0, 3))}, r"expected data of numbers"),
        ({"data": np.array([[1.0, np.inf]])}, r"a\.npz, step 0, sensor 1, channel 0: expected a finite number"),
        ({"data": np.array([[1.0, 2.0], [-1e300, 1.0]])}, r"a\.npz, step 1, sensor 0, channel 0: expected a finite"),
        ({"data": np.array([[{}]], dtype=object)}, r"Python objects, which are never loaded"),
    ],
)
def test_other_archives_are_refused(arrays: dict[str, Any], error: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=error):
        read_npz(tmp_path / "a.npz", start="2018-01-01", interval="5min")


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = write_npz(series(), tmp_path / "series.npz")
    whole = path.read_bytes()
    inside = whole.index(b"values.npy") + 100
    for damaged in (
        b"",
        b"not an archive",
        whole[: len(whole) // 2],
        whole[:inside] + bytes(20) + whole[inside + 20 :],
    ):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"series\.npz"):
            read_npz(path)
    np.savez(path, form=np.array("stgraph series 1"))
    with pytest.raises(DataError, match=r"expected the array 'values', found \['form'\]"):
        read_npz(path)
    np.save(tmp_path / "one.npy", np.ones((2, 2)))
    with pytest.raises(DataError, match="found a single array"):
        read_npz(tmp_path / "one.npy")
    with pytest.raises(DataError, match="No such file"):
        read_npz(tmp_path / "absent.npz")


@pytest.mark.parametrize(
    ("name", "array", "error"),
    [
        ("values", np.array("x"), "array 'values': expected decimal numbers with ndim 3, found <U1 of shape ()"),
        ("values", np.zeros((4, 3, 2), complex), "array 'values': expected decimal numbers .* complex128"),
        ("values", np.full((4, 3, 2), 1e300), "values: .* is marked observed but is inf; expected a finite number"),
        ("values", np.zeros((2, 3, 2)), "values: expected shape"),
        ("observed", np.ones((4, 3, 2)), "array 'observed': expected true and false .* float64"),
        ("times", np.array(5), "array 'times': expected whole numbers with ndim 1, found int64"),
        ("times", np.array([3, 2, 1, 0]), "times, row 1: .* is earlier than the one before"),
        ("sensors", np.array("a"), "array 'sensors': expected text with ndim 1"),
        ("sensors", np.array(["a", "b", "a"]), "sensors: every id must be unique"),
        ("interval", np.array(np.nan), "array 'interval': expected whole numbers with ndim 0"),
        ("interval", np.array(-5), "interval: expected more than zero"),
        ("timezone", np.array("Mars"), "timezone: expected an IANA name"),
        ("covariate_names", np.array(["rain"]), "covariates: expected shape"),
    ],
)
def test_an_own_file_with_another_array_is_refused(
    name: str, array: np.ndarray[Any, Any], error: str, tmp_path: Path
) -> None:
    path = write_npz(series(), tmp_path / "series.npz")
    np.savez(path, **{**np.load(path), name: array})
    with pytest.raises(StgraphError, match=rf"series\.npz[:,] {error}"):
        read_npz(path)


def test_an_archive_of_our_own_is_told_from_others(tmp_path: Path) -> None:
    assert is_own_npz(write_npz(series(), tmp_path / "own.npz"))
    np.savez(tmp_path / "other.npz", data=np.ones((4, 3)))
    assert not is_own_npz(tmp_path / "other.npz")
