"""PatchBatch: checks itself, carries every field, is a pytree."""

from dataclasses import fields, replace
from typing import Any

import pytest
import torch
from torch.utils import _pytree as pytree

from stgraph.errors import ShapeError
from stgraph.patches import PatchBatch


def full_batch() -> PatchBatch:
    """A batch with every field: B=2, T=3, H=2, N=4, C=1, K=2, E=5."""
    weights = torch.zeros(4, 4)
    weights[0, 1] = weights[1, 3] = 0.5
    return PatchBatch(
        signal=torch.randn(2, 3, 4, 1),
        observed=torch.ones(2, 3, 4, 1, dtype=torch.bool),
        calendar=torch.zeros(2, 5, 1, 3, dtype=torch.long),
        weights=(weights,),
        sensors=torch.arange(4),
        centre=torch.ones(4, dtype=torch.bool),
        block=torch.tensor([0, 0, 1, 1]),
        covariates=torch.randn(2, 5, 4, 2),
        static=torch.randn(4, 2),
        edge_index=torch.zeros(2, 5, dtype=torch.long),
        edge_features=torch.randn(5, 2),
        target=torch.randn(2, 2, 4, 1),
        target_observed=torch.ones(2, 2, 4, 1, dtype=torch.bool),
        step=7,
    )


WRONG: dict[str, Any] = {
    "signal": torch.zeros(2, 3, 4),
    "observed": torch.ones(2, 3, 4, 2, dtype=torch.bool),
    "calendar": torch.zeros(2, 5, 2, 3),
    "weights": (torch.zeros(4, 3),),
    "sensors": torch.arange(3),
    "centre": torch.ones(5),
    "block": torch.zeros(1),
    "covariates": torch.zeros(2, 4, 4, 2),
    "static": torch.zeros(3, 2),
    "edge_index": torch.zeros(3, 5),
    "edge_features": torch.zeros(4, 2),
    "target": torch.zeros(2, 3, 4, 1),
    "target_observed": torch.zeros(2, 2, 4, 2),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_field_that_does_not_fit_is_named(name: str) -> None:
    with pytest.raises(ShapeError, match=name):
        replace(full_batch(), **{name: WRONG[name]})


def test_target_comes_with_its_mask_and_features_with_their_edges() -> None:
    with pytest.raises(ShapeError, match="target_observed"):
        replace(full_batch(), target_observed=None)
    with pytest.raises(ShapeError, match="edge_index"):
        replace(full_batch(), edge_index=None)


def test_it_is_a_pytree_that_keeps_every_field() -> None:
    batch = full_batch()
    leaves, spec = pytree.tree_flatten(batch)
    again = pytree.tree_unflatten(leaves, spec)
    assert isinstance(again, PatchBatch)
    for field in fields(PatchBatch):
        assert pytree.tree_all(
            lambda same: bool(torch.as_tensor(same).all()),
            pytree.tree_map(lambda a, b: a == b, getattr(batch, field.name), getattr(again, field.name)),
        ), field.name


def test_to_casts_what_a_model_reads_and_leaves_the_truth_alone() -> None:
    moved = full_batch().to("cpu", torch.float64)
    assert moved.signal.dtype == moved.static.dtype == moved.weights[0].dtype == torch.float64  # type: ignore[union-attr]
    assert moved.target is not None
    assert moved.target.dtype == torch.float32
    assert moved.observed.dtype == torch.bool
    assert moved.calendar.dtype == torch.long
    assert moved.step == 7


def test_to_pyg_turns_a_weight_into_the_edge_that_pyg_gathers_along() -> None:
    batch = full_batch()
    data = batch.to_pyg()
    assert data.num_nodes == 4
    assert sorted(map(tuple, data.edge_index.T.tolist())) == [(1, 0), (3, 1)]  # W[i, j] -> source j, target i
    assert data.edge_weight.tolist() == [0.5, 0.5]
    torch.testing.assert_close(data.x[2], batch.signal[:, :, 2])
    assert data.batch.tolist() == [0, 0, 1, 1]
