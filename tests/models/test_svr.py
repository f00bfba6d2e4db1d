"""Support vector regression: answers known by hand, and LIBSVM, which solves the textbook's problem, as the twin."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn import svm
from torch import Tensor

from stgraph.errors import DataError
from stgraph.forecasting import fit
from stgraph.models import SVR, Task
from stgraph.patches import PatchBatch, whole
from stgraph.series import Scaler
from stgraph.training.train import scaled
from tests import contracts
from tests.conftest import World

ONE = Task(sensors=1, history=1, horizon=1)
X = (-1.0, 0.0, 1.0)


def windows(signal: tuple[float, ...], target: Tensor, observed: Tensor | None = None) -> PatchBatch:
    """Windows of one sensor with one step of history each, and targets (B, H)."""
    shown, target = torch.tensor(signal).view(-1, 1, 1, 1), target.view(len(target), -1, 1, 1)
    seen = torch.ones_like(target, dtype=torch.bool) if observed is None else observed.view(target.shape)
    calendar = torch.zeros(len(target), 1 + target.shape[1], 1, 3, dtype=torch.long)
    zero = torch.zeros(1, dtype=torch.long)
    return PatchBatch(
        shown,
        torch.ones_like(shown, dtype=torch.bool),
        calendar,
        (),
        zero,
        zero == 0,
        zero,
        target=target,
        target_observed=seen,
    )


@pytest.mark.parametrize(
    ("target", "epsilon", "slope", "intercept"),
    [
        ((-1, 1, 3), 0.0, 2.0, 1.0),  # the line itself
        ((-1, 1, 3), 0.5, 1.5, 1.0),  # the flattest line that comes within 0.5 of each point: from -0.5 to 2.5
        ((4, 4.5, 5), 1.0, 0.0, None),  # a level line comes near enough
    ],
)
def test_the_line_is_the_flattest_in_the_tube(
    target: tuple[float, ...], epsilon: float, slope: float, intercept: float | None
) -> None:
    model = SVR(ONE, cost=100.0, epsilon=epsilon)
    model.fit_closed([windows(X, torch.tensor(target))])
    w, b = model.coefficients[0, :, 0].tolist()
    assert w == pytest.approx(slope, abs=2e-3)
    if intercept is not None:
        assert b == pytest.approx(intercept, abs=2e-3)


def test_one_wild_value_moves_nothing() -> None:
    """Where all histories are alike the forecast is the median, whatever the largest value is."""
    for wild in (10.0, 1000.0):
        model = SVR(ONE, cost=1e4, epsilon=0.0)
        model.fit_closed([windows((1.0,) * 5, torch.tensor([1.0, 2.0, 3.0, 4.0, wild]))])
        assert float(model(windows((1.0,), torch.zeros(1)))) == pytest.approx(3, abs=1e-2)


@pytest.mark.parametrize(("cost", "epsilon"), [(1.0, 0.1), (0.1, 0.0)])
def test_it_is_the_linear_svr_of_libsvm_on_what_is_observed(world: World, cost: float, epsilon: float) -> None:
    task = replace(contracts.task_of(world), targets=(0, 1))
    model = SVR(task, cost=cost, epsilon=epsilon)
    batches = scaled_batches(model, world)
    model.fit_closed(batches)
    for sensor in (0, 9):
        x = torch.cat([b.signal[:, :, sensor].flatten(1) for b in batches]).numpy()
        for lead, channel in ((0, 0), (3, 1)):
            y, seen = column(batches, lead, sensor, channel)
            twin = svm.SVR(kernel="linear", C=cost, epsilon=epsilon, tol=1e-5).fit(x[seen], y[seen])
            found = torch.cat([model(b)[:, lead, sensor, channel] for b in batches]).numpy()
            np.testing.assert_allclose(found, twin.predict(x), atol=0.02)
            assert np.abs(found).mean() > 0.2


def test_the_flat_one_is_fitted_on_the_mean_of_the_observed_horizon(world: World) -> None:
    model = SVR(contracts.task_of(world), flat=True)
    batches = scaled_batches(model, world)
    model.fit_closed(batches)
    assert model.coefficients.shape[2] == 1
    sensor = 9
    x = torch.cat([b.signal[:, :, sensor].flatten(1) for b in batches]).numpy()
    y, seen = zip(*[column(batches, lead, sensor, 0) for lead in range(contracts.HORIZON)], strict=True)
    mean = np.ma.masked_array(y, ~np.array(seen)).mean(0)
    known = ~np.ma.getmaskarray(mean)
    twin = svm.SVR(kernel="linear", tol=1e-5).fit(x[known], mean.data[known])
    out = torch.cat([model(b)[:, :, sensor, 0] for b in batches])
    assert all(torch.equal(one, other) for one, other in pairwise(out.unbind(1)))
    np.testing.assert_allclose(out[:, 0].numpy(), twin.predict(x), atol=0.02)


def test_a_stride_is_every_so_manieth_window(world: World) -> None:
    thinned, all_of_them = (fitted(SVR(contracts.task_of(world), stride=stride), world) for stride in (3, 1))
    model = SVR(contracts.task_of(world))
    every = list(contracts.loader_of(model, world, [whole(len(world.graph))], size=1))
    model.fit_closed(every[::3])
    assert torch.equal(thinned.coefficients, model.coefficients)
    assert not torch.equal(thinned.coefficients, all_of_them.coefficients)


def test_a_sensor_that_never_spoke_is_forecast_as_the_mean(world: World) -> None:
    forecaster = fit(world.series, world.graph, "svr", history=2, horizon=1, settings={"stride": 5}, bounds=False)
    np.testing.assert_allclose(forecaster.forecast().values[0, 3, 0], forecaster.scaler.mean[0], rtol=1e-6)


@pytest.mark.parametrize("bad", [{"cost": 0.0}, {"epsilon": -0.1}, {"stride": 0}])
def test_a_bad_setting_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(DataError, match=f"svr: expected {next(iter(bad))} .*found {next(iter(bad.values()))}"):
        SVR(ONE, **bad)  # type: ignore[arg-type]  # one of several, each of its own type


def fitted(model: SVR, world: World) -> SVR:
    model.fit_closed(contracts.loader_of(model, world, [whole(len(world.graph))], window=model.closed_window()))
    return model


def scaled_batches(model: SVR, world: World) -> list[PatchBatch]:
    """Batches as training brings them."""
    scaler = Scaler.fit(world.series, [(0, 300)]).select(model.task.targets)
    return list(scaled(contracts.loader_of(model, world, [whole(len(world.graph))]), scaler))


def column(batches: list[PatchBatch], lead: int, sensor: int, channel: int) -> tuple[np.ndarray, np.ndarray]:
    """Targets of one sensor and lead, and whether they were observed."""
    y = torch.cat([b.target[:, lead, sensor, channel] for b in batches if b.target is not None])
    seen = torch.cat([b.target_observed[:, lead, sensor, channel] for b in batches if b.target_observed is not None])
    return y.numpy(), seen.numpy()
