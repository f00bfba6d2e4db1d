"""Checkpoints: what goes in comes out, bit for bit; what is torn, altered or foreign is refused; no pickle."""

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from stgraph.errors import DataError, RunError
from stgraph.training import SafetensorsIO, read_checkpoint, write_checkpoint
from tests import contracts
from tests.conftest import World
from tests.test_files import files_no_larger_than
from tests.training.test_resume import CutError, run

DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.uint8, torch.bool)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.builds(
        lambda dtype, shape, seed: torch.rand(shape, generator=torch.Generator().manual_seed(seed)).mul(9).to(dtype),
        st.sampled_from(DTYPES),
        st.lists(st.integers(0, 3), max_size=3),
        st.integers(0, 9),
    )
)
KEYS = st.integers(-2, 12) | st.sampled_from(["0", "1", "a", "b", "a/b", "/", "", "__metadata__", "tensor", "dict"])
STATES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Tell whether two states are of the same types and values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


@given(state=st.dictionaries(KEYS, STATES, max_size=4))
def test_what_goes_in_comes_out(tmp_path_factory: pytest.TempPathFactory, state: dict[Any, Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    write_checkpoint(state, path)
    assert same(read_checkpoint(path), state)


def test_tied_and_turned_tensors_come_out_as_values(tmp_path: Path) -> None:
    x = torch.arange(6.0).view(2, 3)
    write_checkpoint(
        {"one": x, "other": x, "turned": x.T, "view": x[:, 1], "learned": torch.nn.Parameter(x)}, tmp_path / "c"
    )
    again = read_checkpoint(tmp_path / "c")
    assert all(torch.equal(again[name], x) for name in ("one", "other", "learned"))
    assert torch.equal(again["turned"], x.T)
    assert torch.equal(again["view"], x[:, 1])


@pytest.mark.parametrize(
    ("leaf", "kind"),
    [({1, 2}, "set"), (object(), "object"), (np.zeros(2), "ndarray"), (b"x", "bytes"), ({1.5: 0}, "dict")],
)
def test_a_leaf_of_another_kind_is_named_and_nothing_is_written(tmp_path: Path, leaf: Any, kind: str) -> None:
    path = tmp_path / "c.safetensors"
    with pytest.raises(RunError, match=rf"c\.safetensors: /callbacks/mine/1: expected .* found {kind}"):
        write_checkpoint({"callbacks": {"mine": [0, leaf]}}, path)
    with pytest.raises(RunError, match="/0: expected dense tensors"):
        write_checkpoint({0: torch.eye(2).to_sparse()}, path)
    assert not list(tmp_path.iterdir())


def test_no_bit_of_the_file_changes_unnoticed(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    write_checkpoint({"epoch": 3, "w": torch.linspace(0, 1, 10), "rates": [1e-3, math.inf]}, path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with pytest.raises(RunError, match=r"c\.safetensors"):
            read_checkpoint(path)
    for length in (0, 7, 8, 100, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(RunError, match=r"c\.safetensors: not readable as a checkpoint"):
            read_checkpoint(path)


def test_what_is_missing_or_foreign_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"nowhere: not readable as a checkpoint"):
        read_checkpoint(tmp_path / "nowhere")
    save_file({"w": torch.zeros(2)}, tmp_path / "foreign")
    with pytest.raises(RunError, match="foreign: expected a 'stgraph checkpoint 1', found None"):
        read_checkpoint(tmp_path / "foreign")


def test_a_full_disk_leaves_the_last_good_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    write_checkpoint({"epoch": 1}, path)
    with files_no_larger_than(4096), pytest.raises(DataError, match=r"c\.safetensors: cannot be written \(.*too large"):
        write_checkpoint({"epoch": 2, "w": torch.zeros(10_000)}, path)
    assert read_checkpoint(path) == {"epoch": 1}
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_nothing_is_pickled(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        pytest.fail("a pickle")

    for module, names in ((torch, ("save", "load")), (pickle, ("dump", "dumps", "load", "loads", "Unpickler"))):
        for name in names:
            monkeypatch.setattr(module, name, never)
    with pytest.raises(CutError):
        run(world, tmp_path / "c", steps=15)
    assert len(run(world, tmp_path / "c")[0].epochs) == contracts.TRAINING.epochs + 2


def test_lightning_removes_through_the_same_door(tmp_path: Path) -> None:
    door = SafetensorsIO()
    door.save_checkpoint({"epoch": 1}, tmp_path / "c")
    assert door.load_checkpoint(tmp_path / "c") == {"epoch": 1}
    door.remove_checkpoint(tmp_path / "c")
    assert not (tmp_path / "c").exists()
