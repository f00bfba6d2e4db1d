"""Batches as the model asks for them."""

import pytest

from stgraph.errors import DataError
from stgraph.forecasting.loaders import batches_for
from stgraph.patches import Window
from stgraph.series import Scaler
from tests import contracts
from tests.conftest import World

SCALER = Scaler((60.0, 1000.0), (10.0, 200.0))


@pytest.mark.parametrize(("name", "kinds"), [("patchnet", 2), ("persistence", 0)])
def test_weights_windows_and_targets_are_the_models(world: World, name: str, kinds: int) -> None:
    model = contracts.model_of(name, world)
    batch = next(iter(batches_for(model, world.series, world.graph, SCALER, ((0, 50),), batch_size=5)))
    model.check(batch)
    assert len(batch.weights) == kinds
    assert batch.signal.shape == (5, 6, 17, 2)


def test_a_window_of_its_own_and_none_that_fits(world: World) -> None:
    model = contracts.model_of("persistence", world)
    grid = batches_for(model, world.series, world.graph, SCALER, ((0, 50),), window=Window(0, 4, placement="grid"))
    assert len(grid.placed) == 12
    with pytest.raises(DataError, match="no window fits"):
        batches_for(model, world.series, world.graph, SCALER, ((0, 9),))
