"""AGCRN: the published count and the order of time."""

from dataclasses import replace

import pytest
import torch

from stgraph.errors import DataError
from stgraph.models import AGCRN, Task
from tests import contracts
from tests.conftest import World


def test_the_count_is_the_published_one() -> None:
    """207 sensors, speed and time of day in, vectors of 10, 2 layers of 64, order 2."""

    def cell(channels: int) -> int:
        return 10 * (2 * (channels + 64) * 192 + 192)

    count = 207 * 10 + cell(2) + cell(64) + 64 * 12 + 12
    assert count == 751_650
    assert sum(p.numel() for p in AGCRN(Task(sensors=207), time_of_day=True).parameters()) == count


def test_the_order_of_time_matters_and_sensors_carry_their_vectors(world: World) -> None:
    model = contracts.model_of("agcrn", world).eval()
    batch = contracts.batch_of(model, world)
    assert (model(batch) - model(replace(batch, signal=batch.signal.flip(1)))).abs().max() > 1e-3
    order = torch.arange(17).flip(0)
    turned = replace(batch, signal=batch.signal[:, :, order], sensors=batch.sensors[order])
    torch.testing.assert_close(model(turned), model(batch)[:, :, order], atol=1e-5, rtol=1e-4)


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="agcrn: expected vectors above 0, found 0"):
        AGCRN(Task(sensors=3), vectors=0)
