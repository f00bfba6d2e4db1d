"""Ridge: scikit-learn is the twin; exact answers are found."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from stgraph.errors import DataError
from stgraph.models import LinearRegression, Task
from stgraph.patches import whole
from tests import contracts
from tests.conftest import World


@pytest.mark.parametrize("penalty", [0.1, 10.0])
def test_it_is_the_ridge_of_scikit_learn_on_what_is_observed(world: World, penalty: float) -> None:
    task = replace(contracts.task_of(world), targets=(0, 1))
    model = LinearRegression(task, penalty=penalty)
    batches = list(contracts.loader_of(model, world, [whole(len(world.graph))]))
    model.fit_closed(batches)
    for sensor in (0, 9):
        x = torch.cat([b.signal[:, :, sensor].flatten(1) for b in batches]).numpy()
        for lead, channel in ((0, 0), (3, 1)):
            y = torch.cat([b.target[:, lead, sensor, channel] for b in batches if b.target is not None]).numpy()
            seen = torch.cat(
                [b.target_observed[:, lead, sensor, channel] for b in batches if b.target_observed is not None]
            ).numpy()
            twin = Ridge(alpha=penalty).fit(x[seen].astype(np.float64), y[seen].astype(np.float64))
            found = torch.cat([model(b)[:, lead, sensor, channel] for b in batches]).numpy()
            np.testing.assert_allclose(found, twin.predict(x.astype(np.float64)), rtol=2e-4, atol=2e-3)


def test_a_linear_law_is_found_exactly(world: World) -> None:
    task = Task(len(world.graph), channels_in=2, history=6, horizon=4, interval=1800, steps_per_day=48, covariates=1)
    model = LinearRegression(task, penalty=1e-9)
    batches = []
    for batch in contracts.loader_of(model, world, [whole(len(world.graph))]):
        law = (2 * batch.signal[:, -1, :, :1] - batch.signal[:, 0, :, 1:] + 3)[:, None].expand(-1, 4, -1, -1)
        batches.append(replace(batch, target=law, target_observed=torch.ones_like(law, dtype=torch.bool)))
    model.fit_closed(batches)
    for batch in batches[:3]:
        assert batch.target is not None
        torch.testing.assert_close(model(batch), batch.target, atol=1e-3, rtol=1e-3)


def test_a_sensor_that_never_spoke_is_forecast_as_the_mean(world: World) -> None:
    model = contracts.fitted("linear-regression", world)
    assert model(contracts.batch_of(model, world))[:, :, 3].abs().max() < 1e-6


def test_a_negative_penalty_is_refused() -> None:
    with pytest.raises(DataError, match="penalty"):
        LinearRegression(Task(sensors=1), penalty=-1.0)
