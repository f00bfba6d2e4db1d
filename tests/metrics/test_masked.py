"""Streaming sums: equal to loops, independent of batches, blind under the mask; sklearn agrees."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_absolute_percentage_error, root_mean_squared_error

from stgraph.errors import DataError, ShapeError
from stgraph.metrics import METRICS, ErrorTable, MaskedErrors
from tests import naive

SHAPE = (10, 3, 4, 2)  # B, H, N, C
HOURS = torch.from_numpy(np.random.default_rng(1).integers(5, 9, SHAPE[:2]))


def problem(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    forecast, target = (torch.from_numpy(rng.normal(2, 3, SHAPE)) for _ in range(2))
    observed = torch.from_numpy(rng.random(SHAPE) < 0.7)
    observed[:, :, 2, 1] = False  # a sensor that never spoke
    return forecast, target, observed


def scored(parts: list[slice], order: list[int], seed: int = 0) -> MaskedErrors:
    errors = MaskedErrors(threshold=1.0)
    forecast, target, observed = (x[order] for x in problem(seed))
    for part in parts:
        errors.update(forecast[part], target[part], observed[part], HOURS[order][part])
    return errors


def figures(table: ErrorTable) -> Iterator[np.ndarray]:
    """Every array of a table."""
    for field in (table.at, table.up_to, table.per_sensor, table.per_hour):
        yield from field.values()


@given(st.lists(st.integers(1, 9), max_size=4), st.permutations(range(10)))
@settings(deadline=None)
def test_no_figure_depends_on_batches_or_order(cuts: list[int], order: list[int]) -> None:
    bounds = [0, *sorted(set(cuts)), 10]
    parts = [slice(a, b) for a, b in pairwise(bounds)]
    one, many = scored([slice(None)], list(range(10))).compute(), scored(parts, order).compute()
    for found, expected in zip(figures(many), figures(one), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


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


def test_each_sensor_and_each_hour_equal_the_loops() -> None:
    forecast, target, observed = (x.numpy() for x in problem())
    table = scored([slice(0, 4), slice(4, 10)], list(range(10))).compute()
    for c in range(2):
        for n in range(4):
            at = np.s_[:, :, n, c]
            check(table.per_sensor, n, c, (forecast[at], target[at], observed[at]))
        for hour in range(24):
            then = HOURS.numpy() == hour
            check(table.per_hour, hour, c, (forecast[then][..., c], target[then][..., c], observed[then][..., c]))


def check(field: dict[str, np.ndarray], k: int, c: int, chosen: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    assert field["count"][k, c] == chosen[2].sum()
    if not chosen[2].any():
        assert all(np.isnan(field[metric][k, c]) for metric in METRICS)
        return
    for metric, value in naive.masked_errors(*chosen, 1.0).items():
        assert field[metric][k, c] == pytest.approx(value, rel=1e-12)


def test_sensors_hours_and_leads_are_the_same_errors_sorted_in_other_ways() -> None:
    table = scored([slice(None)], list(range(10))).compute()
    pooled = table.up_to["MAE"][-1]
    for field in (table.at, table.per_sensor, table.per_hour):
        np.testing.assert_array_equal(field["count"].sum(0), table.count.sum(0))
        np.testing.assert_allclose(np.nansum(field["MAE"] * field["count"], axis=0) / field["count"].sum(0), pooled)


def test_a_table_keeps_its_figures_while_more_is_added() -> None:
    errors = scored([slice(None)], list(range(10)))
    table = errors.compute()
    before = [figure.copy() for figure in figures(table)]
    errors.update(*problem(seed=1), HOURS)
    for figure, kept in zip(figures(table), before, strict=True):
        np.testing.assert_array_equal(figure, kept)
    assert (errors.compute().per_hour["count"] != table.per_hour["count"]).any()


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
    clean.update(forecast, target, observed, HOURS)
    spoiled.update(forecast, torch.where(observed, target, junk), observed, HOURS)
    spoiled_forecast = torch.where(observed, forecast, 1e9)
    spoiled.update(spoiled_forecast, target, torch.zeros_like(observed), HOURS)
    for found, expected in zip(figures(spoiled.compute()), figures(clean.compute()), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_nothing_observed_is_nan_and_nothing_added_is_an_error() -> None:
    errors = MaskedErrors()
    with pytest.raises(DataError, match="no forecast"):
        errors.compute()
    errors.update(torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, 1, dtype=torch.bool))
    assert np.isnan(errors.compute().at["MAE"]).all()
    assert not errors.compute().count.any()


def test_without_hours_there_are_no_errors_by_hour() -> None:
    errors = MaskedErrors()
    errors.update(*problem())
    table = errors.compute()
    assert np.isnan(table.per_hour["MAE"]).all()
    assert not table.per_hour["count"].any()
    assert table.per_sensor["count"].any()


def test_bad_forecasts_are_refused() -> None:
    forecast, target, observed = problem()
    with pytest.raises(ShapeError, match="forecast"):
        MaskedErrors().update(forecast[:, :2], target, observed)
    with pytest.raises(DataError, match="finite"):
        MaskedErrors().update(torch.full_like(forecast, float("nan")), target, observed)


def test_bad_hours_other_sensors_and_thresholds_are_refused_and_leave_no_trace() -> None:
    forecast, target, observed = problem()
    errors = scored([slice(None)], list(range(10)))
    with pytest.raises(DataError, match="hours: expected 0 to 23, found 5 to 24"):
        errors.update(forecast, target, observed, HOURS + (HOURS == 8) * 16)
    with pytest.raises(ShapeError, match="hours"):
        errors.update(forecast, target, observed, HOURS[:, :2])
    with pytest.raises(ShapeError, match=r"target: expected shape \(B, H \[H=3\], N \[N=4\], C \[C=2\]\)"):
        errors.update(forecast[:, :, :3], target[:, :, :3], observed[:, :, :3])
    for found, kept in zip(
        figures(errors.compute()), figures(scored([slice(None)], list(range(10))).compute()), strict=True
    ):
        np.testing.assert_array_equal(found, kept)
    for threshold in (0.0, -1.0, float("nan")):
        with pytest.raises(DataError, match="threshold: expected a positive number"):
            MaskedErrors(threshold)
