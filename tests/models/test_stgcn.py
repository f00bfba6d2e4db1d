"""STGCN: the published count less what nothing reads, a block against its slow twin, its padding, and relabelling."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from stgraph.errors import DataError
from stgraph.models import STGCN, Task
from tests import contracts, naive
from tests.conftest import World
from tests.naive import Floats


def test_the_count_is_the_published_one_less_what_nothing_reads() -> None:
    """246,028 with an alignment at every layer that widens or keeps its width, whose result nothing reads."""

    def gate(channels_in: int, channels_out: int, taps: int) -> int:
        return taps * channels_in * 2 * channels_out + 2 * channels_out

    def align(channels_in: int, channels_out: int) -> int:
        return channels_in * channels_out + channels_out

    graph = align(64, 16) + 3 * 16 * 16 + 16
    blocks = sum(gate(c, 64, 3) + graph + gate(16, 64, 3) + 2 * 207 * 64 for c in (1, 64))
    read_out = gate(64, 128, 12 - 8) + 2 * 207 * 128 + 128 * 128 + 128 + 128 * 12 + 12
    unread = align(1, 64) + 2 * align(16, 64) + align(64, 64) + align(64, 128)
    assert blocks + read_out == 246_028 - unread == 231_244
    assert sum(p.numel() for p in STGCN(Task(sensors=207)).parameters()) == 231_244


def test_a_block_is_its_slow_twin() -> None:
    """One window of 4 steps, 3 sensors, 2 channels; 2 taps, 3 wide over time, 2 over the graph."""
    torch.manual_seed(0)
    block = STGCN(Task(sensors=3, channels_in=2), hidden=3, bottleneck=2, kernel=2).eval().double().blocks[0]
    signal, weights, order = torch.randn(1, 4, 3, 2).double(), torch.rand(2, 3, 3).double(), torch.arange(3)
    found = block(signal, list(weights), order)[0].detach().numpy()
    theta = {name: p.detach().numpy() for name, p in block.named_parameters()}

    def gate(x: Floats, name: str) -> Floats:
        out = np.zeros((len(x) - 1, 3, 3))
        for t in range(len(x) - 1):
            for i in range(3):
                seen = np.concatenate([x[t, i], x[t + 1, i]])
                both = theta[f"{name}.filter_and_gate.weight"] @ seen + theta[f"{name}.filter_and_gate.bias"]
                kept = np.append(x[t + 1, i], np.zeros(3 - x.shape[2]))
                out[t, i] = (both[:3] + kept) / (1 + np.exp(-both[3:]))
        return out

    z = gate(signal[0].numpy(), "before") @ theta["narrow.weight"].T + theta["narrow.bias"]
    spread = z + z @ theta["convolution.own.weight"].T + theta["convolution.bias"]
    for k, w in enumerate(weights.numpy()):
        spread = spread + naive.propagate(z, w) @ theta[f"convolution.neighbours.{k}.weight"].T
    h = gate(np.maximum(spread, 0), "after")
    for t, step in enumerate(h):
        np.testing.assert_allclose(found[t], (step - step.mean()) / (step.var() + 1e-5) ** 0.5, atol=1e-12)


def test_a_short_history_is_padded_with_zeros(speed_world: World) -> None:
    """Three more steps of zeros in front are what it sees in any case: two blocks need nine."""
    torch.manual_seed(0)
    short = STGCN(contracts.task_of(speed_world), hidden=4).eval()
    batch = contracts.batch_of(short, speed_world)
    long = STGCN(replace(short.task, history=9), hidden=4).eval()
    long.load_state_dict(short.state_dict())
    zeros = torch.zeros(8, 3, 17, 1)
    padded = replace(
        batch,
        signal=torch.cat([zeros, batch.signal], 1),
        observed=torch.cat([zeros.bool(), batch.observed], 1),
        calendar=torch.cat([batch.calendar[:, :3], batch.calendar], 1),
    )
    torch.testing.assert_close(long(padded), short(batch))


def test_a_long_history_is_read_to_its_first_step(speed_world: World) -> None:
    torch.manual_seed(0)
    model = STGCN(replace(contracts.task_of(speed_world), history=14), hidden=4).eval()
    short = contracts.batch_of(contracts.model_of("stgcn", speed_world), speed_world)
    signal = torch.randn(2, 14, 17, 1)
    batch = replace(
        short,
        signal=signal,
        observed=torch.ones_like(signal, dtype=torch.bool),
        calendar=torch.zeros(2, 18, 1, 3, dtype=torch.long),
        target=None,
        target_observed=None,
    )
    changed = signal.clone()
    changed[:, 0] += 5
    assert (model(replace(batch, signal=changed)) - model(batch)).abs().max() > 1e-4


def test_sensors_carry_their_normalisation(world: World) -> None:
    model = contracts.model_of("stgcn", world).eval().double()
    for name, parameter in model.named_parameters():
        if "norm" in name:
            torch.nn.init.normal_(parameter)
    batch = contracts.double(contracts.batch_of(model, world))
    order = torch.randperm(17)
    turned = replace(
        batch,
        signal=batch.signal[:, :, order],
        sensors=batch.sensors[order],
        weights=tuple(w[order][:, order] for w in batch.weights),
    )
    torch.testing.assert_close(model(turned), model(batch)[:, :, order])


def test_one_polynomial_is_the_identity_and_needs_no_weights() -> None:
    assert STGCN(Task(sensors=3), order=1).weights == ()
    assert [w.order for w in STGCN(Task(sensors=3), order=4).weights] == [1, 2, 3]


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="stgcn: expected bottleneck above 0, found 0"):
        STGCN(Task(sensors=3), bottleneck=0)
