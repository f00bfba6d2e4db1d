"""Training: keeps the best epoch, stops early, leaves the caller's random state alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from stgraph.errors import DataError
from stgraph.forecasting import fit
from stgraph.patches import PatchBatch
from stgraph.series import Split
from stgraph.training import Training
from stgraph.training.module import ForecastModule
from stgraph.training.options import Loss
from tests import contracts
from tests.conftest import World

QUICK = replace(contracts.TRAINING, epochs=4)


def test_it_learns_the_wave_that_travels_along_the_road(world: World) -> None:
    """The noise of 3 km/h leaves an error of 2.4 that nobody can forecast; persistence has well over 4."""
    log = contracts.forecaster_of("patchnet", world, replace(QUICK, epochs=40, learning_rate=5e-3)).log
    assert log.best is not None
    assert 2.3 < log.best.validation_mae < 3.2
    assert log.best_epoch == int(np.argmin([e.validation_mae for e in log.epochs]))


@pytest.mark.parametrize("loss", ["mae", "mse"])
def test_the_parameters_kept_are_those_of_the_best_epoch(world: World, loss: Loss) -> None:
    """A learning rate that blows up: the later epochs are worse, and an early one is what is kept."""
    wild = replace(QUICK, epochs=5, learning_rate=0.2, clip=1e9, patience=5, loss=loss)
    forecaster = contracts.forecaster_of("patchnet", world, wild)
    total = squared = count = 0.0
    for batch in forecaster.batches(world.series, "validation"):
        assert batch.target is not None
        assert batch.target_observed is not None
        error = (forecaster.predict(batch) - batch.target).abs()[batch.target_observed]
        total, squared, count = total + float(error.sum()), squared + float(error.square().sum()), count + len(error)
    log = forecaster.log
    assert log.best is not None
    assert log.best.validation_mae == pytest.approx(total / count, rel=1e-4)
    assert log.best.validation_rmse == pytest.approx((squared / count) ** 0.5, rel=1e-4)
    assert log.errors[log.best_epoch] == min(log.errors)
    assert log.errors == tuple(e.validation_rmse if loss == "mse" else e.validation_mae for e in log.epochs)


def test_where_quantiles_are_learned_the_median_chooses_the_epoch(world: World) -> None:
    options = {"history": 6, "horizon": 4, "settings": contracts.SMALL["patchnet"], "quantiles": (0.1, 0.5, 0.9)}
    log = fit(world.series, world.graph, training=replace(QUICK, epochs=2, loss="mse"), **options).log  # type: ignore[arg-type]
    assert log.measure == "mae"


def test_patience_ends_a_training_that_does_not_get_better(world: World) -> None:
    flat = replace(QUICK, epochs=30, learning_rate=1e-12, patience=2)
    log = contracts.forecaster_of("patchnet", world, flat).log
    assert log.stopped_early
    assert len(log.epochs) < 30


def test_without_a_validation_part_the_last_epoch_counts(world: World) -> None:
    split = Split(train=0.8, validation=0.0, test=0.2)
    forecaster = fit(
        world.series,
        world.graph,
        history=6,
        horizon=4,
        split=split,
        training=QUICK,
        settings=contracts.SMALL["patchnet"],
    )
    assert forecaster.log.best_epoch == 3
    assert np.isnan(forecaster.log.epochs[0].validation_mae)


def test_a_share_of_a_pass_is_drawn_anew_each_epoch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    step, seen, rates = ForecastModule.training_step, [], []

    def watched(module: ForecastModule, batch: PatchBatch, k: int) -> torch.Tensor:
        seen.append(batch.signal.sum(dim=(1, 2, 3)))
        rates.append(float(module.trainer.optimizers[0].param_groups[0]["lr"]))
        return step(module, batch, k)

    monkeypatch.setattr(ForecastModule, "training_step", watched)
    contracts.forecaster_of("patchnet", world, replace(QUICK, epochs=1))
    whole = len(seen)
    assert whole >= 4
    seen.clear()
    rates.clear()
    log = contracts.forecaster_of("patchnet", world, replace(QUICK, epoch_share=0.5)).log
    count = round(whole / 2)
    assert len(log.epochs) == QUICK.epochs
    assert len(seen) == QUICK.epochs * count
    epochs = {frozenset(torch.cat(seen[k : k + count]).tolist()) for k in range(0, len(seen), count)}
    assert len(epochs) == QUICK.epochs
    assert rates[-1] < 0.2 * max(rates)  # the schedule knows of it


def test_the_callers_random_state_is_left_alone(world: World) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    contracts.forecaster_of("patchnet", world)
    assert torch.equal(torch.rand(1), expected)


def test_another_seed_is_another_model_and_bf16_trains_too(world: World) -> None:
    one = contracts.forecaster_of("patchnet", world, QUICK)
    other = contracts.forecaster_of("patchnet", world, replace(QUICK, seed=1))
    assert not np.array_equal(one.forecast().values, other.forecast().values)
    half = contracts.forecaster_of("patchnet", world, Training(**{**vars(QUICK), "precision": "bf16"}))
    assert half.log.best is not None
    assert one.log.best is not None
    assert half.log.best.validation_mae == pytest.approx(one.log.best.validation_mae, rel=0.1)


def test_a_training_that_diverges_says_so_and_leaves_no_checkpoint(world: World, tmp_path: Path) -> None:
    wild = replace(QUICK, learning_rate=1e30)
    with pytest.raises(DataError, match=r"diverged at once; .* try a learning_rate below 1e\+30"):
        fit(world.series, world.graph, "patchnet", history=6, horizon=4, training=wild, folder=tmp_path)
    assert not list(tmp_path.glob("*.safetensors"))
