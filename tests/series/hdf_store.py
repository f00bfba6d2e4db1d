"""HDF5 stores as pandas writes them with PyTables, which is not needed here."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

TIMES = pd.date_range("2012-03-01", periods=4, freq="5min").as_unit("ns")
FRAME = pd.DataFrame(np.arange(12.0).reshape(4, 3), index=TIMES, columns=["773869", "007", "9"])


def axis(group: h5py.Group, name: str, cells: np.ndarray[Any, Any], kind: str, **attributes: object) -> None:
    node = group.create_dataset(name, data=cells)
    node.attrs.update({"CLASS": b"ARRAY", "FLAVOR": b"numpy", "VERSION": b"2.4", "TITLE": h5py.Empty("S1")})
    node.attrs.update({"kind": kind.encode(), "name": b"N.", "transposed": np.uint8(1), **attributes})


def names(ids: list[Any]) -> tuple[np.ndarray[Any, Any], str]:
    if isinstance(ids[0], int):
        return np.array(ids, dtype=np.int64), "integer"
    return np.array([name.encode() for name in ids]), "string"


def write_store(
    path: Path, frame: pd.DataFrame = FRAME, key: str = "df", *, kind: str = "datetime64", **index: object
) -> Path:
    """Write a store as pandas 2.3 with PyTables 3.11 does, attribute for attribute; columns of one type are a block."""
    with h5py.File(path, "a") as file:
        file.attrs.update({"CLASS": b"GROUP", "PYTABLES_FORMAT_VERSION": b"2.1", "VERSION": b"1.0"})
        group = file.create_group(key)
        blocks = [list(group) for _, group in frame.columns.to_series().groupby(frame.dtypes.astype(str).to_numpy())]
        group.attrs.update({"CLASS": b"GROUP", "TITLE": h5py.Empty("S1"), "VERSION": b"1.0", "encoding": b"UTF-8"})
        group.attrs.update({"errors": b"strict", "ndim": np.int64(2), "nblocks": np.int64(len(blocks))})
        group.attrs.update({"pandas_type": b"frame", "pandas_version": b"0.15.2"})
        group.attrs.update({"axis0_variety": b"regular", "axis1_variety": b"regular"})
        axis(group, "axis0", *names(list(frame.columns)))
        freq = b"cpandas._libs.tslibs.offsets\nMinute\np0\n(I5\nI00\ntp1\nRp2\n."  # a pickle, never loaded
        stamps = pd.DatetimeIndex(frame.index).asi8
        axis(group, "axis1", stamps, kind, index_class=b"datetime", freq=freq, **index)
        for k, ids in enumerate(blocks):
            group.attrs[f"block{k}_items_variety"] = b"regular"
            axis(group, f"block{k}_items", *names(ids))
            values = group.create_dataset(f"block{k}_values", data=frame[ids].to_numpy())
            values.attrs.update({"CLASS": b"ARRAY", "FLAVOR": b"numpy", "transposed": np.uint8(1)})
    return path
