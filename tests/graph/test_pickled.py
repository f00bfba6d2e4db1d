"""Adjacencies in pickles: of either Python and either NumPy, and files that are none."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgraph.errors import DataError, MismatchError, StgraphError
from stgraph.graph import SensorGraph, is_labelled, read_adjacency
from stgraph.graph.pickled import read_pickled
from tests.graph.strategies import graphs

A = np.array([[1, 0.5, 0], [0, 1, 0.25], [0, 0, 1]], dtype=np.float32)
IDS = ["773869", "767541", "767542"]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
ENTRIES = "".join(f"\\x{byte:02x}" for byte in np.array([[1, 0.5], [0, 1]], "<f4").tobytes())
PYTHON_2 = f"""(lp0
(lp1
S'773869'
p2
aS'767541'
p3
aa(dp4
g3
I1
sg2
I0
sacnumpy.core.multiarray
_reconstruct
p5
(cnumpy
ndarray
p6
(I0
tp7
S'b'
p8
tp9
Rp10
(I1
(I2
I2
tp11
cnumpy
dtype
p12
(S'f4'
p13
I0
I1
tp14
Rp15
(I3
S'<'
p16
NNNI-1
I-1
I0
tp17
bI00
S'{ENTRIES}'
p18
tp19
ba."""
"""What Python 2 wrote of METR-LA, with two sensors."""


def write(folder: Path, content: Any, protocol: int = 2, name: str = "adj_mx.pkl") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content, protocol))
    return path


def numbered(ids: Any) -> dict[Any, int]:
    return {name: place for place, name in enumerate(ids)}


def test_a_pickle_of_python_2_gives_ids_and_matrix(tmp_path: Path) -> None:
    graph = read_adjacency(write(tmp_path, PYTHON_2.encode()))
    assert graph.ids == ("773869", "767541")
    assert graph.adjacency.toarray().tolist() == [[1, 0.5], [0, 1]]


@given(graphs(positions=False), st.sampled_from(PROTOCOLS))
def test_a_graph_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, graph: SensorGraph, protocol: int
) -> None:
    content = [list(graph.ids), numbered(graph.ids), graph.adjacency.toarray()]
    path = write(tmp_path_factory.mktemp("pickled"), content, protocol)
    assert is_labelled(path)
    assert read_adjacency(path).digest() == graph.digest()
    backwards = list(reversed(graph.ids))
    assert read_adjacency(path, backwards).align(backwards).digest() == graph.align(backwards).digest()


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind", ["f2", "f4", ">f4", "f8", ">f8", "i1", "u2", ">i4", "i8", "?"])
def test_every_type_of_number_in_either_order(tmp_path: Path, protocol: int, kind: str) -> None:
    matrix = np.arange(9).reshape(3, 3).astype(kind)
    for array in (matrix, np.asfortranarray(matrix)):
        labels, found = read_pickled(write(tmp_path, (IDS, numbered(IDS), array), protocol))
        assert labels == tuple(IDS)
        assert found.dtype == matrix.dtype
        np.testing.assert_array_equal(found, matrix)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "ids",
    [
        [7, 8, 9],
        [b"7", b"8", b"9"],
        np.array(["7", "8", "9"]),
        np.array([b"7", b"8", b"9"]),
        np.array([7, 8, 9]),
        list(np.array([7, 8, 9])),
        list(np.array(["7", "8", "9"])),
    ],
)
def test_ids_are_text_however_they_were_kept(tmp_path: Path, ids: Any, protocol: int) -> None:
    assert read_adjacency(write(tmp_path, [ids, numbered(ids), A], protocol)).ids == ("7", "8", "9")


def test_an_array_alone_has_no_ids(tmp_path: Path) -> None:
    path = write(tmp_path, A, name="adj.pickle")
    assert not is_labelled(path)
    assert read_adjacency(path).ids == ("0", "1", "2")
    assert read_adjacency(path, IDS).ids == tuple(IDS)
    with pytest.raises(MismatchError, match=r"adj.pickle: expected 2 x 2, .* found 3 x 3 without labels"):
        read_adjacency(path, IDS[:2])


def test_what_is_no_adjacency_is_named(tmp_path: Path) -> None:
    good = pickle.dumps([IDS, numbered(IDS), A], 2)
    for content, words in (
        ([IDS, A], r"expected \[ids, id_to_index, adjacency\] or an array, found a list of 2"),
        ("text", "or an array, found a str"),
        ([IDS, IDS, A], "or an array, found a list of 3"),
        ([IDS, numbered(IDS), A.tolist()], "expected a NumPy array, found a list"),
        ([IDS, numbered(IDS), A.astype(object)], "expected arrays of numbers or text, found the type 'O8'"),
        ([np.array(IDS, dtype=object), numbered(IDS), A], "found the type 'O8'"),
        ([IDS, numbered(IDS), A.astype(complex)], "found the type 'c16'"),
        ([IDS, numbered(IDS), np.zeros(3, [("a", "f4")])], "found the type 'V4'"),
        ([IDS, numbered(IDS), np.zeros(3, "M8[s]")], "found the type 'M8'"),
        ([IDS, numbered(IDS), np.zeros((3, 3, 1))], "an array of one or two axes"),
        ([IDS, numbered(IDS), np.float64(3)], "expected a NumPy array, found a call"),
        ([IDS, numbered(IDS), np.array([["a"]])], "expected an array of numbers, found <U1"),
        ([IDS, numbered(IDS), A[:2]], "expected a square matrix, found 2 x 3"),
        ([IDS, numbered(IDS), A - 1], "row 1, column 2: expected a finite number of 0 or more, found -0.5"),
        ([[0.5, 1, 2], numbered(IDS), A], "ids: expected text or whole numbers, found a float"),
        ([[True, 1, 2], numbered(IDS), A], "ids: expected text or whole numbers, found a bool"),
        ([7, numbered(IDS), A], "ids: expected a list, found a int"),
        ([IDS, numbered(IDS[::-1]), A], "id_to_index: expected 0 for the id '773869'"),
        ([IDS, numbered([*IDS, "more"]), A], "id_to_index: expected the 3 ids, found 4"),
        ([IDS[:2], numbered(IDS[:2]), A], r"adjacency: expected shape \(N \[N=2\]"),
        ([["7", 7, 8], {"7": 1, 8: 2}, A], "id_to_index: expected 0 for the id '7'"),
        (good[:-40], "cannot be read as a pickle"),
        (b"", "cannot be read as a pickle"),
        (b"\xfeMZ", "the pickle asks for the operation 0xfe"),
    ):
        with pytest.raises(StgraphError, match=f"adj_mx.pkl: .*{words}"):
            read_adjacency(write(tmp_path, content))
    with pytest.raises(DataError, match=r"none.pkl: cannot be read .*No such file"):
        read_adjacency(tmp_path / "none.pkl")


class Crafted:
    """Pickled as an array whose parts are whatever they are."""

    def __init__(self, kind: Any, data: Any) -> None:
        self.state = (1, (1, 1), kind, False, data)

    def __reduce__(self) -> Any:
        return *np.zeros(0).__reduce__()[:2], self.state


def test_parts_of_an_array_that_are_not_what_they_should_be_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(Crafted(np.dtype("<f4"), [1, 2]), 2))
    with pytest.raises(DataError, match=r"a\.pkl: expected the bytes of an array, found a list"):
        read_pickled(path)
    path.write_bytes(PYTHON_2.replace("S'<'", "S'~'").encode("latin1"))
    with pytest.raises(DataError, match=r"a\.pkl: expected the byte order of an array, < or >, found another"):
        read_pickled(path)


def test_a_shape_that_its_bytes_do_not_fill_is_not_made(tmp_path: Path) -> None:
    for old, new in (
        (b"(I2\nI2\nt", b"(I2000000000\nI2000000000\nt"),
        (b"(I2\nI2\nt", b"(I-2\nI-2\nt"),
        (b"S'f4'", b"S'f8'"),
    ):
        with pytest.raises(DataError, match=r"bytes, found 16 bytes|an array of one or two axes"):
            read_adjacency(write(tmp_path, PYTHON_2.encode().replace(old, new)))


@given(st.sampled_from([PYTHON_2.encode(), *(pickle.dumps([IDS, numbered(IDS), A], p) for p in PROTOCOLS)]), st.data())
def test_a_damaged_file_is_an_error_or_another_graph(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(content) - 1))
    piece = data.draw(st.binary(max_size=4))
    skipped = data.draw(st.integers(0, 4))
    path = write(tmp_path_factory.mktemp("pickled"), content[:place] + piece + content[place + skipped :])
    try:
        assert len(read_adjacency(path)) >= 1
    except StgraphError as error:
        assert "adj_mx.pkl: " in str(error)  # noqa: PT017 - a graph is right as well
