"""STAEformer: the published count, a layer by hand, and what makes a sensor itself."""

from dataclasses import replace
from typing import get_args

import pytest
import torch
from torch import Tensor, nn

from stgraph.errors import DataError
from stgraph.layers.attention import Over
from stgraph.models import STAEformer, Task
from stgraph.models.staeformer import _Layer
from tests import contracts, naive
from tests.conftest import World


def test_the_count_is_the_published_one() -> None:
    """207 sensors, 12 -> 12, three channels in, 24 + 24 + 24 + 80 wide, feed-forward 256, 3 + 3 layers."""
    width = 3 * 24 + 80
    attention, perceptron = 4 * (width * width + width), width * 256 + 256 + 256 * width + width
    layer = attention + perceptron + 2 * 2 * width
    count = 3 * 24 + 24 + (288 + 7) * 24 + 12 * 207 * 80 + 6 * layer + 12 * width * 12 + 12
    assert count == 1_258_980
    assert sum(p.numel() for p in STAEformer(Task(sensors=207)).parameters()) == count


@pytest.mark.parametrize("over", get_args(Over))
def test_a_layer_is_its_equations(over: Over) -> None:
    """Attention by loops, added and normalised; then the perceptron, added and normalised."""
    torch.manual_seed(0)
    layer = _Layer(over, 6, 2, 5, 0.1).double().eval()
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    z = torch.randn(2, 3, 4, 6).double()
    query, kv = (of(z).detach().numpy() for of in (layer.attention.query, layer.attention.key_value))
    everybody = torch.ones((2, 4, 3, 3) if over == "time" else (2, 3, 4, 4), dtype=torch.bool)
    gathered = naive.multi_head_attention(
        query, kv[..., :6], kv[..., 6:], everybody.numpy(), over=over, heads=2, a=None
    )
    attended = normalised(z + layer.attention.out(torch.from_numpy(gathered)), layer.attended)
    first, first_bias, second, second_bias = layer.perceptron.parameters()
    fed = torch.relu(attended @ first.T + first_bias) @ second.T + second_bias
    torch.testing.assert_close(layer(z), normalised(attended + fed, layer.fed), atol=1e-10, rtol=0)


def normalised(z: Tensor, norm: nn.LayerNorm) -> Tensor:
    centred = z - z.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt() * norm.weight + norm.bias


def test_the_adaptive_embedding_alone_tells_sensors_apart(world: World) -> None:
    """Without it, sensors that swap histories swap forecasts; with it, they must carry their index along."""
    model = contracts.model_of("staeformer", world).eval()
    assert isinstance(model, STAEformer)
    batch = contracts.batch_of(model, world)
    order = torch.arange(17).flip(0)
    turned = replace(batch, signal=batch.signal[:, :, order], observed=batch.observed[:, :, order])
    carried = replace(turned, sensors=batch.sensors[order])
    torch.testing.assert_close(model(carried), model(batch)[:, :, order])
    assert (model(turned) - model(batch)[:, :, order]).abs().max() > 1e-3
    with torch.no_grad():
        model.adaptive[:, 5] = model.adaptive[:, 11]
        twins = replace(batch, signal=batch.signal[:, :, :1].expand_as(batch.signal))
        out = model(twins)
        torch.testing.assert_close(out[:, :, 5], out[:, :, 11])
        assert (out[:, :, 5] - out[:, :, 12]).abs().max() > 1e-3
        model.adaptive.zero_()
    torch.testing.assert_close(model(turned), model(batch)[:, :, order])


def test_each_sensor_looks_at_all_others(world: World) -> None:
    model = contracts.model_of("staeformer", world).eval()
    batch = contracts.batch_of(model, world)
    signal = batch.signal.clone()
    signal[:, 0, 16] += 3.0  # the sensor without a road
    changed = (model(replace(batch, signal=signal)) - model(batch)).abs().amax((0, 1, 3))
    assert changed.min() > 1e-6


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layers": 0}, "staeformer: expected layers above 0, found 0"),
        ({"heads": 5}, r"staeformer: expected heads that divide 3 embedding \+ adaptive = 152, found 5"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        STAEformer(Task(sensors=3), **settings)
