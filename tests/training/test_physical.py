"""Physical units and the masked error."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from stgraph.models import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.series import Scaler
from stgraph.training import Unscaled, masked_absolute_error
from tests import contracts
from tests.conftest import World


def batch_of(world: World) -> PatchBatch:
    return contracts.batch_of(contracts.model_of("persistence", world), world)


def test_unscaled_is_the_inverse_of_the_scaler(world: World) -> None:
    model = contracts.model_of("persistence", world)
    batch = contracts.batch_of(model, world)
    physical = Unscaled(model, Scaler((50.0,), (4.0,)))(batch)
    torch.testing.assert_close(physical, model(batch) * 4 + 50)


def test_a_forecast_does_not_go_below_what_can_be_once_trained(world: World) -> None:
    model = contracts.model_of("persistence", world)
    batch = contracts.batch_of(model, world)
    for lowest in (0.0, -math.inf):
        physical = Unscaled(model, Scaler((1.0,), (10.0,), (lowest,)))
        assert (physical.train()(batch) < 0).any()
        assert (physical.eval()(batch) < 0).any() == (lowest < 0)


def test_the_error_is_a_sum_over_the_observed_centre_and_its_count(world: World) -> None:
    batch = batch_of(world)
    batch = replace(batch, centre=torch.arange(17) < 5)
    assert batch.target is not None
    assert batch.target_observed is not None
    total, count = masked_absolute_error(batch.target + 2.0, batch, torch.ones(1))
    scored = int(batch.target_observed[:, :, :5].sum())
    assert int(count) == scored
    assert float(total) == pytest.approx(2.0 * scored, rel=1e-5)


def test_junk_in_holes_and_halo_changes_neither_error_nor_gradient(world: World) -> None:
    batch = replace(batch_of(world), centre=torch.arange(17) < 5)
    assert batch.target is not None
    assert batch.target_observed is not None
    scored = batch.target_observed & batch.centre[:, None]
    found = []
    for junk in (0.0, 1e9, float("nan")):
        forecast = torch.ones_like(batch.target).requires_grad_()
        bad = replace(batch, target=torch.where(scored, batch.target, junk))
        total, _ = masked_absolute_error(forecast, bad, torch.ones(1))
        found.append((total.detach(), torch.autograd.grad(total, forecast)[0]))
    for total, gradient in found[1:]:
        assert torch.equal(total, found[0][0])
        assert torch.equal(gradient, found[0][1])
    assert not found[0][1][~scored].any()


def test_several_targets_weigh_by_their_deviation(world: World) -> None:
    batch = batch_of(world)
    assert batch.target is not None
    both = replace(
        batch,
        target=torch.zeros(8, 4, 17, 2),
        target_observed=torch.ones(8, 4, 17, 2, dtype=torch.bool),
    )
    error = torch.tensor([1.0, 200.0]).expand(8, 4, 17, 2)
    total, count = masked_absolute_error(error, both, torch.tensor([1.0, 200.0]))
    assert float(total / count) == pytest.approx(1.0)


def test_a_batch_without_a_target_has_no_error(world: World) -> None:
    batch = replace(batch_of(world), target=None, target_observed=None)
    with pytest.raises(ValueError, match="target"):
        masked_absolute_error(torch.zeros(1), batch, torch.ones(1))


class Peeks(ForecastModel):
    """Keeps what it was shown."""

    name, paper, reach = "peeks", "an example", 0

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.shown: list[PatchBatch] = []

    def forward(self, batch: PatchBatch) -> Tensor:
        self.shown.append(batch)
        return batch.signal[:, -1:].expand(-1, self.task.horizon, -1, -1)[..., :1]


def test_in_training_a_model_sees_the_target_scaled_and_afterwards_none(world: World) -> None:
    model = Peeks(contracts.task_of(world))
    batch = contracts.batch_of(model, world)
    assert batch.target is not None
    assert batch.target_observed is not None
    physical = Unscaled(model, Scaler((50.0,), (4.0,)))
    physical(replace(batch, target=batch.target.where(batch.target_observed, 1e9)))
    physical.eval()(batch)
    in_training, afterwards = model.shown
    expected = torch.where(batch.target_observed, (batch.target - 50) / 4, torch.zeros(()))
    torch.testing.assert_close(in_training.target, expected)
    assert afterwards.target is afterwards.target_observed is None
