"""A model on another number of sensors: the same parameters, or the names of those that stand in the way."""

import numpy as np
import pytest
import torch

from stgraph.errors import MismatchError
from stgraph.graph import SensorGraph
from stgraph.models import MODELS, PatchNet, Task, check_inductive, moved
from tests.conftest import World, traffic
from tests.contracts import batch_of, fitted, model_of


@pytest.mark.parametrize("name", MODELS)
def test_a_model_moves_or_names_what_belongs_to_single_sensors(name: str, world: World) -> None:
    model = model_of(name, world)
    if model.inductive:
        check_inductive(model)
        other = moved(model, 5)
        assert other.task.sensors == 5
        state = model.state_dict()
        assert all(torch.equal(x, state[key]) for key, x in other.state_dict().items())
        return
    with pytest.raises(MismatchError, match=f"{name} knows its own 17 sensors.*belong to single ones") as error:
        moved(model, 5)
    assert any(key in str(error.value) for key in model.state_dict())


def test_it_forecasts_another_network_as_the_model_itself_would(world: World) -> None:
    model = fitted("patchnet", world)
    graph = SensorGraph(tuple(f"n{k}" for k in range(30)), np.eye(30, k=1))
    other = World(graph, traffic(graph))
    assert torch.equal(moved(model, 30)(batch_of(model, other)), model(batch_of(model, other)))


def test_the_callers_random_state_and_model_are_left_alone(world: World) -> None:
    model = model_of("patchnet", world).train()
    before = torch.get_rng_state()
    other = moved(model, 9)
    assert torch.equal(torch.get_rng_state(), before)
    assert model.training
    assert not other.training
    with torch.no_grad():
        next(other.parameters()).add_(1)
    assert not torch.equal(next(other.parameters()), next(model.parameters()))


def test_a_setting_decides() -> None:
    with pytest.raises(MismatchError, match=r"patchnet knows its own 4 sensors .*: sensor\.\S+ belong to single ones"):
        check_inductive(PatchNet(Task(sensors=4), sensor_embedding=8))


def test_a_model_that_says_so_itself_needs_no_such_parameter() -> None:
    class Ordered(PatchNet):
        inductive = False  # a fact, as a model of one's own may state it

    with pytest.raises(MismatchError, match="it tells them apart"):
        check_inductive(Ordered(Task(sensors=4)))
