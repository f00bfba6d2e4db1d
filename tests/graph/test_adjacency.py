from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given

from stgraph.errors import DataError, MismatchError, ShapeError, StgraphError
from stgraph.graph import SensorGraph, from_adjacency, is_labelled, read_adjacency
from tests.graph.strategies import graphs

A = np.array([[0.0, 0.5, 0.0], [0.0, 1.0, 0.25], [0.0, 0.0, 0.0]])


def write_csv(path: Path, *, labelled: bool) -> Path:
    pd.DataFrame(A, list("xyz"), list("xyz")).to_csv(path, index=labelled, header=labelled)
    return path


@given(graphs())
def test_the_matrix_of_a_graph_gives_the_graph(graph: SensorGraph) -> None:
    assert from_adjacency(graph.adjacency, graph.ids, graph.positions).digest() == graph.digest()
    numbered = SensorGraph([str(i) for i in range(len(graph))], graph.adjacency)
    assert from_adjacency(graph.adjacency).digest() == numbered.digest()
    assert from_adjacency(graph.adjacency.toarray().tolist()).digest() == numbered.digest()


def test_the_labels_of_a_dataframe_are_ids() -> None:
    table = pd.DataFrame(A, [7, 8, 9], [7, 8, 9])
    assert from_adjacency(table).ids == ("7", "8", "9")
    assert from_adjacency(table, ["a", "b", "c"]).ids == ("a", "b", "c")
    with pytest.raises(DataError, match="expected rows labelled as the columns"):
        from_adjacency(pd.DataFrame(A, [7, 9, 8], [7, 8, 9]))


@pytest.mark.parametrize(
    ("matrix", "error", "words"),
    [
        (np.ones((2, 3)), ShapeError, "adjacency: expected shape"),
        (np.ones(4), ShapeError, "adjacency: expected shape"),
        (5.0, ShapeError, "at least one sensor"),
        ([[0, 1], [0]], DataError, "adjacency: expected an array of numbers"),
    ],
)
def test_a_matrix_that_is_none_is_refused(matrix: Any, error: type[StgraphError], words: str) -> None:
    with pytest.raises(error, match=words):
        from_adjacency(matrix)


def files(folder: Path) -> dict[str, Path]:
    """Write the same matrix in every form."""
    paths = {name: folder / name for name in ("bare.npy", "bare.npz", "sparse.npz", "labelled.npz")}
    np.save(paths["bare.npy"], A)
    np.savez(paths["bare.npz"], adjacency=A)
    np.savez(paths["labelled.npz"], adjacency=A, ids=np.array(list("xyz")))
    sp.save_npz(paths["sparse.npz"], sp.csr_array(A))
    paths["bare.csv"] = write_csv(folder / "bare.csv", labelled=False)
    paths["labelled.csv"] = write_csv(folder / "labelled.csv", labelled=True)
    return paths


def test_every_form_of_file_gives_the_same_matrix_and_tells_its_labels(tmp_path: Path) -> None:
    for name, path in files(tmp_path).items():
        labelled = name.startswith("labelled")
        assert is_labelled(path) == labelled
        assert read_adjacency(path).ids == (("x", "y", "z") if labelled else ("0", "1", "2"))
        np.testing.assert_array_equal(read_adjacency(str(path)).adjacency.toarray(), A)


def test_ids_name_a_file_without_labels_and_a_labelled_one_is_aligned(tmp_path: Path) -> None:
    for name, path in files(tmp_path).items():
        graph = read_adjacency(path, ["z", "x", "y"]).align(["z", "x", "y"])
        assert graph.ids == ("z", "x", "y")
        expected = A[np.ix_([2, 0, 1], [2, 0, 1])] if name.startswith("labelled") else A
        np.testing.assert_array_equal(graph.adjacency.toarray(), expected)


def test_a_file_without_labels_must_have_the_size_of_the_ids(tmp_path: Path) -> None:
    for name in ("bare.csv", "bare.npy", "sparse.npz"):
        with pytest.raises(MismatchError, match=rf"{name}: expected 2 x 2, .* found 3 x 3 without labels"):
            read_adjacency(files(tmp_path)[name], ["a", "b"])


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_a_bad_entry_is_named_by_its_place_in_the_file(tmp_path: Path, bad: float) -> None:
    matrix = A.copy()
    matrix[1, 2] = bad
    frame = pd.DataFrame(matrix, list("xyz"), list("xyz"))
    frame.to_csv(tmp_path / "labelled.csv", na_rep="nan")
    frame.to_csv(tmp_path / "bare.csv", index=False, header=False, na_rep="nan")
    np.save(tmp_path / "bare.npy", matrix)
    sp.save_npz(tmp_path / "sparse.npz", sp.csr_array(matrix))
    for name, place in (
        ("labelled.csv", "row 3, column 4"),
        ("bare.csv", "row 2, column 3"),
        ("bare.npy", "row 2, column 3"),
        ("sparse.npz", "row 2, column 3"),
    ):
        with pytest.raises(DataError, match=rf"{name}: {place}: expected a finite number of 0 or more, found {bad}"):
            read_adjacency(tmp_path / name)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "flat.npy", np.ones(4))
    np.save(tmp_path / "wide.npy", np.ones((2, 3)))
    np.save(tmp_path / "text.npy", np.array([["a"]]))
    np.save(tmp_path / "none.npy", np.ones((0, 0)))
    np.save(tmp_path / "pickled.npy", np.array([[{}]]), allow_pickle=True)
    np.savez(tmp_path / "other.npz", matrix=A)
    np.savez(tmp_path / "twice.npz", adjacency=A, ids=np.array(["x", "x", "z"]))
    np.savez(tmp_path / "fewer.npz", adjacency=A, ids=np.array(["x", "y"]))
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "other.npz").read_bytes()[:90])
    (tmp_path / "open.npy").write_bytes((tmp_path / "flat.npy").read_bytes().replace(b"}", b" "))
    np.savez_compressed(tmp_path / "torn.npz", adjacency=A)
    torn = (tmp_path / "torn.npz").read_bytes()
    (tmp_path / "torn.npz").write_bytes(torn[:60] + bytes(20) + torn[80:])
    (tmp_path / "folder.npz").mkdir()
    (tmp_path / "header.csv").write_text("7,8\n0,1\n1,0\n")
    for name, words in {
        "flat.npy": "expected a square matrix, found 4",
        "wide.npy": "expected a square matrix, found 2 x 3",
        "text.npy": "expected an array of numbers, found <U1",
        "none.npy": "ids: expected at least one sensor",
        "pickled.npy": "cannot be read as .npy",
        "empty.npy": "cannot be read as .npy",
        "cut.npz": "cannot be read as .npz",
        "open.npy": "cannot be read as .npy",
        "torn.npz": "cannot be read as .npz",
        "folder.npz": r"cannot be read as .npz \(Is a directory\)",
        "header.csv": "found 3 x 2; ids in the first row must be repeated in the first column",
        "other.npz": r"expected the array 'adjacency' or a SciPy sparse matrix, found \['matrix'\]",
        "twice.npz": r"every sensor id must be unique, found \['x'\]",
        "fewer.npz": r"adjacency: expected shape \(N \[N=2\]",
        "missing.npy": "cannot be read",
        "adjacency.mat": "expected a name ending in .csv, .npy, .npz, .pkl, .pickle",
    }.items():
        with pytest.raises(StgraphError, match=f"{name}: .*{words}"):
            read_adjacency(tmp_path / name)
