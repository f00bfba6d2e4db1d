"""Evaluation: the figures are those of a loop over all windows, whatever the batches."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from stgraph.errors import DataError, MismatchError, ShapeError, UnknownNameError
from stgraph.evaluation import BASELINES, Evaluation, check_part, evaluate, fit_baselines
from stgraph.evaluation.hard_parts import abrupt_changes, peak_hours
from stgraph.forecasting import Forecaster, fit
from stgraph.metrics import INTERVAL_METRICS, METRICS
from tests import contracts, naive
from tests.conftest import World

STEPS = np.arange(4)[:, None]
Arrays = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], list[list[int]]]


def persistence_by_hand(forecaster: Forecaster, world: World) -> Arrays:
    """Forecasts, truths and what was observed, each (windows, 4, 17), and the target steps of the windows."""
    series, forecasts, truths, seen, steps = world.series, [], [], [], []
    for window in naive.windows(6, 4, [(480, 600)]):
        future = np.zeros((4, 17))
        for n in range(17):
            known = [series.values[t, n, 0] for t in window[:6] if series.observed[t, n, 0]]
            future[:, n] = known[-1] if known else forecaster.scaler.mean[0]
        forecasts.append(future)
        truths.append(series.values[window[6:], :, 0].astype(float))
        seen.append(series.observed[window[6:], :, 0])
        steps.append(window[6:])
    return np.array(forecasts), np.array(truths), np.array(seen), steps


def check(figures: dict[str, NDArray[np.float64]], k: int, arrays: Arrays, where: Any) -> None:
    forecast, truth, seen, _ = arrays
    by_hand = naive.masked_errors(forecast[where], truth[where], seen[where], threshold=1.0)
    assert {metric: figures[metric][k, 0] for metric in METRICS} == pytest.approx(by_hand, rel=1e-5, abs=1e-6)


def test_the_figures_of_persistence_equal_the_loop(world: World) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    scored = evaluate({"persistence": forecaster}, world.series)
    table, arrays = scored.errors["persistence"], persistence_by_hand(forecaster, world)
    assert scored.windows == len(arrays[0])
    for h in range(4):
        check(table.at, h, arrays, np.s_[:, h])
    for n in (0, 1, 2, 4, 16):
        check(table.per_sensor, n, arrays, np.s_[:, :, n])
    clock = world.series.local_times.hour.to_numpy()[np.array(arrays[3])]
    for hour in (0, 7, 23):
        check(table.per_hour, hour, arrays, clock == hour)


def test_parts_equal_the_loop_and_follow_the_sensors_by_id(world: World) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    arrays = persistence_by_hand(forecaster, world)
    mask = np.random.default_rng(0).random(world.series.observed.shape[:2]) < 0.3
    turned = world.series.select(sensors=world.series.sensors[::-1])
    for series, given in ((world.series, mask), (turned, mask[:, ::-1])):
        table = evaluate({"p": forecaster}, series, parts={"all": np.ones_like(mask), "some": given}).errors["p"]
        some = mask[np.array(arrays[3])]  # (windows, 4, 17)
        for h in range(4):
            check({name: figure[1] for name, figure in table.part_at.items()}, h, arrays, some & (h == STEPS))
            check({name: figure[1] for name, figure in table.part_up_to.items()}, h, arrays, some & (h >= STEPS))
        for name, figure in table.up_to.items():
            np.testing.assert_allclose(table.part_up_to[name][0], figure, rtol=1e-12)


def test_the_figures_of_bounds_equal_the_loop(world: World) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    assert forecaster.calibration is not None
    found = evaluate({"p": forecaster}, world.series, coverage=0.8).intervals["p"]
    forecast, truth, seen, _ = persistence_by_hand(forecaster, world)
    margin = forecaster.calibration.margin(0.8)[..., 0].double().numpy()
    lower, upper = np.maximum(forecast - margin, 0), forecast + margin
    for h in range(4):
        for figures, steps in ((found.at, slice(h, h + 1)), (found.up_to, slice(h + 1))):
            low, high, y = (x[:, steps][seen[:, steps]] for x in (lower, upper, truth))
            outside = np.maximum(low - y, 0) + np.maximum(y - high, 0)
            by_hand = [((low <= y) & (y <= high)).mean(), (high - low).mean(), (high - low + 10 * outside).mean()]
            assert [figures[name][h, 0] for name in INTERVAL_METRICS] == pytest.approx(by_hand, rel=1e-5)
            assert figures["count"][h, 0] == len(y)


def test_bounds_cover_what_comes_about_as_often_as_asked(world: World) -> None:
    """The wave of the tiny world goes on as it was: here the validation part is like what comes."""
    models = {name: contracts.forecaster_of(name, world) for name in ("patchnet", *BASELINES)}
    for coverage in (0.5, 0.8, 0.95):
        scored = evaluate(models, world.series, coverage=coverage)
        for name in models:
            assert abs(scored.intervals[name].up_to["coverage"][-1, 0] - coverage) < 0.05


def test_a_forecaster_without_such_bounds_is_scored_without(world: World) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    assert forecaster.calibration is not None
    margins = forecaster.calibration.margins.clone()
    margins[..., 45:] = torch.inf
    few = replace(forecaster, calibration=replace(forecaster.calibration, margins=margins))
    models = {"few": few, "none": replace(forecaster, calibration=None)}
    assert list(evaluate(models, world.series, coverage=0.9).intervals) == ["few"]
    assert not evaluate(models, world.series, coverage=0.95).intervals
    with pytest.raises(DataError, match=r"coverage: expected a share between 0\.5 and 0\.99, found 90"):
        evaluate(models, world.series, coverage=90)


@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_no_figure_depends_on_the_batch_size(world: World, batch_size: int) -> None:
    forecaster = contracts.forecaster_of("patchnet", world)
    parts = {"peak": peak_hours(world.series), "abrupt": abrupt_changes(world.series)}
    one, other = (evaluate({"p": forecaster}, world.series, parts=parts, batch_size=n) for n in (64, batch_size))
    same(one, other)


def test_junk_under_the_mask_changes_no_figure(world: World) -> None:
    forecaster = contracts.forecaster_of("patchnet", world)
    junk = np.where(world.series.observed, world.series.values, np.float32(1e9))
    one, other = (evaluate({"p": forecaster}, series) for series in (world.series, replace(world.series, values=junk)))
    same(one, other, rtol=0.0)


def test_sensors_are_known_by_their_ids_whatever_their_order(world: World) -> None:
    forecaster = contracts.forecaster_of("historical-average", world)
    turned = world.series.select(sensors=world.series.sensors[::-1])
    one, other = (evaluate({"p": forecaster}, series) for series in (world.series, turned))
    assert other.sensors == one.sensors[::-1]
    for name, figures in one.errors["p"].per_sensor.items():
        np.testing.assert_array_equal(figures[::-1], other.errors["p"].per_sensor[name])


def test_hours_are_those_of_the_wall_clock(world: World) -> None:
    """In a zone nine hours ahead of UTC, the same steps are scored nine hours later in the day."""
    zoned = World(world.graph, replace(world.series, timezone="Asia/Tokyo"))
    plain, there = (
        evaluate({"p": contracts.forecaster_of("persistence", w)}, w.series).errors["p"].per_hour
        for w in (world, zoned)
    )
    for name, figures in plain.items():
        np.testing.assert_array_equal(np.roll(figures, 9, axis=0), there[name])
    assert evaluate({"p": contracts.forecaster_of("persistence", zoned)}, zoned.series).period[0].hour == 12


def same(one: Evaluation, other: Evaluation, rtol: float = 1e-5) -> None:
    """The forecasts of a batch may differ in the last float32 digit, the sums over them do not."""
    assert one.intervals.keys() == other.intervals.keys()
    for name, of_bounds in one.intervals.items():
        for figure, expected in of_bounds.up_to.items():
            np.testing.assert_allclose(other.intervals[name].up_to[figure], expected, rtol=rtol)
    for name, table in one.errors.items():
        for field in ("at", "up_to", "per_sensor", "per_hour", "part_at", "part_up_to"):
            for figure, expected in getattr(table, field).items():
                np.testing.assert_allclose(
                    getattr(other.errors[name], field)[figure], expected, rtol=rtol, atol=rtol / 10
                )


def test_progress_says_nothing_where_no_terminal_is(
    world: World, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    forecaster = contracts.forecaster_of("persistence", world)
    same(evaluate({"p": forecaster}, world.series, progress=True), evaluate({"p": forecaster}, world.series))
    assert capfd.readouterr() == ("", "")


def test_progress_draws_a_bar_on_a_terminal(
    world: World, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes any stream for a terminal
    monkeypatch.setenv("TERM", "xterm")
    forecaster = contracts.forecaster_of("persistence", world)
    evaluate({"my model": forecaster}, world.series, progress=True)
    said = capfd.readouterr()
    assert "scoring my model" in said.err
    assert not said.out


def test_what_cannot_be_compared_or_scored_is_refused(world: World) -> None:
    series, graph = world.series, world.graph
    one = contracts.forecaster_of("persistence", world)
    flow, long = (fit(series, graph, "persistence", **how) for how in ({"targets": ["flow"]}, {"history": 9}))
    silent = series.observed.copy()
    silent[480:, :, 0] = False
    with pytest.raises(DataError, match="at least one"):
        evaluate({}, series)
    with pytest.raises(MismatchError, match=r"channels: .*'speed'.* \(a\) and .*'flow'.* \(b\)"):
        evaluate({"a": one, "b": flow}, series)
    with pytest.raises(MismatchError, match=r"history: expected the same for all, found 6 \(a\) and 9 \(b\)"):
        evaluate({"a": one, "b": long}, series)
    with pytest.raises(ShapeError, match=r"parts\['a'\]: expected shape \(T \[T=600\], N \[N=17\]\), found"):
        evaluate({"a": one}, series, parts={"a": series.observed})
    with pytest.raises(UnknownNameError, match="unknown part 'tset': did you mean 'test'"):
        check_part("tset")
    with pytest.raises(DataError, match=r"test part.*nothing was observed"):
        evaluate({"a": one}, replace(series, observed=silent))
    with pytest.raises(DataError, match="validation part of the series: no window fits"):
        evaluate({"a": one}, series.slice(0, 40), "validation")


def test_baselines_share_split_task_and_graph(world: World) -> None:
    forecaster = contracts.forecaster_of("patchnet", world)
    baselines = fit_baselines(forecaster, world.series)
    assert tuple(baselines) == BASELINES
    of_a_baseline = fit_baselines(contracts.forecaster_of("persistence", world), world.series)
    assert tuple(of_a_baseline) == BASELINES[1:], "it is no baseline of itself"
    for baseline in baselines.values():
        assert baseline.task == forecaster.task
        assert baseline.split == forecaster.split
        assert baseline.scaler == forecaster.scaler


def test_the_truth_scores_zero(world: World) -> None:
    """An oracle that has seen the target has no error: the scorer looks at the right cells."""
    forecaster = contracts.forecaster_of("persistence", world)
    flat = np.full_like(world.series.values, 50.0)
    constant = replace(world.series, values=flat)
    errors = evaluate({"p": forecaster}, constant).errors["p"]
    assert errors.at["MAE"].max() < 1e-3
