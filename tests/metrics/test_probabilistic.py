"""Scores of quantiles and bounds: proper, the loops' figures, whatever the batches."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from stgraph.errors import DataError, ShapeError
from stgraph.metrics import INTERVAL_METRICS, IntervalTable, MaskedIntervals, interval_score, pinball_loss

Bounds = tuple[Tensor, Tensor, Tensor, Tensor]
LEVELS = st.floats(0.02, 0.98)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@settings(deadline=None)
@given(LEVELS)
def test_of_all_constants_the_quantile_has_the_least_pinball_loss(level: float) -> None:
    truth = noise(200)
    losses = [float(pinball_loss(at, truth, level).mean()) for at in truth]
    quantile = truth.sort().values[math.ceil(200 * level) - 1]
    best = float(pinball_loss(quantile, truth, level).mean())
    assert best <= min(losses) + 1e-12


@settings(deadline=None)
@given(st.floats(0.05, 0.95), st.integers(0, 9))
def test_the_interval_score_is_that_of_its_two_quantiles(coverage: float, seed: int) -> None:
    alpha, truth = 1 - coverage, noise(50, seed=seed)
    lower, width = noise(50, seed=seed + 100), noise(50, seed=seed + 200).abs()
    both = pinball_loss(lower, truth, alpha / 2) + pinball_loss(lower + width, truth, 1 - alpha / 2)
    torch.testing.assert_close(interval_score(lower, lower + width, truth, coverage), 2 / alpha * both)


def drawn(windows: int = 20) -> Bounds:
    """Bounds about 0, truths, and what was observed of them, (windows, 3, 5, 2) each."""
    lower, upper = -noise(windows, 3, 5, 2, seed=1).abs(), noise(windows, 3, 5, 2, seed=2).abs()
    return lower, upper, noise(windows, 3, 5, 2, seed=3), noise(windows, 3, 5, 2, seed=4) > -0.5


def scored(bounds: Bounds, size: int, coverage: float = 0.8) -> IntervalTable:
    scores = MaskedIntervals(coverage)
    for k in range(0, len(bounds[0]), size):
        scores.update(*(x[k : k + size] for x in bounds))
    return scores.compute()


def test_the_figures_are_those_of_a_loop() -> None:
    lower, upper, truth, observed = drawn()
    table = scored((lower, upper, truth, observed), 20)
    for h in range(3):
        for c in range(2):
            for figures, steps in ((table.at, [h]), (table.up_to, range(h + 1))):
                rows = [
                    (float(lower[b, s, n, c]), float(upper[b, s, n, c]), float(truth[b, s, n, c]))
                    for b in range(20)
                    for s in steps
                    for n in range(5)
                    if observed[b, s, n, c]
                ]
                scores = [u - l + 2 / 0.2 * (max(l - y, 0) + max(y - u, 0)) for l, u, y in rows]
                found = [float(figures[name][h, c]) for name in (*INTERVAL_METRICS, "count")]
                inside, width = np.mean([l <= y <= u for l, u, y in rows]), np.mean([u - l for l, u, _ in rows])
                assert found == pytest.approx([inside, width, np.mean(scores), len(rows)])


@pytest.mark.parametrize("size", [1, 3, 7])
def test_no_figure_depends_on_the_batch_size_or_on_what_was_not_observed(size: int) -> None:
    lower, upper, truth, observed = drawn()
    one, other = scored(drawn(), 20), scored((lower, upper, truth.where(observed, torch.nan), observed), size)
    for name in (*INTERVAL_METRICS, "count"):
        np.testing.assert_allclose(other.at[name], one.at[name], rtol=1e-12)
        np.testing.assert_allclose(other.up_to[name], one.up_to[name], rtol=1e-12)


def test_of_nothing_observed_there_is_no_figure() -> None:
    lower, upper, truth, observed = drawn()
    table = scored((lower, upper, truth, torch.zeros_like(observed)), 20)
    assert np.isnan(table.at["coverage"]).all()
    assert not table.at["count"].any()


def test_what_are_no_bounds_is_refused() -> None:
    lower, upper, truth, observed = drawn()
    scores = MaskedIntervals(0.8)
    with pytest.raises(DataError, match="no bounds were scored"):
        scores.compute()
    for bad in ((upper, lower), (lower, upper + torch.inf)):
        with pytest.raises(DataError, match="finite numbers, no lower one above its upper one"):
            scores.update(*bad, truth, observed)
    with pytest.raises(ShapeError, match="upper: expected shape"):
        scores.update(lower, upper[:, :2], truth, observed)
    with pytest.raises(DataError, match=r"coverage: expected a share between 0 and 1, found 90"):
        MaskedIntervals(90)
