"""Streaming sums: equal to loops, independent of batches, blind under the mask; sklearn agrees."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics
from torchmetrics import ExplainedVariance, MeanAbsoluteError, MeanSquaredError, Metric, R2Score

from stgraph.errors import DataError, ShapeError
from stgraph.metrics import METRICS, ErrorTable, MaskedErrors
from tests import naive

SHAPE = (10, 3, 4, 2)  # B, H, N, C
HOURS = torch.from_numpy(np.random.default_rng(1).integers(5, 9, SHAPE[:2]))
PARTS = {name: torch.from_numpy(np.random.default_rng(seed).random(SHAPE[:3]) < 0.6) for seed, name in enumerate("ab")}


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
        parts_of_it = {name: mask[order][part] for name, mask in PARTS.items()}
        errors.update(forecast[part], target[part], observed[part], HOURS[order][part], parts_of_it)
    return errors


def figures(table: ErrorTable) -> Iterator[np.ndarray]:
    """Every array of a table."""
    for field in (table.at, table.up_to, table.per_sensor, table.per_hour, table.part_at, table.part_up_to):
        yield from field.values()


@given(st.lists(st.integers(1, 9), max_size=4), st.permutations(range(10)))
@settings(deadline=None)
def test_no_figure_depends_on_batches_or_order(cuts: list[int], order: list[int]) -> None:
    bounds = [0, *sorted(set(cuts)), 10]
    parts = [slice(a, b) for a, b in pairwise(bounds)]
    one, many = scored([slice(None)], list(range(10))).compute(), scored(parts, order).compute()
    for found, expected in zip(figures(many), figures(one), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


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


def test_each_part_equals_the_loops() -> None:
    forecast, target, observed = (x.numpy() for x in problem())
    table = scored([slice(0, 4), slice(4, 10)], list(range(10))).compute()
    assert table.parts == ("a", "b")
    for k, mask in enumerate(PARTS.values()):
        chosen = observed & mask.numpy()[..., None]
        for h in range(3):
            at, until = np.s_[:, h], np.s_[:, : h + 1]
            part_at, up_to = ({m: x[k] for m, x in f.items()} for f in (table.part_at, table.part_up_to))
            for c in range(2):
                check(part_at, h, c, (forecast[at][..., c], target[at][..., c], chosen[at][..., c]))
                check(up_to, h, c, (forecast[until][..., c], target[until][..., c], chosen[until][..., c]))


def test_a_part_may_be_named_late_hold_all_and_hold_nothing() -> None:
    everything, nothing = torch.ones(SHAPE[:3], dtype=torch.bool), torch.zeros(SHAPE[:3], dtype=torch.bool)
    errors, later = MaskedErrors(), MaskedErrors()
    errors.update(*problem(seed=1))
    for some in (errors, later):
        some.update(*problem(), parts={"all": everything, "none": nothing})
    table = errors.compute()
    for metric, figure in later.compute().up_to.items():
        np.testing.assert_allclose(table.part_up_to[metric][0], figure, rtol=1e-12)
    assert not table.part_at["count"][1].any()
    assert np.isnan(table.part_at["R2"][1]).all()


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


def test_sklearn_agrees_on_what_is_observed() -> None:
    forecast, target, observed = problem()
    errors = MaskedErrors(threshold=1e-12)
    errors.update(forecast, target, observed)
    seen = observed[:, 1, :, 0]
    y, f = target[:, 1, :, 0][seen].numpy(), forecast[:, 1, :, 0][seen].numpy()
    found = {metric: figure[1, 0] for metric, figure in errors.compute().at.items()}
    expected = {
        "MAE": sklearn_metrics.mean_absolute_error(y, f),
        "RMSE": sklearn_metrics.root_mean_squared_error(y, f),
        "MAPE": 100 * sklearn_metrics.mean_absolute_percentage_error(y, f),
        "WAPE": 100 * np.abs(y - f).sum() / np.abs(y).sum(),
        "R2": sklearn_metrics.r2_score(y, f),
        "EV": sklearn_metrics.explained_variance_score(y, f),
        "accuracy": 1 - np.linalg.norm(y - f) / np.linalg.norm(y),
        "count": len(y),
    }
    assert found == pytest.approx(expected, rel=1e-12)


def test_torchmetrics_agrees_batch_by_batch() -> None:
    ours = scored([slice(0, 4), slice(4, 9), slice(9, 10)], list(range(10))).compute()
    theirs: dict[str, Metric] = {
        "MAE": MeanAbsoluteError(),
        "RMSE": MeanSquaredError(squared=False),
        "R2": R2Score(),
        "EV": ExplainedVariance(),
    }
    forecast, target, observed = (x[..., 1] for x in problem())
    for name, metric in theirs.items():
        metric.set_dtype(torch.float64)
        for part in (slice(0, 3), slice(3, 10)):
            metric.update(forecast[part][observed[part]], target[part][observed[part]])
        assert ours.up_to[name][-1, 1] == pytest.approx(float(metric.compute()), rel=1e-12), name


def test_a_small_variance_about_a_large_mean_keeps_its_digits() -> None:
    """Without a shift, float64 squares of 1e7 have 2e-2 between them and nothing of this variance is left."""
    rng = np.random.default_rng(0)
    target = 1e7 + rng.normal(0, 1e-2, (40, 2, 5, 1))
    forecast = target + rng.normal(3e-3, 1e-2, target.shape)
    observed = rng.random(target.shape) < 0.8
    errors = MaskedErrors()
    for part in (slice(0, 1), slice(1, 40)):
        batch = [torch.from_numpy(x[part]) for x in (forecast, target, observed)]
        errors.update(batch[0], batch[1], batch[2])
    table = errors.compute()
    for figures, k, chosen in (
        (table.up_to, 1, observed),
        (table.at, 0, observed & (np.arange(2) == 0)[:, None, None]),
        (table.per_sensor, 3, observed & (np.arange(5) == 3)[:, None]),
    ):
        y, e = target[chosen], (forecast - target)[chosen]
        assert figures["R2"][k, 0] == pytest.approx(1 - (e**2).mean() / y.var(), rel=1e-9)
        assert figures["EV"][k, 0] == pytest.approx(1 - e.var() / y.var(), rel=1e-9)
    naive_variance = (target[observed] ** 2).mean() - target[observed].mean() ** 2
    assert abs(naive_variance / target[observed].var() - 1) > 1


def test_r2_is_0_for_the_mean_and_ev_forgives_a_bias() -> None:
    _, target, observed = problem()
    mean, shifted = MaskedErrors(), MaskedErrors()
    mean.update(torch.full_like(target, float(target[..., 0][observed[..., 0]].mean())), target, observed)
    shifted.update(target + 2.0, target, observed)
    assert mean.compute().up_to["R2"][-1, 0] == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(shifted.compute().up_to["EV"], 1.0, rtol=1e-12)
    assert (shifted.compute().up_to["R2"][-1] < 0.7).all()


def test_a_constant_truth_has_no_r2_and_a_zero_one_no_accuracy() -> None:
    """Also where the constant lies far from the other sensors, so that rounding stands for its variance."""
    forecast, target, observed = problem()
    observed[:, :, :2] = True
    target[:, :, 0], target[:, :, 1] = 65.1, 0.0
    errors = MaskedErrors()
    for part in (slice(0, 2), slice(2, 10)):
        errors.update(forecast[part], target[part], observed[part])
    table = errors.compute()
    assert np.isnan(table.per_sensor["R2"][:2]).all()
    assert np.isnan(table.per_sensor["EV"][:2]).all()
    assert np.isnan(table.per_sensor["accuracy"][1]).all()
    assert np.isfinite([table.per_sensor["accuracy"][0], table.per_sensor["R2"][3], table.up_to["R2"][-1]]).all()


def test_a_channel_seen_late_counts_as_one_seen_at_once() -> None:
    forecast, target, observed = problem()
    silent = torch.zeros_like(observed)
    late, once = MaskedErrors(), MaskedErrors()
    late.update(forecast, target + 1e9, silent)
    for errors in (late, once):
        errors.update(forecast + 1e7, target + 1e7, observed)
    np.testing.assert_allclose(late.compute().up_to["R2"], once.compute().up_to["R2"], rtol=1e-12)


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
    with pytest.raises(ShapeError, match=r"parts\['a'\]: expected shape \(B \[B=10\], H \[H=3\], N \[N=4\]\)"):
        MaskedErrors().update(forecast, target, observed, parts={"a": observed})
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
