"""MTGNN: the published count less what nothing reads, all of a long history, and its sensors' own parts."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from stgraph.errors import DataError
from stgraph.models import MTGNN, Task
from stgraph.patches import PatchBatch


def test_the_count_is_the_published_one_less_what_nothing_reads() -> None:
    """405,452 with 3 residual convolutions that nothing calls, and a first skip over the 7 steps of padding too."""
    graph = 2 * 207 * 40 + 2 * (40 * 40 + 40)
    inception = 2 * (32 * 8 * (2 + 3 + 6 + 7) + 4 * 8)
    mix = 2 * (3 * 32 * 32 + 32)
    skips = (12 * 2 * 64 + 64) + sum(steps * 32 * 64 + 64 for steps in (13, 7, 1, 1))
    norms = sum(2 * 207 * 32 * steps for steps in (13, 7, 1))
    ends = (2 * 32 + 32) + (64 * 128 + 128) + (128 * 12 + 12)
    count = graph + 3 * (inception + mix) + skips + norms + ends
    assert count == 405_452 - 3 * (32 * 32 + 32) - 7 * 2 * 64 == 401_388
    assert sum(p.numel() for p in MTGNN(Task(sensors=207)).parameters()) == count


def batch_of(signal: Tensor, horizon: int = 4) -> PatchBatch:
    """All of it observed, at midnight throughout."""
    size, steps, sensors, _ = signal.shape
    calendar = torch.zeros(size, steps + horizon, 1, 3, dtype=torch.long)
    everywhere, nowhere = torch.ones(sensors, dtype=torch.bool), torch.zeros(sensors, dtype=torch.long)
    return PatchBatch(signal, torch.ones_like(signal).bool(), calendar, (), torch.arange(sensors), everywhere, nowhere)


def small(history: int, layers: int = 1, growth: int = 1, sensors: int = 9) -> MTGNN:
    torch.manual_seed(0)
    task = Task(sensors=sensors, history=history, horizon=4)
    return MTGNN(task, hidden=4, layers=layers, growth=growth, vectors=4, neighbours=3, time_of_day=False).eval()


@pytest.mark.parametrize(("layers", "growth", "field"), [(3, 1, 19), (2, 3, 25)])
def test_a_history_longer_than_its_field_is_read_to_the_first_step(layers: int, growth: int, field: int) -> None:
    """By the skips of the layers too, which are as long as their states."""
    model, signal = small(30, layers, growth), torch.randn(2, 30, 9, 1)
    assert model.field == field
    torch.nn.init.zeros_(model.get_parameter("first_skip.1.weight"))
    changed = signal.clone()
    changed[:, 0] += 1.0
    assert (model(batch_of(signal)) - model(batch_of(changed))).abs().max() > 1e-6


def test_a_short_history_is_padded_with_zeros() -> None:
    """With nothing from the first skip, which reads no padding, a history of zeros in front is the same."""
    short, long, signal = small(5), small(7), torch.randn(2, 5, 9, 1)
    others = {key: value for key, value in short.state_dict().items() if key != "first_skip.1.weight"}
    long.load_state_dict(others, strict=False)
    for model in (short, long):
        torch.nn.init.zeros_(model.get_parameter("first_skip.1.weight"))
    padded = torch.cat([torch.zeros(2, 2, 9, 1), signal], dim=1)
    torch.testing.assert_close(long(batch_of(padded)), short(batch_of(signal)))


def test_the_signal_itself_skips_by_hand() -> None:
    """With no other skip than that of the signal, all of ones, the read-out sees the sum of the history."""
    model, signal = small(6), torch.randn(2, 6, 9, 1)
    for name, parameter in model.named_parameters():
        if "skip" in name:
            torch.nn.init.constant_(parameter, float(name == "first_skip.1.weight"))
    total = signal.sum(1).expand(-1, -1, 8)  # (B, N, 2 hidden)
    expected = model.get_submodule("read_out")(total).transpose(1, 2)[..., None]
    torch.testing.assert_close(model(batch_of(signal)), expected)


def test_sensors_carry_their_vectors_scales_and_shifts() -> None:
    model, batch, order = small(12, layers=2), batch_of(torch.randn(2, 12, 9, 1)), torch.arange(9).flip(0)
    for k in range(2):
        torch.nn.init.normal_(model.get_parameter(f"layers.{k}.norm.shift"))
    turned = replace(batch, signal=batch.signal[:, :, order])
    assert not torch.allclose(model(turned), model(batch)[:, :, order], atol=1e-3)
    together = model(replace(turned, sensors=order))
    torch.testing.assert_close(together, model(batch)[:, :, order], atol=1e-5, rtol=1e-4)


def test_it_learns_its_graph_from_the_forecast() -> None:
    model = small(6)
    model(batch_of(torch.randn(2, 6, 9, 1))).square().sum().backward()
    for name in ("graph.leads.weight", "graph.follows.weight"):
        gradient = model.get_parameter(name).grad
        assert gradient is not None
        assert gradient.any(1).all()


def test_one_sensor_is_a_network_too() -> None:
    assert torch.isfinite(small(6, sensors=1)(batch_of(torch.randn(2, 6, 1, 1)))).all()


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(DataError, match="mtgnn: expected neighbours above 0, found 0"):
        MTGNN(Task(sensors=3), neighbours=0)
    with pytest.raises(DataError, match="mtgnn: expected hidden that 4 divides, one part for each kernel, found 6"):
        MTGNN(Task(sensors=3), hidden=6)
