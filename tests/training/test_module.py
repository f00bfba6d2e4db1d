"""The Lightning module: the epoch's error is a pooled sum, the schedule rises and falls."""

import math
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from stgraph.models import ForecastModel, Task
from stgraph.patches import PatchBatch, whole
from stgraph.series import Scaler
from stgraph.training import ForecastModule, Training, masked_absolute_error, masked_pinball_loss, masked_squared_error
from tests import contracts
from tests.conftest import World

SCALER = Scaler((60.0,), (10.0,))


def module_of(world: World, steps: int = 200) -> ForecastModule:
    return ForecastModule(contracts.model_of("patchnet", world), SCALER, Training(learning_rate=1.0), steps)


@pytest.mark.parametrize("size", [3, 50])
def test_the_validation_error_does_not_depend_on_the_batch_size(world: World, size: int) -> None:
    module = module_of(world).eval()
    patches = [whole(len(world.graph))]
    batches = list(contracts.loader_of(module.physical.model, world, patches, size=size))
    for k, batch in enumerate(batches):
        module.validation_step(batch, k)
    together = next(iter(contracts.loader_of(module.physical.model, world, patches, size=1000)))
    total, count = masked_absolute_error(module(together), together, torch.ones(1))
    assert module.mean_error("validation") == pytest.approx(float(total.detach() / count), rel=1e-5)
    module.on_validation_epoch_start()
    assert math.isnan(module.mean_error("validation"))


def test_the_learning_rate_rises_for_a_fiftieth_and_falls_to_a_hundredth(world: World) -> None:
    configured = cast("dict[str, Any]", module_of(world, steps=200).configure_optimizers())
    optimizer, schedule = configured["optimizer"], configured["lr_scheduler"]["scheduler"]
    rates = []
    for _ in range(200):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert rates.index(max(rates)) in {3, 4}
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[-1] == pytest.approx(0.01, abs=1e-3)


def test_quantiles_minimise_the_pinball_loss_and_log_the_error_of_the_median(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = contracts.model_of("patchnet", world, contracts.QUANTILES)
    batch = contracts.batch_of(model, world)
    module = ForecastModule(model, SCALER, Training(), steps=10)
    monkeypatch.setattr(module, "log", lambda *_, **__: None)
    out = module(batch)
    error, count = masked_absolute_error(out[..., 1], batch, torch.ones(1))
    pinball, _ = masked_pinball_loss(out, batch, torch.ones(1), contracts.QUANTILES)
    assert float(module.training_step(batch, 0).detach()) == pytest.approx(float(pinball.detach() / count), rel=1e-6)
    assert module.mean_error("train") == pytest.approx(float(error.detach() / count), rel=1e-6)


def test_a_squared_loss_is_minimised_and_the_absolute_error_is_logged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = contracts.model_of("patchnet", world)
    batch = contracts.batch_of(model, world)
    module = ForecastModule(model, SCALER, Training(loss="mse"), steps=10)
    monkeypatch.setattr(module, "log", lambda *_, **__: None)
    out = module(batch)
    error, count = masked_absolute_error(out, batch, torch.ones(1))
    squares, _ = masked_squared_error(out, batch, torch.tensor(SCALER.deviation))
    assert float(module.training_step(batch, 0).detach()) == pytest.approx(float(squares.detach() / count), rel=1e-5)
    assert module.mean_error("train") == pytest.approx(float(error.detach() / count), rel=1e-6)


class Regular(ForecastModel):
    """One level for all; in training it is pulled to 0."""

    name, paper, reach = "regular", "an example", 0

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.level = torch.nn.Parameter(torch.tensor(3.0))

    def forward(self, batch: PatchBatch) -> Tensor:
        if self.training:
            self.auxiliary_loss = self.level.square()
        return self.level.expand(*batch.signal[:, -1:, :, :1].shape).expand(-1, self.task.horizon, -1, -1)


def test_an_auxiliary_loss_is_minimised_but_no_part_of_any_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Regular(contracts.task_of(world))
    batch = contracts.batch_of(model, world)
    module = ForecastModule(model, SCALER, Training(), steps=10)
    shown: dict[str, Tensor] = {}
    monkeypatch.setattr(module, "log", lambda name, value, **_: shown.update({name: value}))
    total, count = masked_absolute_error(module(batch), batch, torch.ones(1))
    error = float(total.detach() / count)
    minimised = module.training_step(batch, 0)
    assert float(minimised.detach()) == pytest.approx(error + 3.0**2, rel=1e-6)
    assert float(shown["loss"]) == pytest.approx(error, rel=1e-6)
    assert module.mean_error("train") == pytest.approx(error, rel=1e-6)
    of_error = torch.autograd.grad(total / count, model.level)[0]
    torch.testing.assert_close(torch.autograd.grad(minimised, model.level)[0], of_error + 2 * 3.0)


def test_an_auxiliary_loss_does_not_outlive_its_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Regular(contracts.task_of(world))
    batch = contracts.batch_of(model, world)
    module = ForecastModule(model, SCALER, Training(), steps=10)
    monkeypatch.setattr(module, "log", lambda *_, **__: None)
    module.training_step(batch, 0)
    assert model.auxiliary_loss is None
    module.eval().validation_step(batch, 0)
    assert model.auxiliary_loss is None
    assert "auxiliary_loss" not in module.state_dict()
