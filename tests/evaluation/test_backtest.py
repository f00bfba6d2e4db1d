"""A backtest is a loop of fits and forecasts that know the past alone, and scores as an evaluation does."""

from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stgraph.errors import DataError, MismatchError, UnknownNameError
from stgraph.evaluation import evaluate
from stgraph.evaluation.backtest import backtest
from stgraph.evaluation.backtest_result import Backtest
from stgraph.forecasting import Forecaster, fit
from stgraph.metrics import METRICS
from stgraph.models import Persistence
from stgraph.series import Split, TrafficSeries
from tests import contracts, naive
from tests.conftest import World

TASK: dict[str, Any] = {"history": 6, "horizon": 4}


def run(world: World, model: str = "linear-regression", **how: Any) -> Backtest:
    asked = TASK | {"training": contracts.TRAINING, "settings": contracts.SMALL.get(model)} | how
    return backtest(world.series, world.graph, model, **asked)


def fitted(known: TrafficSeries, world: World, model: str = "linear-regression") -> Forecaster:
    split = Split(0.75, 0.25, 0.0) if model == "patchnet" else Split(1.0, 0.0, 0.0)
    settings = contracts.SMALL.get(model)
    return fit(known, world.graph, model, split=split, training=contracts.TRAINING, settings=settings, **TASK)


def assert_same(found: NDArray[np.floating], expected: NDArray[np.floating]) -> None:
    """Equal but for the last digit of float32, which the size of a batch may change."""
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-5)


def without(world: World, *gaps: tuple[int, int]) -> World:
    """The world without the steps of some gaps."""
    keep = np.ones(len(world.series), dtype=bool)
    for first, last in gaps:
        keep[first:last] = False
    series = world.series
    assert series.covariates is not None
    cut = {name: getattr(series, name)[keep] for name in ("values", "observed", "times", "covariates")}
    return World(world.graph, replace(series, **cut))


@pytest.mark.parametrize("model", ["persistence", "linear-regression", "patchnet"])
def test_one_fit_and_a_loop_of_forecasts_give_the_same(world: World, model: str) -> None:
    found = run(world, model, start=0.8, stride=7)
    forecaster = fitted(world.series.slice(None, 480), world, model)
    loop = [forecaster.forecast(world.series.slice(None, k)) for k in range(480, 597, 7)]
    assert_same(found.forecasts, np.stack([one.values for one in loop]))
    np.testing.assert_array_equal(found.times, np.stack([one.times for one in loop]))
    np.testing.assert_array_equal(found.origins, np.stack([one.issued for one in loop]))
    assert found.fits == 1


@pytest.mark.parametrize(("expanding", "oldest"), [(True, [0, 0, 0]), (200, [220, 298, 376]), ("5D", [180, 258, 336])])
def test_refits_are_a_loop_of_fits_and_forecasts(world: World, expanding: Any, oldest: list[int]) -> None:
    found = run(world, start=0.7, stride="13h", refit=3, expanding=expanding)
    steps = list(range(420, 597, 26))
    assert len(found) == len(steps) == 7
    for k, step in enumerate(steps):
        at = steps[k // 3 * 3]
        forecaster = fitted(world.series.slice(oldest[k // 3], at), world)
        assert_same(found.forecasts[k], forecaster.forecast(world.series.slice(None, step)).values)
        assert found.fitted[k] == world.series.times[at - 1]


def test_refit_true_fits_at_every_origin(world: World) -> None:
    found = run(world, start=0.7, stride=30, refit=True)
    np.testing.assert_array_equal(found.fitted, found.origins)
    np.testing.assert_array_equal(found.forecasts, run(world, start=0.7, stride=30, refit=1).forecasts)


def test_no_fit_measures_bounds_that_nobody_asks_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("stgraph.forecasting.fit"), "calibrate", None)
    assert run(world, "patchnet", start=0.9, stride=30, refit=True).fits == 2


def test_only_a_model_that_chooses_an_epoch_keeps_a_quarter_back_for_it(world: World) -> None:
    made = backtest(world.series, world.graph, partial(Persistence), start=0.9)
    assert made.split == Split(0.75, 0.25, 0.0), "nobody knows how a model is trained that is not made yet"
    for chosen in ("persistence", Persistence):
        found = backtest(world.series, world.graph, chosen, start=0.9)
        assert found.split == Split(1.0, 0.0, 0.0)
        np.testing.assert_array_equal(found.forecasts[:, :, :3], made.forecasts[:, :, :3])


def test_at_the_end_of_the_default_split_it_is_the_model_that_fit_gives(world: World) -> None:
    found = run(world, "patchnet", start=0.8, stride=50)
    assert_same(
        found.forecasts[1], contracts.forecaster_of("patchnet", world).forecast(world.series.slice(0, 530)).values
    )


@pytest.mark.parametrize("model", ["linear-regression", "patchnet"])
def test_every_step_of_the_test_part_scores_exactly_as_evaluate(world: World, model: str) -> None:
    """The windows of the test part, 480 to 600, forecast from its seventh step on."""
    batches = replace(contracts.TRAINING, batch_size=64)
    found = run(world, model, start=486, stride=1, training=batches)
    how = TASK | {"split": found.split, "training": batches, "settings": contracts.SMALL.get(model)}
    forecaster = fit(world.series.slice(0, 486), world.graph, model, **how)
    scored = evaluate({model: replace(forecaster, split=Split())}, world.series)
    assert (found.evaluation.windows, found.evaluation.period) == (scored.windows, scored.period)
    for field in ("at", "up_to", "per_sensor", "per_hour"):
        for figure, expected in getattr(scored.errors[model], field).items():
            np.testing.assert_array_equal(getattr(found.errors, field)[figure], expected)
    assert found.summary().equals(replace(scored, intervals={}).summary())


@pytest.mark.parametrize(
    ("model", "refit"), [("persistence", 0), ("linear-regression", 0), ("linear-regression", 2), ("patchnet", 2)]
)
def test_what_comes_after_an_origin_changes_nothing_issued_at_or_before_it(
    world: World, model: str, refit: int
) -> None:
    series, cut = world.series, 540
    assert series.covariates is not None
    values, observed, rain = series.values.copy(), series.observed.copy(), series.covariates.copy()
    values[cut:] = 1e6 + 1e5 * np.arange(60)[:, None, None]
    observed[cut:] = ~observed[cut:]
    rain[cut:] = 1e3
    other = World(world.graph, replace(series, values=values, observed=observed, covariates=rain))
    one, changed = (run(w, model, start=0.8, stride=20, refit=refit) for w in (world, other))
    before = one.origins < series.times[cut]
    assert before.sum() == 4
    np.testing.assert_array_equal(one.forecasts[before], changed.forecasts[before])
    assert (one.forecasts[~before] != changed.forecasts[~before]).any(axis=(1, 2, 3)).all()


def test_junk_under_the_mask_changes_nothing(world: World) -> None:
    junk = replace(world.series, values=np.where(world.series.observed, world.series.values, np.float32(1e9)))
    one, other = (run(w, start=0.8, refit=2) for w in (world, World(world.graph, junk)))
    np.testing.assert_array_equal(one.forecasts, other.forecasts)
    np.testing.assert_array_equal(one.measured, other.measured)
    assert one.by_origin().equals(other.by_origin())


def test_the_figures_are_those_of_a_loop_over_all_values(world: World) -> None:
    found = run(world, "persistence", start=0.9, stride=5, threshold=55.0)
    assert np.isnan(found.measured).any()
    observed = ~np.isnan(found.measured)
    places: list[tuple[dict[str, NDArray[np.float64]], int, Any]] = [
        (found.errors.at, 2, np.s_[:, 2]),
        (found.errors.up_to, -1, np.s_[:]),
        (found.per_origin, 3, 3),
        (found.per_origin, -1, -1),
    ]
    for figures, k, where in places:
        forecast, measured = (array[where].astype(float) for array in (found.forecasts, found.measured))
        by_hand = naive.masked_errors(forecast, measured, observed[where], 55.0)
        assert {name: figures[name][k, 0] for name in by_hand} == pytest.approx(by_hand, rel=1e-6)
        assert figures["count"][k, 0] == observed[where].sum()
    assert set(METRICS) < set(found.by_origin())


@pytest.mark.parametrize("batch_size", [1, 5, 1000])
def test_no_figure_depends_on_the_batch_size(world: World, batch_size: int) -> None:
    one, other = (
        run(world, "linear-regression", start=0.8, stride=3, training=replace(contracts.TRAINING, batch_size=size))
        for size in (64, batch_size)
    )
    assert_same(one.forecasts, other.forecasts)
    for name, figures in one.per_origin.items():
        np.testing.assert_allclose(figures, other.per_origin[name], rtol=1e-4)


@pytest.mark.parametrize("model", ["persistence", "patchnet"])
def test_a_history_may_reach_over_a_gap_and_a_horizon_may_not(world: World, model: str) -> None:
    """Three steps and then a day are missing: the same forecasts as one by one, and none for a time not there."""
    gappy = without(world, (500, 503), (540, 588))
    found = run(gappy, model, start="2024-01-11", stride=1)
    clock = (found.times - world.series.times[0]) // world.series.interval
    first = [*range(480, 497), *range(504, 537), *range(589, 597)]  # each after the first of its segment is known
    np.testing.assert_array_equal(clock, np.array(first)[:, None] + np.arange(4))
    forecaster = fitted(gappy.series.slice(None, 480), gappy, model)
    loop = [forecaster.forecast(gappy.series.slice(None, one)).values for one in found.times[:, 0]]
    assert_same(found.forecasts, np.stack(loop))


def test_an_origin_after_a_silence_is_scored_as_evaluate_scores_it(world: World) -> None:
    observed = world.series.observed.copy()
    observed[500:520] = False
    silent = World(world.graph, replace(world.series, observed=observed))
    found = run(silent, "persistence", start=486, stride=1)
    forecaster = replace(fitted(silent.series.slice(0, 486), silent, "persistence"), split=Split())
    expected = evaluate({"persistence": forecaster}, silent.series).errors["persistence"]
    np.testing.assert_array_equal(found.errors.at["MAE"], expected.at["MAE"])
    assert np.isnan(found.per_origin["MAE"][510 - 486, 0])


def test_sensors_of_the_graph_may_stand_in_another_order(world: World) -> None:
    turned = World(world.graph.subgraph(np.arange(17)[::-1]), world.series)
    np.testing.assert_array_equal(run(turned, start=0.9).forecasts, run(world, start=0.9).forecasts)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"start": 3}, "the fit on 3 steps up to 2024-01-01 01:00:00: the series, train part: no window fits"),
        ({"start": 0}, "start: expected a share"),
        ({"start": 0.999}, "start: expected 4 steps without a gap after an origin, found none"),
        ({"stride": 0}, "stride: expected a number of steps above 0"),
        ({"stride": "40min"}, "stride: .* of whole steps of 30 min, found '40min'"),
        ({"refit": -1}, "refit: expected at least 0, found -1"),
        ({"horizon": 0}, "horizon: expected at least 1, found 0"),
        ({"history": -2}, "history: expected at least 1, found -2"),
        ({"expanding": False}, "expanding: expected a number of steps above 0"),
        ({"expanding": 5}, "the fit on 5 steps up to 2024-01-08 11:30:00: .*no window fits"),
        ({"targets": ["speeed"]}, "targets: expected channels"),
        ({"threshold": 0}, "threshold: expected a positive number"),
    ],
)
def test_what_cannot_be_is_refused(world: World, how: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        run(world, **how)


def test_what_does_not_match_or_was_not_observed_is_refused(world: World) -> None:
    with pytest.raises(UnknownNameError, match="unknown model 'patchnt': did you mean 'patchnet'"):
        run(world, "patchnt")
    with pytest.raises(MismatchError, match="different sensors"):
        run(World(world.graph.subgraph(np.arange(9)), world.series))
    observed = world.series.observed.copy()
    observed[360:] = False
    with pytest.raises(DataError, match="nothing was observed after the origins"):
        run(World(world.graph, replace(world.series, observed=observed)))


def test_progress_speaks_on_a_terminal_alone(
    world: World, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    quiet = run(world, "persistence", start=0.9, progress=True, training=None)
    assert capfd.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes any stream for a terminal
    monkeypatch.setenv("TERM", "xterm")
    run(world, "persistence", start=0.9, training=None)
    assert capfd.readouterr() == ("", "")
    loud = run(world, "persistence", start=0.9, progress=True, training=None)
    said = capfd.readouterr()
    assert "forecasting from origins" in said.err
    assert not said.out
    np.testing.assert_array_equal(quiet.forecasts, loud.forecasts)
