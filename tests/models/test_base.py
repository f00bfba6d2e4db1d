"""Task and the base of all models."""

import copy
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


@pytest.mark.parametrize("levels", [(0.1, 0.9), (0.5, 0.1), (0.5, 0.5), (0.0, 0.5), (0.5, 1.0), (0.5, float("nan"))])
def test_quantiles_rise_between_0_and_1_around_the_median(levels: tuple[float, ...]) -> None:
    with pytest.raises(DataError, match=r"quantiles: expected rising levels between 0 and 1 with 0\.5 among"):
        Task(sensors=4, quantiles=levels)


def test_a_task_reads_out_every_quantile_of_every_channel() -> None:
    assert Task(sensors=4, channels_in=2, targets=(0, 1)).outputs == 2
    assert Task(sensors=4, channels_in=2, targets=(0, 1), quantiles=(0.1, 0.5, 0.9)).outputs == 6


def test_quantiles_of_a_channel_lie_side_by_side_and_the_median_is_the_point(world: World) -> None:
    model = contracts.model_of("patchnet", world, contracts.QUANTILES)
    out = torch.arange(2 * 3 * 4 * 3).view(2, 3, 12)  # two windows, three sensors
    forecast = model.over_horizon(out)
    assert forecast.shape == (2, 4, 3, 1, 3)
    assert forecast[1, 2, 0, 0].tolist() == [36 + 6, 36 + 7, 36 + 8]
    assert model.point(forecast)[1, 2, 0].tolist() == [36 + 7]
    plain = contracts.model_of("patchnet", world)
    assert plain.point(forecast) is forecast
    assert plain.over_quantiles(out) is plain.for_each_quantile(out) is out


def test_settings_are_what_the_model_was_built_with_defaults_included() -> None:
    assert PatchNet(Task(sensors=3), hidden=8, heads=2).settings == {
        "hidden": 8,
        "layers": 3,
        "hops": None,
        "heads": 2,
        "sensor_embedding": 0,
        "profile": True,
        "profile_dropout": 0.2,
        "dropout": 0.0,
        "spatial": "GraphConvolution",
    }
    assert Persistence(Task(sensors=3)).settings == {}


@pytest.mark.parametrize("name", ["history", "horizon", "channels", "covariates", "weights"])
def test_a_batch_of_another_task_is_refused_by_name(name: str, world: World) -> None:
    model = contracts.model_of("patchnet", world)
    batch = contracts.batch_of(model, world)
    blind = replace(batch, profile=None, target=None, target_observed=None)
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


def test_a_copy_forecasts_the_same_and_learns_alone(world: World) -> None:
    model = contracts.model_of("patchnet", world)
    batch = contracts.batch_of(model, world)
    other = copy.deepcopy(model)
    assert other.settings == model.settings
    assert torch.equal(other(batch), model(batch))
    torch.nn.init.zeros_(next(other.parameters()))
    assert not torch.equal(other(batch), model(batch))
