"""ST-Norm: the published count less what nothing reads, its field, and what each normalisation takes away."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from stgraph.errors import DataError
from stgraph.models import STNorm, Task
from stgraph.patches import PatchBatch


def test_the_count_is_the_published_one_less_what_nothing_reads() -> None:
    """223,756 with the last layer's residual convolution."""
    layer = 2 * 207 * 32 + 2 * 32 + 2 * (2 * 96 * 32 + 32) + 2 * (32 * 32 + 32)
    count = (2 * 32 + 32) + 8 * layer - (32 * 32 + 32) + (32 * 32 + 32) + (32 * 12 + 12)
    assert count == 223_756 - (32 * 32 + 32) == 222_700
    assert sum(p.numel() for p in STNorm(Task(sensors=207)).parameters()) == count


def small(history: int, sensors: int = 9) -> STNorm:
    """A model without the clock, whose normalisations have something to say."""
    torch.manual_seed(0)
    task = Task(sensors=sensors, history=history, horizon=4)
    model = STNorm(task, hidden=4, blocks=2, time_of_day=False).double()
    for name, parameter in model.named_parameters():
        if name.endswith(("scale", "shift")):
            torch.nn.init.normal_(parameter, mean=1.0)
    return model


def batch_of(signal: Tensor, horizon: int = 4) -> PatchBatch:
    """All of it observed, at midnight throughout."""
    size, steps, sensors, _ = signal.shape
    calendar = torch.zeros(size, steps + horizon, 1, 3, dtype=torch.long)
    everywhere, nowhere = torch.ones(sensors, dtype=torch.bool), torch.zeros(sensors, dtype=torch.long)
    return PatchBatch(signal, torch.ones_like(signal).bool(), calendar, (), torch.arange(sensors), everywhere, nowhere)


def read_only(model: STNorm, part: int) -> None:
    """Let the gated convolutions read one of the state, its temporal and its spatial normalisation."""
    kept = torch.arange(3) == part
    for layer in model.layers:
        theta = layer.get_parameter("gated.filter_and_gate.weight").detach()
        theta.view(-1, 2, 3, 4).mul_(kept[:, None])  # (filters and gates, taps, parts, C)


def change(model: STNorm, signal: Tensor, other: Tensor) -> float:
    with torch.no_grad():
        return float((model(batch_of(signal)) - model(batch_of(other))).abs().max())


def test_it_sees_as_many_steps_as_its_field_and_no_more() -> None:
    model = small(history=10).eval()
    assert model.field == 7
    signal = torch.randn(2, 10, 9, 1).double()
    for step, seen in ((2, False), (3, True)):
        changed = signal.clone()
        changed[:, step] += 5
        assert (change(model, signal, changed) > 1e-6) == seen


def test_a_short_history_is_padded_with_zeros() -> None:
    short, long = small(history=4).eval(), small(history=7).eval()
    signal = torch.randn(2, 4, 9, 1).double()
    padded = torch.cat([torch.zeros(2, 3, 9, 1).double(), signal], dim=1)
    torch.testing.assert_close(long(batch_of(padded)), short(batch_of(signal)))


def test_what_rises_everywhere_at_once_is_not_in_the_spatial_part() -> None:
    model = small(history=7).eval()
    signal = torch.randn(2, 7, 9, 1).double()
    rise = torch.randn(2, 7, 1, 1).double()
    assert change(model, signal, signal + rise) > 1e-3
    read_only(model, part=2)
    assert change(model, signal, signal + rise) < 1e-12


def test_a_sensors_level_is_not_in_the_temporal_part() -> None:
    """In training, where a level is that of the batch; in evaluation it is the running one, and the change is seen."""
    model = small(history=7).train()
    signal = torch.randn(2, 7, 9, 1).double()
    level = torch.randn(9, 1).double()
    assert change(model, signal, signal + level) > 1e-3
    read_only(model, part=1)
    assert change(model, signal, signal + level) < 1e-12
    assert change(model.eval(), signal, signal + level) > 1e-3


def test_sensors_carry_their_levels() -> None:
    model = small(history=7).train()
    batch, order = batch_of(torch.randn(2, 7, 9, 1).double()), torch.arange(9).flip(0)
    model(batch)
    model.eval()
    turned = replace(batch, signal=batch.signal[:, :, order])
    assert not torch.allclose(model(turned), model(batch)[:, :, order])
    torch.testing.assert_close(model(replace(turned, sensors=order)), model(batch)[:, :, order])


def test_one_sensor_is_a_network_too() -> None:
    model = small(history=7, sensors=1)
    assert torch.isfinite(model.train()(batch_of(torch.randn(2, 7, 1, 1).double()))).all()
    assert torch.isfinite(model.eval()(batch_of(torch.randn(2, 7, 1, 1).double()))).all()


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="stnorm: expected blocks above 0, found 0"):
        STNorm(Task(sensors=3), blocks=0)
