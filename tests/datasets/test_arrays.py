"""Arrays that a reader asks for."""

from pathlib import Path

import numpy as np
import pytest

from stgraph.datasets.arrays import read_arrays
from stgraph.errors import DataError


def test_only_what_is_asked_for_is_returned(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", speed=np.ones((2, 3)), other=np.array(["x"]))
    assert {name: array.shape for name, array in read_arrays(tmp_path / "a.npz", {"speed": 2}).items()} == {
        "speed": (2, 3)
    }


def test_what_is_not_there_or_is_something_else_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, speed=np.ones((2, 3)), text=np.array(["x"]), objects=np.array([None], dtype=object))
    with pytest.raises(DataError, match=r"a\.npz: expected the array 'flow', found \['objects', 'speed', 'text'\]"):
        read_arrays(path, {"speed": 2, "flow": 2})
    with pytest.raises(DataError, match=r"a\.npz, array 'speed': expected numbers on 3 axes, found float64 \(2, 3\)"):
        read_arrays(path, {"speed": 3})
    with pytest.raises(DataError, match=r"a\.npz, array 'text': expected numbers on 1 axes"):
        read_arrays(path, {"text": 1})
    with pytest.raises(DataError, match=r"a\.npz: cannot be read"):
        read_arrays(path, {"objects": 1})
    np.save(tmp_path / "b.npy", np.ones(3))
    with pytest.raises(DataError, match=r"b\.npy: cannot be read"):
        read_arrays(tmp_path / "b.npy", {"speed": 1})
    with pytest.raises(DataError, match=r"c\.npz: cannot be read .*No such file"):
        read_arrays(tmp_path / "c.npz", {"speed": 1})
