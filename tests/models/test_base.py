"""Task and the base of all models."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from stgraph.errors import DataError, MismatchError
from stgraph.models import ForecastModel, PatchNet, Persistence, Task
from stgraph.patches import PatchBatch
from tests import contracts
from tests.conftest import World


@pytest.mark.parametrize("field", [{"sensors": 0}, {"history": 0}, {"horizon": -1}, {"targets": (1,)}, {"targets": ()}])
def test_an_impossible_task_names_the_field(field: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=next(iter(field))):
        Task(**({"sensors": 4} | field))


def test_settings_are_what_the_model_was_built_with_defaults_included() -> None:
    assert PatchNet(Task(sensors=3), hidden=8, heads=2).settings == {
        "hidden": 8,
        "layers": 3,
        "hops": None,
        "heads": 2,
        "sensor_embedding": 0,
        "dropout": 0.0,
        "spatial": "GraphConvolution",
    }
    assert Persistence(Task(sensors=3)).settings == {}


@pytest.mark.parametrize("name", ["history", "horizon", "channels", "covariates", "weights"])
def test_a_batch_of_another_task_is_refused_by_name(name: str, world: World) -> None:
    model = contracts.model_of("patchnet", world)
    batch = contracts.batch_of(model, world)
    blind = replace(batch, target=None, target_observed=None)
    wrong: dict[str, PatchBatch] = {
        "history": replace(blind, signal=batch.signal[:, 1:], observed=batch.observed[:, 1:]),
        "horizon": replace(blind, calendar=batch.calendar[:, 1:], covariates=None),
        "channels": replace(batch, signal=batch.signal[..., :1], observed=batch.observed[..., :1]),
        "covariates": replace(batch, covariates=None),
        "weights": replace(batch, weights=batch.weights[:1]),
    }
    with pytest.raises(MismatchError, match=f"{name} = "):
        model.check(wrong[name])


def test_a_model_of_your_own_is_a_forward_and_a_reach(world: World) -> None:
    class Half(ForecastModel):
        name, paper = "half", "nobody"

        @property
        def reach(self) -> int:
            return 0

        def forward(self, batch: PatchBatch) -> Tensor:
            return 0.5 * batch.signal[:, -1:, :, :1].expand(-1, self.task.horizon, -1, -1)

    model = Half(contracts.task_of(world))
    batch = replace(contracts.batch_of(model, world), weights=())
    model.check(batch)
    assert torch.equal(model(batch)[:, 0], 0.5 * batch.signal[:, -1, :, :1])
    with pytest.raises(MismatchError, match="half is trained by gradient"):
        model.fit_closed([])
