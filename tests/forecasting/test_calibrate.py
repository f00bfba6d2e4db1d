"""Calibration looks at every window of the validation part, and at nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from stgraph.forecasting import Forecaster, calibrate, fit
from stgraph.forecasting.calibrate import rehearse
from stgraph.forecasting.conformal import PERCENTS, Calibration, margins_of
from stgraph.series import Split
from stgraph.training.footprint import Alive
from tests import contracts, naive
from tests.conftest import World


def calibrated(
    name: str, world: World, split: Split | None = None, quantiles: tuple[float, ...] = ()
) -> tuple[Forecaster, Calibration]:
    forecaster = fit(
        world.series,
        world.graph,
        name,
        history=contracts.HISTORY,
        horizon=contracts.HORIZON,
        split=split,
        training=contracts.TRAINING,
        settings=contracts.SMALL.get(name),
        quantiles=quantiles,
    )
    assert forecaster.calibration is not None
    return forecaster, forecaster.calibration


@pytest.fixture(scope="module")
def with_quantiles(world: World) -> tuple[Forecaster, Calibration]:
    return calibrated("patchnet", world, quantiles=(0.05, 0.25, 0.5, 0.75, 0.95))


def test_the_margins_of_persistence_are_those_of_a_loop(world: World) -> None:
    _, found = calibrated("persistence", world)
    assert (found.windows, found.highest) == (111, 0.99)
    values, observed = world.series.values[..., 0], world.series.observed[..., 0]
    for h, n in ((0, 2), (3, 5)):
        residuals = []
        for window in naive.windows(6, 4, [(360, 480)]):
            known = [values[t, n] for t in window[:6] if observed[t, n]]
            if observed[window[6 + h], n]:
                residuals.append(abs(values[window[6 + h], n] - known[-1]))
        assert int(found.count[h, n, 0]) == len(residuals) >= 99
        expected = [sorted(residuals)[-(-(len(residuals) + 1) * p // 100) - 1] for p in PERCENTS.tolist()]
        np.testing.assert_allclose(found.margins[h, n, 0].numpy(), expected, rtol=1e-5)


def test_a_sensor_that_never_spoke_takes_the_residuals_of_all(world: World) -> None:
    forecaster, found = calibrated("historical-average", world)
    batch = next(iter(forecaster.batches(world.series, "validation", batch_size=1000)))
    assert batch.target is not None
    assert batch.target_observed is not None
    residuals = (forecaster.predict(batch) - batch.target).abs()
    for h in range(4):
        of_all = residuals[:, h][batch.target_observed[:, h]]
        torch.testing.assert_close(found.margins[h, 3, 0], margins_of(of_all, PERCENTS))
    assert not found.count[:, 3].any()
    assert "of 17 sensors, with less than 99 residuals" in forecaster.describe()["bounds"]


def test_the_margins_of_silent_sensors_are_those_of_a_loop_over_hidden_ones(world: World) -> None:
    """Persistence knows nothing of a sensor that is hidden but the mean of the training part."""
    forecaster, found = calibrated("persistence", world)
    assert found.silent is not None
    values, observed = world.series.values[..., 0], world.series.observed[..., 0]
    mean = values[:360][observed[:360]].mean()
    windows = naive.windows(6, 4, [(360, 480)])[::2]  # of 111, at most 64
    for h in (0, 3):
        residuals = [abs(values[w[6 + h], n] - mean) for w in windows for n in range(17) if observed[w[6 + h], n]]
        expected = [sorted(residuals)[-(-(len(residuals) + 1) * p // 100) - 1] for p in PERCENTS.tolist()]
        np.testing.assert_allclose(found.silent[h, 0].numpy(), expected, rtol=1e-4)
    again = calibrate(forecaster, world.series, batch_size=7)
    assert again is not None
    assert again.silent is not None
    assert torch.equal(again.silent, found.silent)


@pytest.mark.parametrize("hidden", [0, 3])
def test_hidden_sensors_are_covered_as_asked(
    world: World, with_quantiles: tuple[Forecaster, Calibration], hidden: int
) -> None:
    """One hidden in five, as in the calibration, but in the test part: the wave of the tiny world goes on as it was."""
    for forecaster, _ in (with_quantiles, calibrated("linear-regression", world)):
        observed = world.series.observed.copy()
        observed[:, hidden::5] = False
        masked = replace(world.series, observed=observed)
        asked, told = (next(iter(forecaster.batches(one, batch_size=1000))) for one in (masked, world.series))
        assert told.target is not None
        assert told.target_observed is not None
        _, lower, upper = forecaster.predict_bounds(asked, 0.9)
        inside = ((lower <= told.target) & (told.target <= upper))[:, :, hidden::5]
        share = inside[told.target_observed[:, :, hidden::5]].double().mean()
        assert share > 0.85


def test_each_coverage_widens_the_band_nearest_to_it(
    world: World, with_quantiles: tuple[Forecaster, Calibration]
) -> None:
    forecaster, found = with_quantiles
    batch = next(iter(forecaster.batches(world.series, "validation", batch_size=1000)))
    assert batch.target is not None
    assert batch.target_observed is not None
    quantiles = forecaster.predict_quantiles(batch)
    assert (quantiles.diff() >= 0).all()
    assert torch.equal(forecaster.predict(batch), quantiles[..., 2])
    for percent, (low, high) in ((50, (1, 3)), (90, (0, 4))):
        outside = torch.maximum(quantiles[..., low] - batch.target, batch.target - quantiles[..., high])
        mine = outside[:, 1, 2][batch.target_observed[:, 1, 2]]
        assert len(mine) >= 99
        torch.testing.assert_close(found.margin(percent / 100)[1, 2], margins_of(mine, torch.tensor([percent])))


def test_on_the_validation_part_each_sensor_is_covered_as_asked(
    world: World, with_quantiles: tuple[Forecaster, Calibration]
) -> None:
    for forecaster, found in (with_quantiles, calibrated("linear-regression", world)):
        batch = next(iter(forecaster.batches(world.series, "validation", batch_size=1000)))
        assert batch.target is not None
        assert batch.target_observed is not None
        for coverage in (0.5, 0.8, 0.99):
            _, lower, upper = forecaster.predict_bounds(batch, coverage)
            inside = (lower - 1e-3 <= batch.target) & (batch.target <= upper + 1e-3) & batch.target_observed
            own = found.count >= 99
            assert own.sum() > 20
            assert (inside.sum(0)[own] >= coverage * batch.target_observed.sum(0)[own]).all()


def test_neither_the_test_part_nor_what_is_under_the_mask_nor_the_batch_size_matters(world: World) -> None:
    forecaster, one = calibrated("persistence", world)
    values = np.where(world.series.observed, world.series.values, np.float32(1e9))
    values[480:] += 100
    _, other = calibrated("persistence", World(world.graph, replace(world.series, values=values)))
    again = calibrate(forecaster, world.series, batch_size=7)
    assert again is not None
    for found in (other, again):
        assert torch.equal(found.margins, one.margins)
        assert torch.equal(found.count, one.count)


def test_a_large_part_is_looked_at_in_even_steps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    forecaster, whole = calibrated("persistence", world)
    monkeypatch.setitem(calibrate.__globals__, "MOST_SCORES", 30 * 4 * 17)
    thinned = calibrate(forecaster, world.series)
    assert thinned is not None
    assert (whole.windows, thinned.windows) == (111, 28)  # every fourth
    assert torch.equal(thinned.margins[0, 2], thinned.margins[0, 3])  # too few of each sensor by now


@pytest.mark.parametrize("batch_size", [4, 64])
def test_a_rehearsal_takes_the_memory_of_the_performance(
    world: World, with_quantiles: tuple[Forecaster, Calibration], batch_size: int
) -> None:
    for forecaster in (with_quantiles[0], calibrated("linear-regression", world)[0]):
        peaks = []
        for act in (calibrate, rehearse):
            with Alive() as alive:
                act(forecaster, world.series, batch_size=batch_size)
            peaks.append(alive.peak)
        assert peaks[1] == pytest.approx(peaks[0], rel=0.2)


def test_without_a_validation_part_there_is_nothing_to_calibrate_on(world: World) -> None:
    why = ", as no part of the series was held out to measure errors on"
    for split, said in ((Split(0.8, 0.0, 0.2), why), (Split(0.8, 0.01, 0.19), "")):  # the other is too short
        forecaster = fit(world.series, world.graph, "persistence", split=split)
        assert forecaster.calibration is None
        assert forecaster.describe()["bounds"] == f"none{said}"
