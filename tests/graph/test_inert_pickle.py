"""Pickles that would do harm, each refused before anything of it runs."""

import io
import os
import pickle
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stgraph.errors import DataError
from stgraph.graph.inert_pickle import Call, Pairs, read_inert

NAMES = {"numpy.ndarray", "numpy.dtype"}


class Bomb:
    """Pickles to a call of what it is given."""

    def __init__(self, called: Callable[..., Any], *arguments: Any) -> None:
        self.call = (called, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


def text(word: str) -> bytes:
    return b"X" + struct.pack("<I", len(word)) + word.encode()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_lists_dicts_text_and_numbers_are_what_they_were(protocol: int) -> None:
    content: list[Any] = [
        ["a", "ü", ""],
        (1, -2, 3 << 70, 0.5, None, True, False),
        [[]],
        (),
        ("x",),
        (1, 2),
        "long " * 99,
    ]
    assert read_inert(pickle.dumps(content, protocol), ()) == content
    assert read_inert(pickle.dumps({"a": {1: []}}, protocol), ()) == Pairs([("a", Pairs([(1, [])]))])
    assert read_inert(pickle.dumps([b"\0\xff"], max(protocol, 3)), ()) == [b"\0\xff"]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("called", "name"),
    [
        (os.system, f"{os.name}.system"),
        (os.mkdir, f"{os.name}.mkdir"),
        (eval, "eval"),
        (exec, "exec"),
        (getattr, "getattr"),
        (__import__, "__import__"),
        (open, "io.open"),
        (Path, "Path"),
        (np.load, "numpy.load"),
        (np.fromfile, "fromfile"),
        (np.save, "numpy.save"),
        (np.memmap, "memmap"),
        (np.frombuffer, "frombuffer"),
        (type, "type"),
        (bytearray, "bytearray"),
        (pickle.loads, "loads"),
    ],
)
def test_a_name_that_is_not_allowed_is_named_and_nothing_runs(
    called: Callable[..., Any], name: str, protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for bomb in (Bomb(called, "made"), [1, {"a": Bomb(np.dtype, Bomb(called, "made"))}]):
        with pytest.raises(DataError, match=rf"names '[\w.]*{name}'"):
            read_inert(pickle.dumps(bomb, protocol), NAMES)
    assert not list(tmp_path.iterdir())


def test_an_allowed_name_is_not_called_and_a_call_in_its_place_is_refused() -> None:
    assert read_inert(pickle.dumps(Bomb(np.dtype, "f8")), NAMES) == Call("numpy.dtype", ("f8",))
    assert read_inert(pickle.dumps(Bomb(np.ndarray, (1 << 60,))), NAMES) == Call("numpy.ndarray", ((1 << 60,),))
    with pytest.raises(DataError, match="calls a call with a tuple"):
        read_inert(b"cnumpy\ndtype\n(S'f8'\ntR(tR.", NAMES)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x80\x04" + text("numpy") + text("ndarray.tofile") + b"\x93.", r"names 'numpy.ndarray.tofile'"),
        (b"\x80\x04" + text("numpy.ndarray") + text("tofile") + b"\x93.", r"names 'numpy.ndarray.tofile'"),
        (b"\x80\x04" + text("os") + b"\x940" + b"h\x00" + text("system") + b"\x93.", r"names 'os.system'"),
        (b"cos\nsystem\n(S'touch made'\ntR.", r"names 'os.system'"),
        (b"(S'touch made'\nios\nsystem\n.", "operation INST"),
        (b"(cnumpy\ndtype\nS'f8'\no.", "operation OBJ"),
        (b"\x80\x02cnumpy\ndtype\nS'f8'\n\x85\x81.", "operation NEWOBJ"),
        (b"\x80\x04cnumpy\ndtype\n)}\x92.", "operation NEWOBJ_EX"),
        (b"\x80\x02\x82\x01.", "operation EXT1"),
        (b"Pabc\n.", "operation PERSID"),
        (b"Nq\x00Q.", "operation BINPERSID"),
        (b"\x80\x05\x97.", "operation NEXT_BUFFER"),
        (b"\x80\x04\x8f.", "operation EMPTY_SET"),
        (b"\xfe.", "operation 0xfe"),
        (b"S'system'\n(S'x'\ntR.", "calls a str with a tuple"),
        (b"cnumpy\ndtype\n(lR.", "calls a name with a list"),
        (b"(l}b.", "sets the state of a list"),
        (b"cnumpy\ndtype\n}S'__call__'\nNsb.", "sets the state of a name"),
    ],
)
def test_tricks_of_the_pickle_machine_are_named(content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_inert(content, NAMES)


def huge() -> dict[str, bytes]:
    much = struct.pack("<Q", 1 << 40)
    return {
        "memo": b"Nr\xff\xff\xff\xff.",
        "bytes": b"\x80\x04\x8e" + much + b"abc.",
        "bytearray": b"\x80\x05\x96" + much + b"abc.",
        "text": b"\x80\x04\x8d" + much + b"abc.",
        "frame": b"\x80\x04\x95" + much + b"N.",
        "array": b"cnumpy\nndarray\n((L1099511627776L\nttR.",
        "digits": b"L" + b"9" * 100_000 + b"L\n.",
    }


@pytest.mark.parametrize("kind", huge())
def test_a_size_that_is_announced_is_not_reserved(kind: str) -> None:
    tracemalloc.start()
    try:
        read_inert(huge()[kind], NAMES)
    except (pickle.UnpicklingError, EOFError, ValueError, OverflowError):
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 10_000_000


def test_a_key_that_takes_for_ever_to_hash_is_not_hashed() -> None:
    nested = b"}" + b")q\x00" + b"".join(b"0h%c" % k + b"h%c\x86q%c" % (k, k + 1) for k in range(100)) + b"Ns."
    ((key, value),) = read_inert(nested, NAMES).pairs
    assert value is None
    assert len(key) == 2


def test_it_reads_what_a_plain_pickle_reads() -> None:
    content = [[str(n) for n in range(300)], [float(n) for n in range(300)]]
    written = pickle.dumps(content)
    assert read_inert(written, ()) == pickle.load(io.BytesIO(written)) == content  # noqa: S301 - made one line above
