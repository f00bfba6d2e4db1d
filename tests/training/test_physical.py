"""Physical units and the masked error."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from stgraph.errors import ShapeError
from stgraph.models import ForecastModel, Task
from stgraph.patches import PatchBatch
from stgraph.series import Scaler
from stgraph.training import Unscaled, masked_absolute_error, masked_pinball_loss, masked_squared_error
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


def test_the_squared_error_is_in_deviations_and_only_of_what_is_observed(world: World) -> None:
    batch = batch_of(world)
    assert batch.target is not None
    assert batch.target_observed is not None
    forecast = torch.where(batch.target_observed, batch.target + 6.0, 1e9)
    total, count = masked_squared_error(forecast, batch, torch.tensor([3.0]))
    assert int(count) == int(batch.target_observed.sum())
    assert float(total) == pytest.approx(4 * int(count), rel=1e-5)


def test_twice_the_pinball_loss_of_the_median_is_the_absolute_error(world: World) -> None:
    batch = batch_of(world)
    assert batch.target is not None
    forecast = torch.randn(8, 4, 17, 1, generator=torch.Generator().manual_seed(0)) * 9 + 60
    for deviation in (torch.ones(1), torch.tensor([3.0])):
        expected, count = masked_absolute_error(forecast, batch, deviation)
        total, counted = masked_pinball_loss(forecast[..., None], batch, deviation, (0.5,))
        torch.testing.assert_close(total, expected)
        assert counted == count


def test_the_pinball_loss_is_the_mean_over_its_quantiles_by_hand(world: World) -> None:
    batch = batch_of(world)
    assert batch.target is not None
    below = (batch.target - 10)[..., None].expand(-1, -1, -1, -1, 3)  # each quantile lies 10 under the truth
    total, count = masked_pinball_loss(below, batch, torch.ones(1), (0.1, 0.5, 0.9))
    assert float(total / count) == pytest.approx(2 * 10 * (0.1 + 0.5 + 0.9) / 3, rel=1e-5)
    total, _ = masked_pinball_loss(below + 20, batch, torch.ones(1), (0.1, 0.5, 0.6))
    assert float(total / count) == pytest.approx(2 * 10 * (0.9 + 0.5 + 0.4) / 3, rel=1e-5)


def test_junk_in_holes_changes_neither_pinball_loss_nor_gradient(world: World) -> None:
    batch = batch_of(world)
    assert batch.target is not None
    assert batch.target_observed is not None
    found = []
    for junk in (0.0, float("nan")):
        forecast = torch.full((8, 4, 17, 1, 2), 55.0, requires_grad=True)
        bad = replace(batch, target=torch.where(batch.target_observed, batch.target, junk))
        total, _ = masked_pinball_loss(forecast, bad, torch.ones(1), (0.5, 0.9))
        found.append((total.detach(), torch.autograd.grad(total, forecast)[0]))
    assert torch.equal(found[0][0], found[1][0])
    assert torch.equal(found[0][1], found[1][1])
    assert not found[0][1][~batch.target_observed].any()


def test_quantiles_are_unscaled_bounded_and_sorted_once_trained(world: World) -> None:
    model = contracts.model_of("patchnet", world, contracts.QUANTILES).eval()
    batch = contracts.batch_of(model, world)
    physical = Unscaled(model, Scaler((1.0,), (10.0,), (0.0,)))
    crossing = physical.train()(batch)
    torch.testing.assert_close(crossing, model(batch) * 10 + 1)
    assert torch.equal(physical.eval()(batch), crossing.clamp_min(0).sort(-1).values)


def test_a_model_that_knows_nothing_of_quantiles_is_refused(world: World) -> None:
    model = Peeks(replace(contracts.task_of(world), quantiles=(0.1, 0.5)))
    with pytest.raises(
        ShapeError, match=r"peeks with quantiles \(0.1, 0.5\): expected shape \(B, H, N, C, Q \[Q=2\]\)"
    ):
        Unscaled(model, Scaler((1.0,), (10.0,)))(contracts.batch_of(model, world))


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
    with pytest.raises(ValueError, match="target"):
        masked_pinball_loss(torch.zeros(1), batch, torch.ones(1), (0.5,))


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
