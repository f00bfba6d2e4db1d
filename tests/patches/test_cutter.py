"""Cutting: pieces of the whole's weights, side by side, joined by nothing."""

import numpy as np
import pytest
import torch

from stgraph.patches import Cut, cut_weights, patch_around, whole
from stgraph.patches.cutter import DENSE_UP_TO, Layout
from stgraph.propagation import WeightSpec, build_weights
from tests.conftest import World, road

SPECS = (WeightSpec("forward"), WeightSpec("backward", 2))


@pytest.mark.parametrize("layout", ["dense", "csr"])
def test_the_whole_is_uncut(world: World, layout: Layout) -> None:
    weights = build_weights(world.graph.adjacency, SPECS)
    cut = cut_weights(weights, [whole(len(world.graph))], layout=layout, dtype=torch.float64)
    for tensor, matrix in zip(cut, weights, strict=True):
        assert (tensor.layout == torch.strided) == (layout == "dense")
        np.testing.assert_array_equal(tensor.to_dense().numpy(), matrix.toarray())


def test_pieces_lie_on_the_diagonal_and_nothing_joins_them(world: World) -> None:
    weights = build_weights(world.graph.adjacency, SPECS)
    patches = [patch_around(world.graph, [2], 1), patch_around(world.graph, [10, 11], 2)]
    first = len(patches[0])
    for tensor, matrix in zip(cut_weights(weights, patches), weights, strict=True):
        dense = tensor.numpy()
        for block, patch in ((dense[:first, :first], patches[0]), (dense[first:, first:], patches[1])):
            np.testing.assert_allclose(block, matrix.toarray()[np.ix_(patch.sensors, patch.sensors)], rtol=1e-6)
        assert not dense[:first, first:].any()
        assert not dense[first:, :first].any()


def test_auto_is_dense_while_small_and_follows_edges_when_large() -> None:
    for count, expected in ((20, torch.strided), (DENSE_UP_TO + 1, torch.sparse_csr)):
        graph = road(count, extra=False)
        (tensor,) = cut_weights(build_weights(graph.adjacency, SPECS[:1]), [whole(count)])
        assert tensor.layout == expected


def test_a_cut_knows_whose_patch_each_sensor_is(world: World) -> None:
    patches = [patch_around(world.graph, [2], 1), patch_around(world.graph, [2, 10], 0)]
    cut = Cut.of(build_weights(world.graph.adjacency, SPECS), patches)
    assert cut.sensors.tolist() == [1, 2, 3, 4, 2, 10]
    assert cut.centre.tolist() == [False, True, False, False, True, True]
    assert cut.block.tolist() == [0, 0, 0, 0, 1, 1]
    assert (cut.patches, len(cut.weights)) == (2, 2)
