"""Evaluation: the figures are those of a loop over all windows, whatever the batches."""

from dataclasses import replace

import numpy as np
import pytest

from stgraph.evaluation import BASELINES, evaluate, fit_baselines
from tests import contracts, naive
from tests.conftest import World


def test_the_figures_of_persistence_equal_the_loop(world: World) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    scored = evaluate({"persistence": forecaster}, world.series)
    series, forecasts, truths, seen = world.series, [], [], []
    for window in naive.windows(6, 4, [(480, 600)]):
        future = np.zeros((4, 17))
        for n in range(17):
            known = [series.values[t, n, 0] for t in window[:6] if series.observed[t, n, 0]]
            future[:, n] = known[-1] if known else forecaster.scaler.mean[0]
        forecasts.append(future)
        truths.append(series.values[window[6:], :, 0].astype(float))
        seen.append(series.observed[window[6:], :, 0])
    assert scored.windows == len(forecasts)
    for h in range(4):
        by_hand = naive.masked_errors(
            np.array(forecasts)[:, h], np.array(truths)[:, h], np.array(seen)[:, h], threshold=1.0
        )
        for metric, value in by_hand.items():
            assert scored.errors["persistence"].at[metric][h, 0] == pytest.approx(value, rel=1e-5)


def test_tables_label_what_a_row_is(world: World) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    scored = evaluate({"p": forecaster}, world.series, "validation")
    table = scored.to_dataframe()
    assert table["lead"].tolist() == ["@30 min", "@60 min", "@90 min", "@120 min", "avg<=120 min"]
    assert scored.summary()["lead"].tolist() == ["@30 min", "@60 min", "avg<=120 min"]
    assert set(table["unit"]) == {"km/h"}
    assert scored.to_dict()["part"] == "validation"
    assert len(scored.to_dict()["errors"]) == 5


def test_baselines_share_split_task_and_graph(world: World) -> None:
    forecaster = contracts.forecaster_of("patchnet", world)
    baselines = fit_baselines(forecaster, world.series)
    assert tuple(baselines) == BASELINES
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
