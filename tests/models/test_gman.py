"""GMAN: its authors' count, a block by its equations, and the biases that nothing can see."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from stgraph.errors import DataError
from stgraph.models import GMAN, Task, build_model
from stgraph.models.gman import _Block, _Normalised, _Perceptron
from stgraph.training import random_batch
from tests import contracts, naive
from tests.conftest import World

D = 64


def test_the_count_is_that_of_the_authors_code_less_biases_that_nothing_can_see() -> None:
    """207 sensors, 12 -> 12, 5 blocks each way, 64 wide; an activated map has a bias, a scale and a shift there."""

    def active(channels: int) -> int:
        return channels * D + 3 * D

    def mlp(channels: int) -> int:
        return active(channels) + D * D + D

    attention = 3 * active(2 * D) + mlp(D)
    block = 2 * attention + (D * D) + (D * D + D) + mlp(D)
    theirs = mlp(1) + mlp(D) + mlp(288 + 7) + 10 * block + 3 * active(D) + mlp(D) + active(D) + D + 1
    assert theirs == 900_801
    before_a_normalisation = 3 + 10 * 9 + 4 + 1  # of each activated map
    added_to_h_or_e = 3 + 10 + 1  # read-in, place and moment; each block; between encoder and decoder
    count = theirs - (before_a_normalisation + added_to_h_or_e) * D
    assert sum(p.numel() for p in GMAN(Task(sensors=207)).parameters()) == count == 893_633


def test_the_biases_left_out_could_not_be_seen(world: World) -> None:
    """Set at random, they change no forecast: the batch's own mean takes them out."""
    model = build_model(GMAN, contracts.task_of(world), contracts.SMALL["gman"] | {"dropout": 0.0}).double()
    batch = contracts.batch_of(model, world).to("cpu", torch.float64)
    before = model(batch)
    linears = {name: part for name, part in model.named_modules() if isinstance(part, nn.Linear) and part.bias is None}
    silent = [part for name, part in linears.items() if not name.endswith(("gate_sensors", "projections"))]
    for linear in silent:
        linear.bias = nn.Parameter(torch.randn(8).double())
    torch.testing.assert_close(model(batch), before, atol=1e-9, rtol=0)
    assert len(silent) == (3 + 3 * 2 + 4) + (3 + 2 + 1)


@pytest.mark.parametrize("causal", [True, False])
def test_a_block_is_its_equations(causal: bool) -> None:
    """[h | e] laid side by side, each attention by loops, the gate, and the sum."""
    torch.manual_seed(0)
    block = _Block(4, 2, causal=causal).double().train()
    h, place, moment = torch.randn(2, 3, 5, 4).double(), torch.randn(5, 4).double(), torch.randn(2, 3, 1, 4).double()
    known = torch.cat([h, place + moment], dim=-1)
    qkv = relu_norm(known @ block.projections.weight.T).chunk(6, dim=-1)
    past = torch.ones(3, 3).tril() if causal else torch.ones(3, 3)
    masks = {"sensors": torch.ones(2, 3, 5, 5), "time": past.expand(2, 5, 3, 3)}
    seen = {}
    for k, (over, perceptron) in enumerate((("sensors", block.sensors), ("time", block.time))):
        q, key, v = (x.detach().numpy() for x in qkv[3 * k : 3 * k + 3])
        gathered = naive.multi_head_attention(q, key, v, masks[over].bool().numpy(), over=over, heads=2, a=None)
        seen[over] = mlp(perceptron, torch.from_numpy(gathered))
    s, t = seen["sensors"], seen["time"]
    z = torch.sigmoid(s @ block.gate_sensors.weight.T + t @ block.gate_time.weight.T + block.gate_time.bias)
    expected = h + mlp(block.fused, z * s + (1 - z) * t)
    torch.testing.assert_close(block(h, place, moment), expected, atol=1e-10, rtol=0)


def relu_norm(x: Tensor) -> Tensor:
    """Of a layer as it begins: scale 1, shift 0."""
    mean = x.mean((0, 1, 2))
    return torch.relu((x - mean) / ((x - mean).square().mean((0, 1, 2)) + 1e-3).sqrt())


def mlp(perceptron: _Perceptron, x: Tensor) -> Tensor:
    first, second = perceptron.projection.linear, perceptron.out
    return functional.linear(relu_norm(x @ first.weight.T), second.weight, second.bias)


def test_a_causal_block_hides_the_moments_after() -> None:
    torch.manual_seed(0)
    h, place, moment = torch.randn(2, 6, 5, 4), torch.randn(5, 4), torch.randn(2, 6, 1, 4)
    later = torch.cat([h[:, :3], torch.randn(2, 3, 5, 4)], dim=1)
    for causal in (True, False):
        block = _Block(4, 2, causal=causal).eval()
        assert torch.allclose(block(later, place, moment)[:, :3], block(h, place, moment)[:, :3]) == causal


def test_the_table_is_one_hot_day_and_time_times_a_matrix(world: World) -> None:
    model = contracts.model_of("gman", world).eval()
    assert isinstance(model, GMAN)
    batch = contracts.batch_of(model, world)
    step, day, _ = batch.calendar[0, :, 0].unbind(-1)
    one_hot = torch.cat([functional.one_hot(day, 7), functional.one_hot(step, 48)], dim=-1).float()
    heard: list[Tensor] = []
    model.moment.register_forward_pre_hook(lambda _, found: heard.append(found[0]))
    model(batch)
    torch.testing.assert_close(heard[0][0, :, 0], one_hot @ model.day_and_time.weight)


def test_a_sensor_is_known_by_its_history_and_its_place(world: World) -> None:
    """Of two sensors with one history, the ends of an even road are told apart by nothing, its middle is."""
    model = contracts.model_of("gman", world).double().eval()
    batch = contracts.batch_of(model, world).to("cpu", torch.float64)
    forward = torch.eye(17).roll(1, 1).double()
    forward[16, 0] = 0.0
    same = batch.signal[:, :, :1].expand_as(batch.signal)
    out = model(replace(batch, signal=same, weights=(forward, forward.T)))
    torch.testing.assert_close(out[:, :, 0], out[:, :, 16], atol=1e-10, rtol=0)
    assert (out[:, :, 0] - out[:, :, 8]).abs().max() > 1e-3


def test_one_sensor_is_a_network_too() -> None:
    model = GMAN(Task(sensors=1), hidden=4, heads=2, blocks=1)
    batch = random_batch(model, 2)
    for training in (True, False):
        out = model.train(training)(batch)
        assert out.shape == (2, 12, 1, 1)
        assert torch.isfinite(out).all()
    lone = _Normalised(3)
    assert torch.equal(lone(torch.randn(1, 3)), torch.zeros(1, 3))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"walk": 0}, "gman: expected walk above 0, found 0"),
        ({"heads": 5}, "gman: expected heads that divide hidden = 64, found 5"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        GMAN(Task(sensors=3), **settings)
