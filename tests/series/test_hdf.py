from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stgraph.errors import DataError
from stgraph.series import read_series
from stgraph.series.hdf import read_hdf_rows, read_hdf_table
from stgraph.series.wide import from_wide
from tests.series.hdf_store import FRAME, TIMES, axis, write_store


@pytest.mark.parametrize("key", ["df", "speed", "a/b/c"])
@pytest.mark.parametrize("kind", ["datetime64", "datetime64[ns]"])
def test_the_only_table_is_taken_under_whatever_key_it_has(key: str, kind: str, tmp_path: Path) -> None:
    store = write_store(tmp_path / "metr-la.h5", key=key, kind=kind)
    pd.testing.assert_frame_equal(read_hdf_table(store), FRAME, check_freq=False, check_column_type=False)
    assert read_series(store, unit="mph").digest() == from_wide(FRAME, unit="mph").digest()
    assert read_series(store, key=f"/{key}").digest() == read_series(store).digest()


def test_several_tables_are_listed_and_one_is_chosen(tmp_path: Path) -> None:
    store = write_store(tmp_path / "a.hdf5", key="speed")
    write_store(store, FRAME * 10, key="flow")
    with pytest.raises(DataError, match=r"a\.hdf5: expected one table .*\(--key flow\); found \['flow', 'speed'\]"):
        read_series(store)
    with pytest.raises(DataError, match=r"under the key 'sped'; .* found \['flow', 'speed'\]"):
        read_series(store, key="sped")
    assert read_series(store, key="flow", channel="flow").values[1, 0, 0] == 30


def test_ids_may_be_whole_numbers_or_text_of_any_script(tmp_path: Path) -> None:
    whole = write_store(tmp_path / "a.h5", FRAME.set_axis([773869, 7, 9], axis=1))
    assert read_series(whole).sensors == ("773869", "7", "9")
    umlauts = write_store(tmp_path / "b.h5", FRAME.set_axis(["Zürich Süd", "b", "c"], axis=1))
    assert read_series(umlauts).sensors == ("Zürich Süd", "b", "c")


def test_columns_of_several_types_come_back_in_their_order(tmp_path: Path) -> None:
    mixed = FRAME.astype({"007": np.int32, "9": np.float32})[["9", "773869", "007"]]
    store = write_store(tmp_path / "a.h5", mixed)
    with h5py.File(store) as file:
        assert file["df"].attrs["nblocks"] == 3
    assert read_series(store).digest() == from_wide(FRAME[["9", "773869", "007"]]).digest()


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_times_may_be_in_other_units(unit: str, tmp_path: Path) -> None:
    frame = FRAME.set_axis(TIMES.as_unit(unit))  # type: ignore[arg-type]  # one of the above
    store = write_store(tmp_path / "a.h5", frame, kind=f"datetime64[{unit}]")
    assert (read_series(store).times == TIMES.to_numpy()).all()


def test_times_of_a_zone_are_utc(tmp_path: Path) -> None:
    store = write_store(tmp_path / "a.h5", tz=b"America/Los_Angeles")
    series = read_series(store)
    assert (series.timezone, series.times[0]) == ("America/Los_Angeles", TIMES.to_numpy()[0])
    local = write_store(tmp_path / "b.h5", tz=b"N.")
    assert read_series(local, timezone="America/Los_Angeles").times[0] == np.datetime64("2012-03-01T08:00")
    for zone in (b"Mars/Olympus", b"cpytz\n_UTC\n."):
        with pytest.raises(DataError, match="expected the name of a time zone"):
            read_series(write_store(tmp_path / f"{zone[:1].decode()}.h5", tz=zone))


def test_a_table_without_times_is_counted_from_a_start(tmp_path: Path) -> None:
    store = write_store(tmp_path / "a.h5")
    with h5py.File(store, "a") as file:
        del file["df/axis1"]
        axis(file["df"], "axis1", np.arange(4), "integer")
    assert (read_series(store, start="2012-03-01", interval="5min").times == TIMES.to_numpy()).all()


def change(name: str, **attributes: object) -> Any:
    def alter(group: h5py.Group) -> None:
        (group if name == "." else group[name]).attrs.update(attributes)

    return alter


def put(name: str, cells: Any, **attributes: object) -> Any:
    def alter(group: h5py.Group) -> None:
        kept: Mapping[str, Any] = {**group[name].attrs, **attributes}
        del group[name]
        group.create_dataset(name, data=cells).attrs.update(kept)

    return alter


@pytest.mark.parametrize(
    ("alter", "error"),
    [
        (change(".", pandas_type=b"frame_table"), "fixed format, found 'frame_table'"),
        (change(".", axis0_variety=b"multi"), "axis0: expected one level of names"),
        (change(".", nblocks=np.int64(0)), "each column of axis0 in one block, found 0 of 3"),
        (change(".", nblocks=np.int64(2)), r"cannot be read as HDF5 \(.*block1"),
        (change("axis1", kind=b"float"), "axis1: expected text, whole numbers or times, found 'float' as int64"),
        (change("block0_values", transposed=np.uint8(0)), r"block0_values: expected 4 rows of 3 columns .* \(3, 4\)"),
        (put("block0_values", np.zeros((4, 2))), r"block0_values: expected 4 rows of 3 columns .* \(4, 2\)"),
        (put("block0_values", np.zeros(4)), "block0_values: expected 4 rows"),
        (put("block0_values", np.array([b"x"])), "expected numbers in columns .* found .S1"),
        (put("block0_items", np.array([b"773869", b"007", b"8"])), r"\(4, 3\)\['8'\]"),
        (put("block0_items", np.array([b"773869", b"007", b"007"])), "each column of axis0 in one block, found 3 of 3"),
        (put("axis0", np.array([b"773869", b"\xff", b"9"])), "cannot be read as HDF5 .*utf-8"),
        (put("axis0", np.array([b"9", b"9", b"9"])), r"\(4, 3\)\['773869', '007'\]"),
        (lambda group: group.pop("axis1"), r"cannot be read as HDF5 \(.*axis1"),
        (lambda group: group.attrs.pop("nblocks"), r"cannot be read as HDF5 \(.*nblocks"),
        (lambda group: group["axis1"].attrs.pop("kind"), r"cannot be read as HDF5 \(.*kind"),
        (lambda group: group.attrs.pop("pandas_type"), r"expected one table of pandas, .*to_hdf; found \['df'\]"),
    ],
)
def test_another_layout_is_refused_by_name(alter: Any, error: str, tmp_path: Path) -> None:
    store = write_store(tmp_path / "a.h5")
    with h5py.File(store, "a") as file:
        alter(file["df"])
    with pytest.raises(DataError, match=rf"a\.h5.*{error}"):
        read_series(store)


def test_python_objects_are_never_loaded(tmp_path: Path) -> None:
    store = write_store(tmp_path / "a.h5")
    with h5py.File(store, "a") as file:
        group = file["df"]
        del group["block0_values"]
        group.create_dataset("block0_values", (1,), dtype=h5py.vlen_dtype(np.uint8))
    with pytest.raises(DataError, match="Python objects, which are never loaded"):
        read_series(store)


def test_what_is_no_hdf5_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(b"not HDF5")
    for name in ("a.h5", "absent.h5", "."):
        with pytest.raises(DataError, match="cannot be read as HDF5"):
            read_hdf_table(tmp_path / name)
    (tmp_path / "a.csv").write_text("time,7\n2012-03-01,1\n2012-03-02,1\n")
    with pytest.raises(DataError, match=r"a\.csv: a file of this form has no use for key"):
        read_series(tmp_path / "a.csv", key="df")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.floats(0, 0.999))
def test_a_part_of_a_file_is_refused(tmp_path: Path, share: float) -> None:
    whole = tmp_path / "whole.h5"
    if not whole.exists():
        write_store(whole)
    content = whole.read_bytes()
    (tmp_path / "part.h5").write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match=r"part\.h5"):
        read_series(tmp_path / "part.h5")


@pytest.mark.parametrize("count", [1, 3, 4, 9])
def test_some_columns_some_rows_at_a_time_are_the_table(count: int, tmp_path: Path) -> None:
    store = write_store(tmp_path / "a.h5")
    parts = list(read_hdf_rows(store, ["9", "773869"], count))
    assert [len(part) for part in parts[:-1]] == [count] * (len(parts) - 1)
    pd.testing.assert_frame_equal(pd.concat(parts), FRAME[["9", "773869"]], check_freq=False, check_column_type=False)


def test_rows_of_what_is_no_such_table_are_refused_by_file_and_place(tmp_path: Path) -> None:
    store = write_store(tmp_path / "a.h5")
    with pytest.raises(DataError, match=r"a\.h5, key 'df': expected the columns \['8'\] too, found \['773869'"):
        next(read_hdf_rows(store, ["8"], 2))
    mixed = write_store(tmp_path / "b.h5", FRAME.assign(whole=np.arange(4)))
    with pytest.raises(
        DataError, match=r"b\.h5, key 'df': expected numbers of one type in 4 rows of 4 columns, found 2"
    ):
        next(read_hdf_rows(mixed, ["9"], 2))
    (tmp_path / "c.h5").write_bytes(store.read_bytes()[:900])
    with pytest.raises(DataError, match=r"c\.h5: cannot be read as HDF5"):
        next(read_hdf_rows(tmp_path / "c.h5", ["9"], 2))
