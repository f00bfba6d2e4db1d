"""Scheduled sampling: its share, and what is never fed."""

import math
from dataclasses import replace

import pytest
import torch

from stgraph.layers import ScheduledSampling
from stgraph.patches import PatchBatch
from tests import contracts
from tests.conftest import World


@pytest.mark.parametrize("step", [0, 2000, 20_000, 10**9])
def test_the_truth_is_fed_with_the_probability_of_the_equation(step: int) -> None:
    expected = 2000 / (2000 + math.exp(min(step / 2000, 500)))
    assert ScheduledSampling(2000.0).truth_share(step) == pytest.approx(expected, abs=1e-12)


@pytest.fixture
def batch(speed_world: World) -> PatchBatch:
    return contracts.batch_of(contracts.model_of("dcrnn", speed_world), speed_world)


def test_the_coin_falls_as_often_as_it_should(batch: PatchBatch) -> None:
    """At step 0 of a decay of 1 the share is 1 / 2."""
    torch.manual_seed(0)
    sampling, forecast = ScheduledSampling(1.0), torch.full((17, 8, 1), -100.0)
    taught = sum(int((sampling(forecast, batch, 0) != forecast).any()) for _ in range(400))
    assert taught == pytest.approx(200, abs=40)


def test_the_truth_stands_where_it_was_observed_and_the_forecast_elsewhere(batch: PatchBatch) -> None:
    assert batch.target is not None
    assert batch.target_observed is not None
    forecast = torch.full((17, 8, 1), -100.0)
    fed = ScheduledSampling(1e9)(forecast, batch, 2)
    for n in range(17):
        for b in range(8):
            seen = bool(batch.target_observed[b, 2, n, 0])
            assert float(fed[n, b, 0]) == (float(batch.target[b, 2, n, 0]) if seen else -100.0)


def test_without_truth_or_after_training_the_forecast_is_fed(batch: PatchBatch) -> None:
    sampling, forecast = ScheduledSampling(1e9), torch.zeros(17, 8, 1)
    assert sampling(forecast, replace(batch, target=None, target_observed=None), 0) is forecast
    assert sampling.eval()(forecast, batch, 0) is forecast
