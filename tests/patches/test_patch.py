"""Patches: who answers for whom."""

import numpy as np
import pytest

from stgraph.errors import DataError, ShapeError
from stgraph.graph import partition
from stgraph.patches import Patch, grid_patches, patch_around, sliding_patches, whole
from tests.conftest import World, road


def test_a_patch_is_its_centre_and_what_is_within_reach() -> None:
    patch = patch_around(road(6, extra=False), [3], hops=1)
    assert patch.sensors.tolist() == [2, 3, 4]
    assert patch.centre.tolist() == [False, True, False]


def test_infinity_is_the_whole_graph_unreachable_sensors_too(world: World) -> None:
    patch = patch_around(world.graph, [0], hops=None)
    assert patch.sensors.tolist() == whole(len(world.graph)).sensors.tolist()
    assert patch.centre.sum() == 1
    assert whole(len(world.graph)).centre.all()


@pytest.mark.parametrize("hops", [0, 2])
def test_sliding_patches_answer_for_each_sensor_once(world: World, hops: int) -> None:
    patches = sliding_patches(world.graph, hops)
    assert [int(p.sensors[p.centre][0]) for p in patches] == list(range(len(world.graph)))
    assert {len(p) for p in sliding_patches(world.graph, 0)} == {1}


@pytest.mark.parametrize("parts", [1, 3, 5])
def test_grid_patches_tile_the_graph(world: World, parts: int) -> None:
    patches = grid_patches(world.graph, partition(world.graph, parts), hops=1)
    answered = np.concatenate([p.sensors[p.centre] for p in patches])
    assert len(patches) == parts
    assert sorted(answered.tolist()) == list(range(len(world.graph)))


def test_centre_and_sensors_must_fit() -> None:
    with pytest.raises(ShapeError, match="centre"):
        Patch(np.arange(3), np.ones(2, dtype=bool))


@pytest.mark.parametrize("sensors", [[1, 0, 2], [0, 0, 1]])
def test_sensors_must_rise_since_cutting_relies_on_it(sensors: list[int]) -> None:
    with pytest.raises(DataError, match="rising"):
        Patch(np.array(sensors), np.ones(3, dtype=bool))
