"""What is scored under a protocol: the same forecasts, other windows, other truths."""

import numpy as np
import pytest
import torch

from stgraph.errors import DataError
from stgraph.evaluation import PROTOCOLS, evaluate
from stgraph.evaluation.scored import Scored
from stgraph.forecasting import Forecaster
from tests import contracts
from tests.conftest import World


@pytest.fixture(scope="module")
def forecaster(world: World) -> Forecaster:
    return contracts.forecaster_of("gru", world)


def test_the_model_sees_what_it_was_fitted_to_see_and_the_protocol_says_what_counts(
    world: World, forecaster: Forecaster
) -> None:
    own = Scored.of(forecaster, world.series, "test", PROTOCOLS["pems"])
    masked = Scored.of(forecaster, world.series, "test", PROTOCOLS["clean"])
    batch, clean = next(iter(own)), next(iter(masked))
    assert batch.target_observed is not None
    assert clean.target_observed is not None
    assert batch.target_observed.all()  # holes are scored as true zeros
    assert not clean.target_observed.all()
    assert not batch.observed.all()  # and are still holes to the model
    first = int(own.placed.start[0])
    later = world.series.observed[first + 6 : first + 10, :, 0]
    assert batch.target is not None
    assert (batch.target[0, ..., 0].numpy()[~later] == 0).all()


def test_one_and_the_same_forecast_under_each_protocol(world: World, forecaster: Forecaster) -> None:
    """On a window that all protocols score, the forecast is the same bits."""
    forecasts = []
    for name in ("clean", "dcrnn", "pems", "basicts"):
        scored = Scored.of(forecaster, world.series, "test", PROTOCOLS[name])
        place = int(np.flatnonzero(scored.placed.start == 500)[0])
        rows = [forecaster.predict(batch) for batch in scored]
        forecasts.append(torch.cat(rows)[place])
    for other in forecasts[1:]:
        torch.testing.assert_close(other, forecasts[0], rtol=1e-5, atol=1e-4)


def test_largest_never_scores_the_last_incomplete_batch(world: World, forecaster: Forecaster) -> None:
    windows = len(Scored.of(forecaster, world.series, "test", PROTOCOLS["largest"]).placed)
    assert windows == 64  # of 118
    found = evaluate({"gru": forecaster}, world.series, protocol=PROTOCOLS["largest"])
    assert found.windows == 64
    with pytest.raises(DataError, match="test part of the series: expected 64 windows, found"):
        Scored.of(forecaster, world.series.slice(0, 200), "test", PROTOCOLS["largest"])


def test_figures_under_pems_are_those_of_zeros_in_every_hole(world: World, forecaster: Forecaster) -> None:
    """The loop: the same forecasts against a truth of 0 where nothing was measured."""
    scored = Scored.of(forecaster, world.series, "test", PROTOCOLS["pems"])
    values = np.where(world.series.observed, world.series.values, 0)[..., 0]
    total = count = 0.0
    steps = scored.placed.steps()[0][:, 6:]
    forecast = torch.cat([forecaster.predict(batch) for batch in scored])[..., 0].numpy()
    total = np.abs(forecast - values[steps]).sum(dtype=np.float64)
    count = forecast.size
    found = evaluate({"gru": forecaster}, world.series, protocol=PROTOCOLS["pems"]).errors["gru"]
    assert found.up_to["MAE"][-1, 0] == pytest.approx(total / count, rel=1e-5)
    assert found.count.sum() == count


def test_what_a_figure_at_h_means_is_labelled(world: World, forecaster: Forecaster) -> None:
    def leads(name: str) -> list[str]:
        return evaluate({"gru": forecaster}, world.series, protocol=PROTOCOLS[name]).summary()["lead"].tolist()

    assert leads("clean") == ["@30 min", "@60 min", "avg<=120 min"]
    assert leads("basicts") == ["avg<=30 min", "avg<=60 min", "avg<=120 min"]
