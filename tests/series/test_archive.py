from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stgraph.errors import DataError
from stgraph.series.archive import read_npz, write_npz
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
    with pytest.raises(DataError, match=r"leave out \['unit', 'start'\]"):
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
        ({"data": np.full((2, 2), np.inf)}, r"finite"),
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
