"""Pickles read as data: what a file names is not imported, and what it calls is not called, only written down."""

import io
import pickle
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from stgraph.errors import DataError

OPERATIONS = """
    PROTO FRAME STOP MARK POP POP_MARK DUP
    NONE NEWTRUE NEWFALSE INT LONG BININT BININT1 BININT2 LONG1 LONG4 FLOAT BINFLOAT
    STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8
    BINBYTES SHORT_BINBYTES BINBYTES8 EMPTY_LIST LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3
    SETITEM SETITEMS PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET GLOBAL STACK_GLOBAL
"""
"""Operations of the pickle machine that are carried out as Python does; `_Machine` has its own for a few more."""
EXPECTED = "expected NumPy arrays, lists, dicts, text and numbers alone; nothing of it was run"


@dataclass
class Call:
    """What a pickle would have called, with what, and the state that it would have given the result."""

    name: str
    arguments: tuple[Any, ...]
    state: Any = None


@dataclass
class Pairs:
    """A dict as it was written; its keys are not hashed, since nested ones can take for ever."""

    pairs: list[tuple[Any, Any]] = field(default_factory=list)

    def __setitem__(self, key: object, value: object) -> None:
        """Write a pair down."""
        self.pairs.append((key, value))


def read_inert(content: bytes, names: Collection[str]) -> Any:  # noqa: ANN401 - a pickle may hold anything
    """Return what a pickle of Python 2 or 3 holds: lists, tuples, text (Latin-1), numbers, `Pairs` and `Call`s.

    Nothing is made that is larger than the file, whatever size it announces.

    Args:
        content: the bytes of the file.
        names: what a `Call` may name, as ``module.name``.

    Raises:
        DataError: names what the pickle asks for besides.
        Exception: a damaged file; Python's own machine raises almost any.

    >>> read_inert(pickle.dumps([complex(1, 2)]), {"builtins.complex"})
    [Call(name='builtins.complex', arguments=(1.0, 2.0), state=None)]
    """
    return _Machine(content, names).load()


@dataclass(frozen=True)
class _Name:
    """A name, and nothing behind it."""

    name: str


def _kind(thing: object) -> str:
    return type(thing).__name__.strip("_").lower()


class _Table(dict[int, Callable[[Any], None]]):
    def __missing__(self, code: int) -> Callable[[Any], None]:
        known = [name for name in dir(pickle) if getattr(pickle, name) == bytes([code])]
        message = f"the pickle asks for the operation {known[0] if known else hex(code)}; {EXPECTED}"
        raise DataError(message)


class _Machine(pickle._Unpickler):  # noqa: SLF001 - the one in Python: operations can be taken from it, not from C's
    stack: list[Any]
    append: Callable[[Any], None]
    read: Callable[[int], bytes]
    pop_mark: Callable[[], list[Any]]

    def __init__(self, content: bytes, names: Collection[str]) -> None:
        super().__init__(io.BytesIO(content), encoding="latin1")
        self.names = names

    def find_class(self, module: str, name: str) -> _Name:
        full = f"{module}.{name}"
        if full not in self.names:
            message = f"the pickle names {full[:100]!r}; {EXPECTED}"
            raise DataError(message)
        return _Name(full)

    def call(self) -> None:
        arguments, called = self.stack.pop(), self.stack.pop()
        if not isinstance(called, _Name) or not isinstance(arguments, tuple):
            message = f"the pickle calls a {_kind(called)} with a {_kind(arguments)}; {EXPECTED}"
            raise DataError(message)
        self.append(Call(called.name, arguments))

    def set_state(self) -> None:
        state, built = self.stack.pop(), self.stack[-1]
        if not isinstance(built, Call):
            message = f"the pickle sets the state of a {_kind(built)}; {EXPECTED}"
            raise DataError(message)
        built.state = state

    def empty_dict(self) -> None:
        self.append(Pairs())

    def dict_of_items(self) -> None:
        items = self.pop_mark()
        self.append(Pairs(list(zip(items[::2], items[1::2], strict=True))))

    def byte_array(self) -> None:
        self.append(self.read(int.from_bytes(self.read(8), "little")))

    dispatch = _Table(
        {code: pickle._Unpickler.dispatch[code] for code in (getattr(pickle, name)[0] for name in OPERATIONS.split())}  # noqa: SLF001 - likewise
        | {
            pickle.REDUCE[0]: call,
            pickle.BUILD[0]: set_state,
            pickle.EMPTY_DICT[0]: empty_dict,
            pickle.DICT[0]: dict_of_items,
            pickle.BYTEARRAY8[0]: byte_array,
        }
    )
