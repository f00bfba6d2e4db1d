"""Batches as the model asks for them."""

import pytest
from scipy.sparse import csr_array

from stgraph.errors import DataError
from stgraph.forecasting.loaders import batches_for
from stgraph.models import ForecastModel
from stgraph.patches import Window
from stgraph.propagation import build_weights
from stgraph.series import Profile, Scaler, Scaling
from tests import contracts
from tests.conftest import World

SCALER = Scaler((60.0, 1000.0), (10.0, 200.0))


def weights_of(model: ForecastModel, world: World) -> tuple[csr_array, ...]:
    return build_weights(world.graph.adjacency, model.weights)


@pytest.mark.parametrize(("name", "kinds"), [("patchnet", 2), ("persistence", 0)])
def test_weights_windows_and_targets_are_the_models(world: World, name: str, kinds: int) -> None:
    model = contracts.model_of(name, world)
    placed = Window(6, 4).place([(0, 50)])
    profile = Profile.of(world.series, SCALER, ((50, 600),), model.task.targets) if model.wants_profile else None
    weights = weights_of(model, world)
    batch = next(iter(batches_for(model, world.series, weights, SCALER, placed, profile=profile, batch_size=5)))
    model.check(batch)
    assert len(batch.weights) == kinds
    assert batch.signal.shape == (5, 6, 17, 2)


def test_where_no_window_fits_it_says_so(world: World) -> None:
    model = contracts.model_of("persistence", world)
    with pytest.raises(DataError, match="no window fits"):
        batches_for(model, world.series, weights_of(model, world), SCALER, Window(6, 4).place([(0, 9)]))


def test_a_hole_is_the_mean_or_what_the_scaling_says(world: World) -> None:
    model, placed = contracts.model_of("persistence", world), Window(6, 4).place([(0, 50)])
    for shown, speed in ((None, 0.0), (0.0, -6.0)):  # 0 km/h, with a mean of 60 and a deviation of 10
        scaling = Scaling(shown=shown)
        batch = next(iter(batches_for(model, world.series, weights_of(model, world), SCALER, placed, scaling=scaling)))
        assert (batch.signal[..., 0][~batch.observed[..., 0]] == speed).all()
