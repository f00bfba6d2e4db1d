"""Random-walk embedding: by hand, as the powers written out, and safe where there is nothing to compare."""

import numpy as np
import pytest
import torch
from torch import Tensor

from stgraph.layers import random_walk_embedding
from stgraph.propagation import WeightSpec, build_weights
from tests import naive
from tests.conftest import World, road


def both_ways(count: int = 14, *, extra: bool = True) -> list[Tensor]:
    specs = [WeightSpec("forward"), WeightSpec("backward")]
    return [torch.from_numpy(w.toarray()) for w in build_weights(road(count, extra=extra).adjacency, specs)]


def test_two_steps_on_three_sensors_by_hand() -> None:
    """a <-> b -> c: P has the rows [1, 2, 0] / 3, [1.5, 1, 0.5] / 3 and [0, 1, 1] / 2."""
    forward = torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 0.0, 0.0]]).double()
    backward = torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]).double()
    one = np.array([1 / 3, 1 / 3, 1 / 2])
    two = np.array([1 / 9 + 2 / 3 / 2, 1 / 9 + 1 / 2 * 2 / 3 + 1 / 6 * 1 / 2, 1 / 4 + 1 / 2 * 1 / 6])
    expected = np.stack([(p - p.mean()) / p.std() for p in (one, two)], axis=1)
    torch.testing.assert_close(random_walk_embedding([forward, backward], 2), torch.from_numpy(expected))


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 12, 16, 17, 64])
def test_it_is_the_diagonals_of_all_powers(steps: int) -> None:
    weights = both_ways()
    walk = naive.forward_walk(np.eye(17) + sum(w.numpy() for w in weights))
    returns = np.stack([np.linalg.matrix_power(walk, k).diagonal() for k in range(1, steps + 1)], axis=1)
    expected = (returns - returns.mean(0)) / returns.std(0)
    np.testing.assert_allclose(random_walk_embedding(weights, steps), expected, atol=1e-9)


@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_it_follows_its_sensors_and_csr_is_as_dense() -> None:
    weights, order = both_ways(), torch.randperm(17, generator=torch.Generator().manual_seed(0))
    straight = random_walk_embedding(weights, 20)
    turned = random_walk_embedding([w[order][:, order] for w in weights], 20)
    torch.testing.assert_close(turned, straight[order], atol=1e-10, rtol=0)
    sparse = random_walk_embedding([w.to_sparse_csr() for w in weights], 20)
    torch.testing.assert_close(sparse, straight, atol=1e-10, rtol=0)


def test_one_way_roads_are_told_apart_when_the_walk_may_turn_back() -> None:
    """Along the arrows alone, all sensors with one way on are alike; both ways, no two of the 14 are."""
    forward, backward = both_ways(extra=False)
    onward = random_walk_embedding([forward], 64)
    torch.testing.assert_close(onward[8:13], onward[8:9].expand(5, -1))
    embedding = random_walk_embedding([forward, backward], 64)
    assert torch.pdist(embedding).min() > 0.01


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_where_all_are_alike_it_is_zero_and_never_noise(dtype: torch.dtype) -> None:
    """A ring, sensors without a road, and a single sensor; what rounding leaves is not blown up."""
    ring = torch.eye(11, dtype=dtype).roll(1, 0)
    for weights in ([ring, ring.T], [torch.zeros(4, 4, dtype=dtype)], [torch.ones(1, 1, dtype=dtype)]):
        embedding = random_walk_embedding(weights, 30)
        assert torch.equal(embedding, torch.zeros(len(weights[0]), 30, dtype=dtype))


def test_a_sensor_without_a_road_is_always_back(world: World) -> None:
    embedding = random_walk_embedding(both_ways(), 64)
    assert world.graph.adjacency[[16]].nnz == 0
    assert bool((embedding[16] > embedding[:16].amax(0)).all())
    assert torch.isfinite(embedding).all()


def test_half_precision_around_it_changes_nothing() -> None:
    weights = [w.float() for w in both_ways()]
    straight = random_walk_embedding(weights, 64)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(random_walk_embedding(weights, 64), straight, atol=0, rtol=0)
