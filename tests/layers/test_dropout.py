"""Dropout: its share, its mean, its derivative, and nothing outside training."""

import pytest
import torch

from stgraph.errors import DataError
from stgraph.layers import Dropout


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.999])
def test_it_drops_its_share_and_keeps_the_mean(share: float) -> None:
    """Of a million entries: five deviations of a binomial share."""
    torch.manual_seed(0)
    out = Dropout(share)(torch.ones(1_000_001))
    dropped = (out == 0).float().mean().item()
    assert dropped == pytest.approx(share, abs=5 * (share * (1 - share) / 1e6) ** 0.5 + 2**-17)
    assert out[out != 0].unique().numel() == 1
    assert out.max().item() == pytest.approx(1 / (1 - share), rel=2**-17 / (1 - share) + 1e-6)


def test_entries_are_dropped_one_by_one() -> None:
    """Neighbours that share a random number fall as often together as chance has it."""
    torch.manual_seed(0)
    kept = (Dropout(0.5)(torch.ones(400_000)) > 0).view(-1, 4).float()
    both = torch.corrcoef(kept.T) - torch.eye(4)
    assert both.abs().max() < 5 / 100_000**0.5


def test_it_is_drawn_by_the_seed_and_anew_each_time() -> None:
    layer, ones = Dropout(0.5), torch.ones(1000)
    torch.manual_seed(0)
    first, second = layer(ones), layer(ones)
    torch.manual_seed(0)
    assert torch.equal(layer(ones), first)
    assert not torch.equal(first, second)


def test_its_derivative_is_what_it_multiplied_with() -> None:
    signal = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    out = Dropout(0.4)(signal)
    (grad,) = torch.autograd.grad(out.sum(), signal)
    torch.testing.assert_close(out, grad * signal)


def test_outside_training_and_with_a_share_of_nothing_it_does_nothing() -> None:
    signal = torch.randn(4)
    assert Dropout(0.5).eval()(signal) is signal
    assert Dropout(0.0)(signal) is signal
    assert not Dropout(1.0)(signal).any()


def test_a_share_beyond_all_is_refused() -> None:
    with pytest.raises(DataError, match=r"dropout: expected a share from 0 to 1, found 1\.5"):
        Dropout(1.5)
