"""Tables in HDF5 files of pandas' fixed format, as METR-LA and PEMS-BAY are handed on, read without PyTables.

The layout (pandas, `pandas.io.pytables.BlockManagerFixed`, https://github.com/pandas-dev/pandas): a group with the
attribute ``pandas_type`` = ``frame`` holds ``axis0``, the names of the columns; ``axis1``, the index; and for each
block k < ``nblocks`` of columns of one type ``block<k>_items``, their names, and ``block<k>_values``, (rows, columns)
where its attribute ``transposed`` is 1, else (columns, rows). An axis says by ``kind`` what it holds: ``string`` (bytes
in the ``encoding`` of the group), ``integer``, or ``datetime64``, ``datetime64[ns]``, ...: whole units since 1970, in
UTC if a ``tz`` stands beside it. Attributes that are Python pickles (``freq``, ``name``) are never loaded.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stgraph.errors import DataError, StgraphError

if TYPE_CHECKING:
    import h5py

HDF_ENDINGS = (".h5", ".hdf5", ".hdf")
KIND = "pandas_type"
_TIMES = re.compile(r"datetime64(?:\[(s|ms|us|ns)\])?")
_ZONE = re.compile(r"[A-Za-z][\w+/-]*")


def read_hdf_table(path: Path, key: str | None = None) -> pd.DataFrame:
    """Return the table under a key of an HDF5 file.

    Args:
        path: the file.
        key: where the table is, as in ``"df"`` or ``"a/speed"``; None = the only one there is.

    Raises:
        DataError: no HDF5, no table of this form under the key, or several and no key; names the file and what it has.
    """
    import h5py  # noqa: PLC0415 - a heavy library, for this form alone

    try:
        with h5py.File(path, "r") as file:
            return _table(_group(file, path, key), path)
    except StgraphError:
        raise
    except (OSError, LookupError, RuntimeError, TypeError, ValueError, AttributeError, MemoryError) as error:
        message = f"{path}: cannot be read as HDF5 ({getattr(error, 'strerror', None) or error})"
        raise DataError(message) from error


def _group(file: "h5py.File", path: Path, key: str | None) -> "h5py.Group":
    """Return the group of the table: that of the key, or the only one."""
    names: list[str] = []
    file.visititems(lambda name, node: names.append(name) if KIND in node.attrs else None)
    wanted = names[0] if key is None and len(names) == 1 else (key or "").strip("/")
    if wanted not in names:
        needed = "one table of pandas" if key is None else f"a table of pandas under the key {key!r}"
        hint = f"; say which, key={names[0]!r} (--key {names[0]})" if names else ", written by DataFrame.to_hdf"
        message = f"{path}: expected {needed}{hint}; found {names or list(file)}"
        raise DataError(message)
    group = file[wanted]
    kind = _text(group.attrs[KIND])
    if kind != "frame":
        message = f"{path}, key {wanted!r}: expected a table in the fixed format, found {kind!r}; "
        message += 'write it with DataFrame.to_hdf(..., format="fixed")'
        raise DataError(message)
    return group


def _table(group: "h5py.Group", path: Path) -> pd.DataFrame:
    place = f"{path}, key {group.name.strip('/')!r}"
    columns, index = _axis(group, "axis0", place), _axis(group, "axis1", place)
    order = {name: k for k, name in enumerate(columns)}
    values = np.full((len(index), len(columns)), np.nan)
    filled = []
    for k in range(int(group.attrs["nblocks"])):
        items, block = _axis(group, f"block{k}_items", place), group[f"block{k}_values"]
        cells = _cells(block, place)
        if cells.dtype.kind not in "fiub":
            message = f"{place}: expected numbers in columns {list(items)[:5]}, found {_stored(block)}"
            raise DataError(message)
        cells = cells if block.attrs.get("transposed") else cells.T
        strange = [name for name in items if name not in order]
        if cells.shape != (len(index), len(items)) or strange:
            wanted = f"{len(index)} rows of {len(items)} columns out of axis0"
            message = f"{place}, block{k}_values: expected {wanted}, found {cells.shape}{strange[:5] or ''}"
            raise DataError(message)
        values[:, [order[name] for name in items]] = cells
        filled += list(items)
    if sorted(map(str, filled)) != sorted(map(str, columns)):
        message = f"{place}: expected each column of axis0 in one block, found {len(filled)} of {len(columns)}"
        raise DataError(message)
    return pd.DataFrame(values, index=index, columns=pd.Index([str(name) for name in columns]))


def _cells(node: "h5py.Dataset", place: str) -> NDArray[Any]:
    """Return an array; one that is compressed in a way that only PyTables knows is an error."""
    import h5py  # noqa: PLC0415 - see `read_hdf_table`

    made = node.id.get_create_plist()
    filters = [made.get_filter(k) for k in range(made.get_nfilters())]
    unknown = [name.decode("latin-1") for code, *_, name in filters if not h5py.h5z.filter_avail(code)]
    if unknown:
        message = f'{place}: expected no compression or zlib, found {unknown[0]}; write it with to_hdf(complib="zlib")'
        raise DataError(message)
    cells: NDArray[Any] = np.asarray(node[()])
    return cells


def _axis(group: "h5py.Group", name: str, place: str) -> pd.Index:
    """Return an axis as text, whole numbers or times."""
    if _text(group.attrs.get(f"{name}_variety", b"regular")) != "regular":
        message = f"{place}, {name}: expected one level of names, found several"
        raise DataError(message)
    node = group[name]
    cells, kind = _cells(node, f"{place}, {name}"), _text(node.attrs["kind"])
    if "shape" in node.attrs:  # a sign for an empty axis
        return pd.Index([])
    if kind == "string" and cells.dtype.kind == "S":
        encoding = _text(group.attrs.get("encoding", b"UTF-8"))
        names: pd.Index = pd.Index([cell.decode(encoding) for cell in cells.tolist()], dtype=object)
        return names
    if kind == "integer" and cells.dtype.kind in "iu":
        numbers: pd.Index = pd.Index(cells)
        return numbers
    if (unit := _TIMES.fullmatch(kind)) and cells.dtype.kind == "i":
        return _times(cells.astype(f"datetime64[{unit[1] or 'ns'}]"), node.attrs.get("tz"), f"{place}, {name}")
    message = f"{place}, {name}: expected text, whole numbers or times, found {kind!r} as {_stored(node)}"
    raise DataError(message)


def _times(cells: NDArray[np.datetime64], zone: Any, place: str) -> pd.DatetimeIndex:  # noqa: ANN401 - of any file
    index = pd.DatetimeIndex(cells)
    text = None if zone is None else _text(zone)
    if text is None or text == "N.":  # None as PyTables pickles it
        return index
    if not _ZONE.fullmatch(text):
        message = f"{place}: expected the name of a time zone, found {text!r}"
        raise DataError(message)
    try:
        return index.tz_localize("UTC").tz_convert(text)
    except (KeyError, ValueError, OSError) as error:
        message = f"{place}: expected the name of a time zone, found {text!r}"
        raise DataError(message) from error


def _text(attribute: Any) -> str:  # noqa: ANN401 - of any file
    return attribute.decode("latin-1") if isinstance(attribute, bytes) else str(attribute)


def _stored(node: "h5py.Dataset") -> str:
    return "Python objects, which are never loaded" if node.dtype.kind == "O" else str(node.dtype)
