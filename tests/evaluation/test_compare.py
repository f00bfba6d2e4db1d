"""Two forecasters on the same windows: swapping flips every sign, itself is no better, figures are the evaluation's."""

from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import torch

from stgraph.errors import DataError, MismatchError, UnknownNameError
from stgraph.evaluation import evaluate
from stgraph.evaluation.compare import _errors, compare, reopen_common_series
from stgraph.evaluation.comparison import Comparison, Metric
from stgraph.evaluation.diebold_mariano import diebold_mariano
from stgraph.forecasting import Forecaster, fit
from stgraph.series import Scaling, TrafficSeries
from tests import contracts
from tests.conftest import World

METRICS: list[Metric] = ["MAE", "RMSE"]


@pytest.fixture(scope="module")
def pair(world: World) -> tuple[Forecaster, Forecaster]:
    one, other = (contracts.forecaster_of(name, world) for name in ("persistence", "historical-average"))
    return one, other


def both(world: World, **how: object) -> tuple[Forecaster, Forecaster]:
    one, other = (
        fit(world.series, world.graph, name, history=6, horizon=2, **how)  # type: ignore[arg-type]  # of the caller
        for name in ("persistence", "historical-average")
    )
    return one, other


def same(one: Comparison, other: Comparison, rtol: float = 1e-9) -> None:
    pd.testing.assert_frame_equal(one.to_dataframe(), other.to_dataframe(), rtol=rtol)


@pytest.mark.parametrize("metric", METRICS)
def test_the_errors_are_those_of_an_evaluation(
    world: World, pair: tuple[Forecaster, Forecaster], metric: Metric
) -> None:
    found = compare(*pair, world.series, metric=metric)
    scored = evaluate(dict(zip(("one", "other"), pair, strict=True)), world.series)
    table = found.to_dataframe()
    assert list(table["lead"]) == ["@30 min", "@60 min", "@90 min", "@120 min", "avg<=120 min"]
    for name, errors in scored.errors.items():
        by_lead, pooled = (figures[metric][:, 0] for figures in (errors.at, errors.up_to))
        np.testing.assert_allclose(table[name], [*by_lead, pooled[-1]], rtol=1e-9)
    np.testing.assert_allclose(table["difference"], table["one"] - table["other"])
    np.testing.assert_allclose(table["relative"], 200 * table["difference"] / (table["one"] + table["other"]))
    assert (table["windows"] == scored.windows).all()
    assert (table["days"] == 3).all()
    assert table["difference"].between(table["low"], table["high"]).all()
    assert table["relative"].between(table["relative_low"], table["relative_high"]).all()


@pytest.mark.parametrize("metric", METRICS)
def test_swapping_flips_every_sign_and_nothing_else(
    world: World, pair: tuple[Forecaster, Forecaster], metric: Metric
) -> None:
    one, other = pair
    there, back = compare(one, other, world.series, metric=metric), compare(other, one, world.series, metric=metric)
    for a, b in zip(there.differences, back.differences, strict=True):
        assert (a.one, a.other) == (b.other, b.one)
        assert (a.difference, a.relative) == (-b.difference, -b.relative)
        ends = (-b.high, -b.low, -b.relative_high, -b.relative_low)
        assert (a.low, a.high, a.relative_low, a.relative_high) == pytest.approx(ends)
        assert (a.p_value, a.kernel, a.days, a.windows) == (b.p_value, b.kernel, b.days, b.windows)
    if there.averages[0].told:
        assert there.describe() == back.describe()
    assert back.names == there.names[::-1]


@pytest.mark.parametrize("metric", METRICS)
def test_a_model_is_as_good_as_itself(world: World, pair: tuple[Forecaster, Forecaster], metric: Metric) -> None:
    found = compare(pair[0], pair[0], world.series, metric=metric)
    table = found.to_dataframe()
    assert (table["p_value"] == 1).all()
    for column in ("difference", "low", "high", "relative", "relative_low", "relative_high"):
        assert (table[column] == 0).all()
    assert found.names == ("persistence (one)", "persistence (other)")
    assert "no difference between persistence (one) and persistence (other) can be told" in found.describe()


def test_two_perfect_forecasts_differ_by_nothing_in_percent() -> None:
    errors = _errors(np.array([[0.0, 6.0], [0.0, 2.0]]), np.array([4.0, 4.0]), "MAE")
    assert errors.tolist() == [[0, 1.5], [0, 0.5], [0, 1], [0, 100]]


def test_a_plain_difference_is_told(world: World, pair: tuple[Forecaster, Forecaster]) -> None:
    """The daily wave repeats: its average beats the last value two hours later, on every day."""
    found = compare(*pair, world.series)
    assert found.differences[3].told
    assert found.differences[3].difference > 0


def test_no_figure_depends_on_the_batch_size_or_the_order_of_sensors(
    world: World, pair: tuple[Forecaster, Forecaster]
) -> None:
    found = compare(*pair, world.series)
    same(found, compare(*pair, world.series, batch_size=7), rtol=1e-6)
    turned = world.series.select(sensors=world.series.sensors[::-1])
    same(found, compare(*pair, turned), rtol=1e-6)


def test_junk_under_the_mask_changes_nothing(world: World, pair: tuple[Forecaster, Forecaster]) -> None:
    junk = np.where(world.series.observed, world.series.values, np.float32(1e9))
    same(compare(*pair, world.series), compare(*pair, replace(world.series, values=junk)), rtol=0.0)


def with_gap(series: TrafficSeries) -> TrafficSeries:
    """Without steps 540 to 559, of the test part."""
    kept = np.setdiff1d(np.arange(len(series)), np.arange(540, 560))
    covariates = None if series.covariates is None else series.covariates[kept]
    return replace(
        series,
        values=series.values[kept],
        observed=series.observed[kept],
        times=series.times[kept],
        covariates=covariates,
    )


def test_the_test_is_that_of_the_windows_where_they_really_stand(world: World) -> None:
    """Differences of pooled errors window by window, placed by the clock, beyond a gap and with windows of nothing."""
    observed = world.series.observed.copy()
    observed[520:528] = False
    gappy = with_gap(replace(world.series, observed=observed))
    one, other = both(World(world.graph, gappy))
    found = compare(one, other, gappy).differences[1]
    sums, places = [], []
    starts = [s for a, b in one.split.ranges(gappy, "test") for s in range(a, b - 7)]
    for start, batch in zip(starts, one.batches(gappy, batch_size=1), strict=True):
        twin = other.predict(batch)[0, 1, :, 0]
        assert batch.target is not None
        assert batch.target_observed is not None
        seen, target = batch.target_observed[0, 1, :, 0], batch.target[0, 1, :, 0].double()
        if seen.any():
            gap = (one.predict(batch)[0, 1, :, 0] - target).abs() - (twin - target).abs()
            sums.append((float(gap[seen].sum()), int(seen.sum())))
            places.append((gappy.times[start + 5] - gappy.times[0]) // gappy.interval)
    assert len(starts) > len(sums), "some windows hold nothing"
    assert max(np.diff(places)) > 20, "a gap"
    totals, counts = np.array(sums).T
    pooled = totals.sum() / counts.sum()
    by_window = pooled + (totals - counts * pooled) / counts.mean()
    assert found.difference == pytest.approx(pooled, rel=1e-6)
    expected = diebold_mariano(by_window, np.array(places), 2)
    assert found.p_value == pytest.approx(expected.p_value, rel=1e-5)
    assert found.kernel == expected.kernel
    assert found.windows == len(sums)


def test_days_are_those_of_the_wall_clock_at_the_last_observation(world: World) -> None:
    """Issued from 02:30 of one day to 11:00 of the second next: eight hours earlier that touches four days."""
    for zone, days in ((None, 3), ("Asia/Tokyo", 3), ("America/Los_Angeles", 4)):
        series = replace(world.series, timezone=zone)
        assert {row.days for row in compare(*both(World(world.graph, series)), series).differences} == {days}


def test_what_was_never_observed_is_left_out(world: World) -> None:
    observed = world.series.observed.copy()
    observed[480:, :, 1] = False
    series = replace(world.series, observed=observed)
    found = compare(*both(World(world.graph, series), targets=["speed", "flow"]), series)
    assert [(row.channel, row.lead) for row in found.differences] == [
        ("speed", "@30 min"),
        ("speed", "@60 min"),
        ("speed", "avg<=60 min"),
    ]
    whole = compare(*both(world, targets=["speed", "flow"]), world.series)
    assert [(row.channel, row.unit) for row in whole.averages] == [("speed", "km/h"), ("flow", "veh/h")]


def test_the_seed_draws_the_days(world: World, pair: tuple[Forecaster, Forecaster]) -> None:
    same(compare(*pair, world.series), compare(*pair, world.series), rtol=0.0)
    one, other = (asdict(compare(*pair, world.series, seed=seed).averages[0]) for seed in (0, 1))
    changed = {key for key in one if one[key] != other[key]}
    assert changed <= {"low", "high", "relative_low", "relative_high"}


def kept(**provenance: object) -> Callable[[Forecaster], Forecaster]:
    return lambda forecaster: replace(forecaster, provenance=dict(provenance))


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (kept(series_sha256="a1"), kept(series_sha256="b2"), r"series SHA-256: .* found a1 \(p\) and b2 \(h\)"),
        (kept(read={"missing": [0]}), kept(read={"missing": []}), r"not measured': .* found \[0\] \(p\) and \[\]"),
        (
            lambda f: f,
            lambda f: replace(f, latest=f.latest.slice(0, 5)),
            r"last time of the series: .* 11:30:00 \(p\) and .* 11:00:00 \(h\)",
        ),
        (
            lambda f: f,
            lambda f: replace(f, scaling=Scaling(zeros_are_values=True)),
            "same observed values .* takes holes",
        ),
    ],
)
def test_runs_of_different_series_are_refused(
    world: World,
    pair: tuple[Forecaster, Forecaster],
    first: Callable[[Forecaster], Forecaster],
    second: Callable[[Forecaster], Forecaster],
    words: str,
) -> None:
    with pytest.raises(MismatchError, match=words):
        compare(first(pair[0]), second(pair[1]), world.series, names=("p", "h"))


def test_what_one_side_does_not_record_is_no_mismatch(world: World, pair: tuple[Forecaster, Forecaster]) -> None:
    same(compare(kept(series_sha256="a1")(pair[0]), pair[1], world.series), compare(*pair, world.series))


def test_what_cannot_be_compared_is_refused(world: World, pair: tuple[Forecaster, Forecaster]) -> None:
    series, graph = world.series, world.graph
    silent = series.observed.copy()
    silent[480:, :, 0] = False
    longer = fit(series, graph, "persistence", history=9, horizon=4)
    with pytest.raises(MismatchError, match=r"history: expected the same for all, found 6 .* and 9"):
        compare(pair[0], longer, series)
    with pytest.raises(DataError, match="the test part of the series: nothing was observed"):
        compare(*pair, replace(series, observed=silent))
    with pytest.raises(UnknownNameError, match="unknown part 'tset'"):
        compare(*pair, series, "tset")  # type: ignore[arg-type]  # a wrong name is what is tested
    with pytest.raises(UnknownNameError, match="unknown metric 'MAPE'"):
        compare(*pair, series, metric="MAPE")  # type: ignore[arg-type]  # likewise
    broken = contracts.forecaster_of("gru", world)
    with torch.no_grad():
        next(broken.model.parameters()).fill_(torch.nan)
    with pytest.raises(DataError, match="forecast of gru: expected finite numbers"):
        compare(pair[0], broken, series)


def test_runs_that_do_not_name_the_same_file_have_no_common_series(pair: tuple[Forecaster, Forecaster]) -> None:
    with pytest.raises(MismatchError, match="series SHA-256: expected the same for both runs, found a1 and None"):
        reopen_common_series(kept(series_sha256="a1")(pair[0]), pair[1])
    with pytest.raises(DataError, match="came from no file"):
        reopen_common_series(*pair)
