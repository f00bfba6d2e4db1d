"""Attention: equal to loops and to PyTorch's own, over either axis; masked, crossed, and blind to order."""

from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from stgraph.errors import DataError
from stgraph.layers import Attention, attend
from stgraph.layers.attention import Over, Score
from tests import naive


def layer(over: Over, score: Score = "dot-product", *, heads: int = 2, context: int | None = None) -> Attention:
    torch.manual_seed(0)
    return Attention(8, heads, over=over, score=score, context_channels=context).double()


def signal(steps: int = 5, sensors: int = 4, channels: int = 8, seed: int = 1) -> Tensor:
    return torch.randn(2, steps, sensors, channels, generator=torch.Generator().manual_seed(seed)).double()


@settings(deadline=None)  # the first call warms PyTorch up
@given(
    over=st.sampled_from(get_args(Over)),
    score=st.sampled_from(get_args(Score)),
    heads=st.sampled_from([1, 2, 4]),
    seed=st.integers(0, 50),
)
def test_it_equals_the_loops(over: Over, score: Score, heads: int, seed: int) -> None:
    """With another sequence as context, and each pair allowed or not at random, some looking at nobody."""
    model = layer(over, score, heads=heads, context=6)
    context = signal(3, 4, 6, seed) if over == "time" else signal(5, 3, 6, seed)
    looked = (2, 4, 5, 3) if over == "time" else (2, 5, 4, 3)
    mask = torch.rand(looked, generator=torch.Generator().manual_seed(seed)) < 0.6
    query = model.query(signal()).detach().numpy()
    key, value = (x.detach().numpy() for x in model.key_value(context).chunk(2, dim=-1))
    a = None if model.additive is None else model.additive.detach().numpy()
    gathered = naive.multi_head_attention(query, key, value, mask.numpy(), over=over, heads=heads, a=a)
    expected = model.out(torch.from_numpy(gathered)).detach()
    torch.testing.assert_close(model(signal(), context, mask=mask).detach(), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("over", get_args(Over))
def test_it_is_the_multi_head_attention_of_pytorch(over: Over) -> None:
    model, theirs = layer(over), nn.MultiheadAttention(8, 2, batch_first=True).double()
    state = {
        "in_proj_weight": torch.cat([model.query.weight, model.key_value.weight]),
        "in_proj_bias": torch.cat([model.query.bias, model.key_value.bias]),
        "out_proj.weight": model.out.weight,
        "out_proj.bias": model.out.bias,
    }
    theirs.load_state_dict(state)
    x = signal()
    rows = x.transpose(1, 2).flatten(0, 1) if over == "time" else x.flatten(0, 1)
    out, _ = theirs(rows, rows, rows)
    out = out.view(2, 4, 5, 8).transpose(1, 2) if over == "time" else out.view(2, 5, 4, 8)
    torch.testing.assert_close(model(x), out, atol=1e-12, rtol=0)


def test_an_additive_score_by_hand() -> None:
    """One head of one channel: q = 0 looks at k = 0 and atanh(1/2) with a = ln 9 / (1/2): shares 1 : 9."""
    model = Attention(1, over="time", score="additive")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.key_value.weight.fill_(1.0)
        model.out.weight.fill_(1.0)
        assert model.additive is not None
        model.additive.fill_(2 * np.log(9))
    k = float(np.arctanh(0.5))
    context = torch.tensor([0.0, k]).view(1, 2, 1, 1)
    assert float(model(torch.zeros(1, 1, 1, 1), context).detach()) == pytest.approx(0.9 * k)


@pytest.mark.parametrize("score", get_args(Score))
def test_the_order_of_what_is_looked_at_does_not_matter(score: Score) -> None:
    """Self-attention carries a relabelling through; a context may be shuffled."""
    order = torch.randperm(4, generator=torch.Generator().manual_seed(0))
    model, x = layer("sensors", score), signal()
    torch.testing.assert_close(model(x[:, :, order]), model(x)[:, :, order], atol=1e-12, rtol=0)
    torch.testing.assert_close(model(x, x[:, :, order]), model(x), atol=1e-12, rtol=0)


@pytest.mark.parametrize("score", get_args(Score))
@pytest.mark.parametrize("over", get_args(Over))
def test_what_is_masked_has_no_influence_and_gets_no_gradient(over: Over, score: Score) -> None:
    model, x = layer(over, score), signal()
    spoiled = x.clone()
    spoiled[:, 2:, 1:] += 1e6
    seen = torch.ones(2, 5, 4, dtype=torch.bool)
    seen[:, 2:, 1:] = False
    mask = seen.transpose(1, 2)[:, :, None] if over == "time" else seen[:, :, None]
    context = spoiled.requires_grad_()
    out = model(x, context, mask=mask)
    torch.testing.assert_close(out, model(x, mask=mask))
    out.sum().backward()
    assert context.grad is not None
    assert not context.grad[~seen].any()
    assert context.grad[seen].any()
    if over == "sensors":  # sensor 0 is always seen
        return
    nobody = model(x, mask=torch.zeros(5, 5, dtype=torch.bool))
    torch.testing.assert_close(nobody, model.out.bias.expand_as(nobody))


def test_a_causal_mask_hides_the_future() -> None:
    x, causal = signal(), torch.ones(5, 5, dtype=torch.bool).tril()
    later = torch.cat([x[:, :3], signal(seed=7)[:, 3:]], dim=1)
    one, other = (attend(s, s, s, over="time", heads=2, mask=causal) for s in (x, later))
    torch.testing.assert_close(one[:, :3], other[:, :3], atol=0, rtol=0)
    assert (one[:, 3:] - other[:, 3:]).abs().max() > 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"heads": 3, "over": "time"}, "heads: expected a divisor of 8 channels, found 3"),
        ({"over": "space"}, "over: expected one of time, sensors, found 'space'"),
        ({"over": "time", "score": "cosine"}, "score: expected one of dot-product, additive, found 'cosine'"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Attention(8, **arguments)  # type: ignore[arg-type]
