"""Streaming sums: equal to loops, independent of batches, blind under the mask; sklearn agrees."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_absolute_percentage_error, root_mean_squared_error

from stgraph.errors import DataError, ShapeError
from stgraph.metrics import METRICS, MaskedErrors
from tests import naive

SHAPE = (10, 3, 4, 2)  # B, H, N, C


def problem(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    forecast, target = (torch.from_numpy(rng.normal(2, 3, SHAPE)) for _ in range(2))
    return forecast, target, torch.from_numpy(rng.random(SHAPE) < 0.7)


def scored(parts: list[slice], order: list[int], seed: int = 0) -> MaskedErrors:
    errors = MaskedErrors(threshold=1.0)
    forecast, target, observed = (x[order] for x in problem(seed))
    for part in parts:
        errors.update(forecast[part], target[part], observed[part])
    return errors


@given(st.lists(st.integers(1, 9), max_size=4), st.permutations(range(10)))
@settings(deadline=None)
def test_no_figure_depends_on_batches_or_order(cuts: list[int], order: list[int]) -> None:
    bounds = [0, *sorted(set(cuts)), 10]
    parts = [slice(a, b) for a, b in pairwise(bounds)]
    one, many = scored([slice(None)], list(range(10))).compute(), scored(parts, order).compute()
    for metric in METRICS:
        np.testing.assert_allclose(many.at[metric], one.at[metric], rtol=1e-12)
        np.testing.assert_allclose(many.up_to[metric], one.up_to[metric], rtol=1e-12)


def test_at_a_step_and_up_to_it_equal_the_loops() -> None:
    forecast, target, observed = (x.numpy() for x in problem())
    table = scored([slice(0, 4), slice(4, 10)], list(range(10))).compute()
    for h in range(3):
        for c in range(2):
            at = naive.masked_errors(forecast[:, h, :, c], target[:, h, :, c], observed[:, h, :, c], 1.0)
            until = np.s_[:, : h + 1, :, c]
            up_to = naive.masked_errors(forecast[until], target[until], observed[until], 1.0)
            for metric in METRICS:
                assert table.at[metric][h, c] == pytest.approx(at[metric], rel=1e-12)
                assert table.up_to[metric][h, c] == pytest.approx(up_to[metric], rel=1e-12)


def test_a_mean_of_batch_means_is_another_number() -> None:
    means = [scored([part], list(range(10))).compute().at["MAE"] for part in (slice(0, 3), slice(3, 10))]
    assert np.abs(np.mean(means, axis=0) - scored([slice(None)], list(range(10))).compute().at["MAE"]).max() > 0.01


def test_sklearn_agrees_where_everything_is_observed() -> None:
    forecast, target, observed = problem()
    errors = MaskedErrors(threshold=1e-12)
    errors.update(forecast, target, torch.ones_like(observed))
    y, f = target[:, 1, :, 0].ravel(), forecast[:, 1, :, 0].ravel()
    table = errors.compute().at
    assert table["MAE"][1, 0] == pytest.approx(mean_absolute_error(y, f))
    assert table["RMSE"][1, 0] == pytest.approx(root_mean_squared_error(y, f))
    assert table["MAPE"][1, 0] == pytest.approx(100 * mean_absolute_percentage_error(y, f))


@pytest.mark.parametrize("junk", [1e9, float("nan"), float("inf")])
def test_what_stands_under_the_mask_has_no_influence(junk: float) -> None:
    forecast, target, observed = problem()
    clean, spoiled = MaskedErrors(), MaskedErrors()
    clean.update(forecast, target, observed)
    spoiled.update(forecast, torch.where(observed, target, junk), observed)
    for metric in METRICS:
        np.testing.assert_array_equal(clean.compute().at[metric], spoiled.compute().at[metric])


def test_nothing_observed_is_nan_and_nothing_added_is_an_error() -> None:
    errors = MaskedErrors()
    with pytest.raises(DataError, match="no forecast"):
        errors.compute()
    errors.update(torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, 1, dtype=torch.bool))
    assert np.isnan(errors.compute().at["MAE"]).all()


def test_bad_forecasts_are_refused() -> None:
    forecast, target, observed = problem()
    with pytest.raises(ShapeError, match="forecast"):
        MaskedErrors().update(forecast[:, :2], target, observed)
    with pytest.raises(DataError, match="finite"):
        MaskedErrors().update(torch.full_like(forecast, float("nan")), target, observed)
