"""An adjacency in a pickle, such as METR-LA's ``adj_mx.pkl``."""

import math
import re
import struct
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.graph.inert_pickle import Call, Pairs, read_inert

ENCODE = "_codecs.encode"
"""How Python 3 writes bytes into a pickle that Python 2 can read."""
ARRAYS = {"numpy.ndarray", "numpy.dtype"} | {
    f"numpy.{core}.{name}"
    for core in ("core", "_core")
    for name in ("multiarray._reconstruct", "multiarray.scalar", "numeric._frombuffer")
}
"""What NumPy writes into the pickle of an array."""
BROKEN = (
    *(OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, OverflowError, MemoryError),
    *(struct.error, UnpicklingError),
)
"""What the pickle machine raises on a damaged file."""
PLAIN = re.compile(r"b1|[iu][1248]|f[248]|[US][1-9][0-9]{0,3}")
"""Types of numbers and of text: no objects, no fields, nothing that holds an address."""


def read_pickled(path: Path) -> tuple[tuple[str, ...] | None, NDArray[Any]]:
    """Read the pickle of a list ``[ids, id_to_index, adjacency]`` or of an array alone, of Python 2 or 3.

    The pickle is read as data by `read_inert`: a name that is not in `ARRAYS` is an error, and those that are aren't
    called either. The arrays are made afterwards, from bytes whose number must fit their type and shape.

    Returns:
        The ids, or None of an array alone; and the array.

    Raises:
        DataError: the file cannot be read, holds anything else, or its dict does not number its ids in order.
    """
    try:
        return _adjacency(read_inert(path.read_bytes(), ARRAYS | {ENCODE}))
    except DataError as error:
        message = f"{path}: {error}"
        raise DataError(message) from error
    except BROKEN as error:
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        message = f"{path}: cannot be read as a pickle ({reason})"
        raise DataError(message) from error


def _adjacency(content: object) -> tuple[tuple[str, ...] | None, NDArray[Any]]:
    if isinstance(content, Call):
        return None, _array(content)
    if not (isinstance(content, list | tuple) and len(content) == 3 and isinstance(content[1], Pairs)):
        parts = f" of {len(content)}" if isinstance(content, list | tuple) else ""
        message = f"expected [ids, id_to_index, adjacency] or an array, found a {type(content).__name__.lower()}{parts}"
        raise DataError(message)
    ids = tuple(_ids(content[0]))
    found = {_id(key): place for key, place in content[1].pairs}
    for place, name in enumerate(ids):
        if _scalar(found.get(name)) != place:
            message = f"id_to_index: expected {place} for the id {name!r}, its place among the ids, found another"
            raise DataError(message)
    if len(found) > len(ids):
        message = f"id_to_index: expected the {len(ids)} ids, found {len(found)}"
        raise DataError(message)
    return ids, _array(content[2])


def _ids(content: object) -> list[str]:
    names = _array(content).tolist() if isinstance(content, Call) else content
    if not isinstance(names, list | tuple):
        message = f"ids: expected a list, found a {type(content).__name__.lower()}"
        raise DataError(message)
    return [_id(name) for name in names]


def _id(content: object) -> str:
    name = _scalar(content)
    if isinstance(name, bytes):
        return name.decode("latin1")
    if isinstance(name, bool) or not isinstance(name, str | int):
        message = f"ids: expected text or whole numbers, found a {type(name).__name__.lower()}"
        raise DataError(message)
    return str(name)


def _scalar(content: object) -> object:
    """Return the plain value of a NumPy number, of NumPy text or of bytes; anything else as it is."""
    if isinstance(content, Call) and content.name == ENCODE:
        return _bytes(content)
    if isinstance(content, Call) and content.name.endswith("multiarray.scalar"):
        kind, data = content.arguments
        values: list[object] = _from_bytes(_dtype(kind), _bytes(data), (1,), "C").tolist()
        return values[0]
    return content


def _array(content: object) -> NDArray[Any]:
    if isinstance(content, Call) and content.name.endswith("multiarray._reconstruct") and content.state is not None:
        _, shape, kind, by_column, data = content.state
        order = "F" if by_column else "C"
    elif isinstance(content, Call) and content.name.endswith("numeric._frombuffer"):
        data, kind, shape, order = content.arguments[:4]
    else:
        message = f"expected a NumPy array, found a {type(content).__name__.lower()}"
        raise DataError(message)
    return _from_bytes(_dtype(kind), _bytes(data), shape, order)


def _from_bytes(kind: np.dtype[Any], data: bytes, shape: Any, order: str) -> NDArray[Any]:  # noqa: ANN401 - checked here
    whole = isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape)
    if not whole or len(shape) not in {1, 2} or order not in {"C", "F"}:
        message = "expected an array of one or two axes, in the order of its rows or of its columns"
        raise DataError(message)
    if math.prod(shape) * kind.itemsize != len(data):
        size = " x ".join(f"{n:.0f}" for n in shape)
        message = f"expected {size} numbers of {kind.itemsize} bytes, found {len(data)} bytes"
        raise DataError(message)
    return np.frombuffer(data, dtype=kind).reshape(shape, order="F" if order == "F" else "C")


def _dtype(content: object) -> np.dtype[Any]:
    code = content.arguments[0] if isinstance(content, Call) and content.name == "numpy.dtype" else None
    if not isinstance(content, Call) or not isinstance(code, str) or not PLAIN.fullmatch(code):
        found = repr(code[:20]) if isinstance(code, str) else type(content).__name__.lower()
        message = f"expected arrays of numbers or text, found the type {found}"
        raise DataError(message)
    byte_order = content.state[1] if content.state is not None else "="
    if byte_order not in {"<", ">", "=", "|"}:
        message = "expected the byte order of an array, < or >, found another"
        raise DataError(message)
    return np.dtype(byte_order + code)


def _bytes(content: object) -> bytes:
    if isinstance(content, Call) and content.name == ENCODE and content.arguments[1:] == ("latin1",):
        content = content.arguments[0]
    if isinstance(content, str):  # bytes of Python 2 are read as Latin-1, which keeps them one by one
        return content.encode("latin1")
    if not isinstance(content, bytes):
        message = f"expected the bytes of an array, found a {type(content).__name__.lower()}"
        raise DataError(message)
    return content
