"""ASTGCN: the published count, its attention and its convolution against slow twins, and relabelling."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from stgraph.errors import DataError
from stgraph.models import ASTGCN, Task
from stgraph.models.astgcn import EVERY, _Attention, _Block
from tests import contracts, naive
from tests.conftest import World
from tests.naive import Floats


def test_the_count_is_the_published_one() -> None:
    """207 sensors, one channel in, 12 steps in and out, 2 blocks of 64, three polynomials."""

    def attention(channels: int, places: int, seen_at: int) -> int:
        return seen_at + channels * seen_at + channels + 2 * places**2

    def block(channels: int) -> int:
        both = attention(channels, 12, 207) + attention(channels, 207, 12)
        convolutions = 3 * channels * 64 + (3 * 64 * 64 + 64) + (channels * 64 + 64)
        return both + convolutions + 2 * 64

    count = block(1) + block(64) + 12 * 64 * 12 + 12
    assert count == 237_731
    assert sum(p.numel() for p in ASTGCN(Task(sensors=207)).parameters()) == count


def attended(signal: Floats, theta: dict[str, Floats]) -> Floats:
    """Rows softmax_q(sum_r V_qr sigmoid((u1 x_r) U2 . (x_p u3) + b_pr)) of a signal (P, Q, C)."""
    places = len(signal)
    scores = np.zeros((places, places))
    for p in range(places):
        for r in range(places):
            asked = (theta["u1"][0] @ signal[r]) @ theta["u2"]
            seen = signal[p] @ theta["u3"][0]
            scores[p, r] = 1 / (1 + np.exp(-(asked @ seen + theta["bias"][p, r])))
    shares = np.zeros((places, places))
    for p in range(places):
        for q in range(places):
            shares[p, q] = np.exp(sum(theta["v"][q, r] * scores[p, r] for r in range(places)))
    out: Floats = shares / shares.sum(1, keepdims=True)
    return out


@pytest.mark.parametrize("mixed", [False, True])
def test_attention_is_its_slow_twin(mixed: bool) -> None:
    """And that of a mixed signal is that of the signal mixed first."""
    torch.manual_seed(0)
    layer = _Attention(2, 4, 3).double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    signal, mix = torch.randn(5, 4, 3, 2).double(), torch.rand(5, 3, 3).double()
    found = layer(signal, torch.arange(4), EVERY, mix if mixed else None).detach().numpy()
    theta = {name: p.detach().numpy() for name, p in layer.named_parameters()}
    for window, x, m in zip(found, signal, mix, strict=True):
        seen = torch.stack([m @ place for place in x]) if mixed else x
        np.testing.assert_allclose(window, attended(seen.numpy(), theta), atol=1e-12)
        np.testing.assert_allclose(window.sum(1), 1.0)


def test_the_convolution_weighs_every_polynomial_with_the_shares() -> None:
    """Each window has weights of its own: T_k(L~) times its shares, and of T_0 = I the diagonal."""
    torch.manual_seed(0)
    block = _Block(2, 3, 3, sensors=4, moments=5).double()
    x, weights, shares = torch.randn(2, 4, 5, 2).double(), torch.randn(2, 4, 4).double(), torch.rand(2, 4, 4).double()
    found = block._spread(x, list(weights), shares).detach().numpy()
    for b in range(2):
        expected = np.zeros((5, 4, 3))
        for k, t in enumerate([np.eye(4), *weights.numpy()]):
            theta = block.thetas[k].weight.detach().numpy().T  # type: ignore[operator]
            expected += naive.propagate(x[b].transpose(0, 1).numpy(), t * shares[b].numpy()) @ theta
        np.testing.assert_allclose(found[b], expected.swapaxes(0, 1), atol=1e-12)


def test_attention_is_different_for_each_window(world: World) -> None:
    """What one window sees changes how sensors are weighed in it, and in no other window."""
    model = contracts.model_of("astgcn", world).eval()
    batch = contracts.batch_of(model, world)
    changed = batch.signal.clone()
    changed[0] += 1.0
    other = model(replace(batch, signal=changed))
    torch.testing.assert_close(other[1:], model(batch)[1:])
    assert (other[0] - model(batch)[0]).abs().max() > 1e-3


@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_sensors_carry_their_parameters_and_sparse_weights_are_dense_ones(world: World) -> None:
    model = contracts.model_of("astgcn", world).eval().double()
    batch = contracts.double(contracts.batch_of(model, world))
    order = torch.randperm(17)
    turned = replace(
        batch,
        signal=batch.signal[:, :, order],
        sensors=batch.sensors[order],
        weights=tuple(w[order][:, order] for w in batch.weights),
    )
    torch.testing.assert_close(model(turned), model(batch)[:, :, order])
    sparse = replace(batch, weights=tuple(w.to_sparse_csr() for w in batch.weights))
    torch.testing.assert_close(model(sparse), model(batch))


def test_attention_learns_from_the_start_on_two_hundred_sensors_that_move_together() -> None:
    """Parameters drawn from [0, 1] would sum up to closed sigmoids here."""
    torch.manual_seed(0)
    block = ASTGCN(Task(sensors=207), hidden=8).blocks[1]
    x = (torch.randn(4, 1, 1, 8) + 0.3 * torch.randn(4, 207, 12, 8)).relu()
    block(x, [torch.eye(207), torch.eye(207)], torch.arange(207)).square().sum().backward()
    attention = [p.grad for name, p in block.named_parameters() if "among" in name]
    assert len(attention) == 10
    assert all(grad is not None and grad.any() for grad in attention)


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="astgcn: expected order above 0, found 0"):
        ASTGCN(Task(sensors=3), order=0)
