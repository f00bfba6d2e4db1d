"""A store gives back what was written, opens without reading it, and is whole or not there."""

import json
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from stgraph.errors import DataError, StgraphError
from stgraph.series import Scaler, TrafficSeries, is_store, open_series, read_series, store, write_store
from stgraph.series.store import seal, store_sha256
from tests.series.test_archive import series


@pytest.mark.parametrize(
    "written",
    [
        series(),
        series(timezone="Europe/Zurich", country="CH"),
        series(covariates=np.ones((4, 1, 2), np.float32), covariate_names=("rain", "snow")),
        series(values=np.full((4, 3, 2), np.nan), observed=np.zeros((4, 3, 2))),
        series(notes=("line 7: 2012-03-01 repeats line 3 with the same values: kept once",)),
        series(values=np.ones((4, 2, 3), np.float32).transpose(0, 2, 1), observed=np.ones((4, 3, 2), order="F")),
    ],
    ids=["plain", "zone", "covariates", "unobserved", "notes", "another order in memory"],
)
def test_what_is_written_is_opened(written: TrafficSeries, tmp_path: Path) -> None:
    opened = open_series(write_store(written, tmp_path / "deep" / "store"))
    assert opened.digest() == written.digest()
    for field in fields(TrafficSeries):
        back, before = getattr(opened, field.name), getattr(written, field.name)
        assert np.array_equal(back, before, equal_nan=field.name == "values"), field.name
    for array in (opened.values, opened.observed):
        assert isinstance(array, np.memmap)
        assert not array.flags.writeable
    assert read_series(tmp_path / "deep" / "store").digest() == written.digest()
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["store"]


def test_a_store_says_everything_itself(tmp_path: Path) -> None:
    folder = write_store(series(), tmp_path / "store")
    with pytest.raises(DataError, match=r"store: .* no use for unit, missing; leave"):
        read_series(folder, unit="mph", missing=[0])
    assert is_store(folder)
    assert not is_store(tmp_path)


def test_notes_are_no_part_of_what_a_store_is(tmp_path: Path) -> None:
    folders = [write_store(series(notes=notes), tmp_path / f"{len(notes)}") for notes in ((), ("a note",))]
    assert len({store_sha256(folder) for folder in folders}) == 1


def test_facts_are_for_people_too(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("a")
    facts = json.loads((write_store(series(), tmp_path / "store", sources=[source]) / "series.json").read_text())
    assert facts["sensors"] == ["007", "773869", "Zürich, Süd"]
    assert facts["sources"][0]["path"] == str(source)
    assert facts["sources"][0]["bytes"] == 1
    assert len(facts["sources"][0]["sha256"]) == 64


def test_ten_gigabytes_open_at_once_and_work_by_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "sha256", lambda _: "not computed here")
    steps, folder = 2**20, tmp_path
    shape = (steps, 1000, 2)
    for name, kind in (("values", np.float32), ("observed", np.bool_)):  # zeros that take no room on the disk
        np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=kind, shape=shape)
    values, observed = (np.load(folder / f"{name}.npy", mmap_mode="r+") for name in ("values", "observed"))
    values[7:9], observed[7:9] = 3.0, True
    times = np.datetime64("2000-01-01", "ns") + np.arange(steps) * np.timedelta64(5, "m")
    sensors, channels = tuple(map(str, range(1000))), ("speed", "flow")
    seal(folder, TrafficSeries(values, observed, times, sensors, channels, ("", ""), checked=True), [])
    assert values.nbytes + observed.nbytes > 10e9
    tracemalloc.start()
    began = time.perf_counter()
    opened = open_series(folder)
    assert time.perf_counter() - began < 1
    assert opened.slice(5, 10).observed.sum() == 2 * 2000
    assert Scaler.fit(opened, [(0, 50)]).mean == (3.0, 3.0)
    assert opened.with_country("US").select().values is opened.values
    assert tracemalloc.get_traced_memory()[1] < 300e6
    tracemalloc.stop()


def test_two_stores_of_one_series_have_one_sha256(tmp_path: Path) -> None:
    one, two = (write_store(series(), tmp_path / name) for name in "ab")
    assert store_sha256(one) == store_sha256(two)
    assert store_sha256(write_store(series(units=("mph", "")), tmp_path / "c")) != store_sha256(one)
    (one / "values.npy").touch()
    assert store_sha256(one) == store_sha256(two), "the bytes are the same, though the file is newer"
    content = bytearray((one / "values.npy").read_bytes())
    content[-1] ^= 1
    (one / "values.npy").write_bytes(content)
    with pytest.raises(DataError, match=r"a.values\.npy: expected SHA-256 .* the file was changed"):
        store_sha256(one)


def test_arrays_that_nobody_touched_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_store(series(), tmp_path / "store")
    expected = store_sha256(folder)
    monkeypatch.setattr(store, "sha256", lambda path: pytest.fail(f"{path} was read"))
    assert store_sha256(folder) == expected


def saved(array: np.ndarray) -> Callable[[Path], object]:
    return lambda path: np.save(path, array)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


def respelled(before: bytes, after: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(path.read_bytes().replace(before, after))


@pytest.mark.parametrize(
    ("name", "damage", "words"),
    [
        ("values.npy", cut, r"values\.npy: expected 224 bytes, found 223: the file is truncated or altered"),
        ("observed.npy", cut, r"observed\.npy: expected 152 bytes, found 151"),
        ("times.npy", Path.unlink, r"times\.npy: cannot be read \(No such file"),
        ("values.npy", saved(np.zeros((4, 2, 3), np.float32)), r"store: values: expected shape .*found \(4, 2, 3\)"),
        ("values.npy", saved(np.zeros((4, 3, 2), np.int32)), r"values\.npy: expected cells of <f4 .*found <i4"),
        (
            "values.npy",
            respelled(b"'fortran_order': False", b"'fortran_order': True "),
            r"values\.npy: expected cells of <f4 in the order of C",
        ),
        ("values.npy", respelled(b"NUMPY", b"NUMPI"), r"values\.npy: not readable as an array of NumPy"),
        ("times.npy", saved(np.array([4, 3, 2, 1])), r"store: times, row 1: .* is earlier"),
        ("series.json", respelled(b'"km/h"', b'"mi/h"'), r"series\.json: expected facts of SHA-256 .* altered"),
        ("series.json", respelled(b'"bytes": 224', b'"bytes": 225'), r"series\.json: expected facts of SHA-256"),
        ("series.json", halved, r"series\.json: not readable as JSON"),
        (
            "series.json",
            respelled(b"store 1", b"store 9"),
            r"series\.json: expected a store .* found 'stgraph store 9'",
        ),
        ("series.json", lambda path: path.write_text("[]"), r"series\.json: expected a store .* found None"),
        ("series.json", Path.unlink, r"series\.json: not found; a store is a folder that"),
    ],
)
def test_a_damaged_store_is_refused(name: str, damage: Callable[[Path], object], words: str, tmp_path: Path) -> None:
    folder = write_store(series(), tmp_path / "store")
    damage(folder / name)
    with pytest.raises(StgraphError, match=words):
        open_series(folder)


def test_a_failure_leaves_nothing_and_what_is_there_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_store(series(), tmp_path / "store")
    before = store_sha256(folder)
    with pytest.raises(DataError, match="store: expected a folder that is not there yet or empty"):
        write_store(series(units=("", "")), folder)
    assert store_sha256(folder) == before

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "seal", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_store(series(), tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
