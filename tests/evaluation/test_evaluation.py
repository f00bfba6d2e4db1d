"""The tables of an evaluation say the same in other ways, and are plain data for JSON."""

import json
from dataclasses import replace

import numpy as np
import pytest

from stgraph.evaluation import Evaluation, evaluate, fit_baselines
from tests import contracts
from tests.conftest import World


@pytest.fixture(scope="module")
def scored(world: World) -> Evaluation:
    forecaster = contracts.forecaster_of("patchnet", world)
    models = {"patchnet": forecaster, **fit_baselines(forecaster, world.series)}
    low = np.arange(len(world.series.sensors)) < 8
    parts = {name: np.tile(half, (len(world.series), 1)) for name, half in (("low", low), ("high", ~low))}
    return evaluate(models, world.series, parts=parts)


def test_tables_label_what_a_row_is(world: World) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    scored = evaluate({"p": forecaster}, world.series, "validation")
    table = scored.to_dataframe()
    assert table["lead"].tolist() == ["@30 min", "@60 min", "@90 min", "@120 min", "avg<=120 min"]
    assert scored.summary()["lead"].tolist() == ["@30 min", "@60 min", "avg<=120 min"]
    assert set(table["unit"]) == {"km/h"}
    assert scored.to_dict()["part"] == "validation"
    assert len(scored.to_dict()["errors"]) == 5
    assert scored.per_sensor()["sensor"].tolist() == list(world.series.sensors)
    assert scored.per_hour()["hour"].tolist() == list(range(24))


def test_bounds_stand_in_the_rows_of_leads_of_the_models_that_have_them(world: World) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    models = {"with": forecaster, "without": replace(forecaster, calibration=None)}
    scored = evaluate(models, world.series, coverage=0.8)
    assert scored.coverage == 0.8
    table = scored.to_dataframe()
    has = table["model"] == "with"
    assert table.loc[~has, ["coverage", "width", "interval_score"]].isna().to_numpy().all()
    of = scored.intervals["with"]
    expected = [*of.at["coverage"][:, 0], of.up_to["coverage"][-1, 0]]
    assert table["coverage"][has].tolist() == expected
    assert scored.summary().loc[2, "width"] == of.up_to["width"][-1, 0]
    assert "coverage" not in scored.per_sensor()
    bare = evaluate({"without": models["without"]}, world.series)
    assert bare.coverage is None
    assert "coverage" not in bare.summary()


def test_the_first_and_the_last_target_are_those_of_the_part(world: World, scored: Evaluation) -> None:
    times = world.series.local_times
    assert scored.period == (times[480 + contracts.HISTORY], times[599])
    assert scored.windows == 120 - contracts.HISTORY - contracts.HORIZON + 1


def test_the_mean_of_the_sensors_weighted_by_their_counts_is_the_pooled_error(scored: Evaluation) -> None:
    pooled = scored.to_dataframe().set_index(["model", "lead"])["MAE"]
    for table in (scored.per_sensor(), scored.per_hour()):
        for name, group in table.groupby("model"):
            known = group[group["count"] > 0]
            mean = (known["MAE"] * known["count"]).sum() / known["count"].sum()
            assert mean == pytest.approx(pooled[name, "avg<=120 min"], rel=1e-12)


def test_two_parts_that_share_nothing_are_the_whole(scored: Evaluation) -> None:
    assert scored.parts == ("low", "high")
    table = scored.per_part()
    assert list(table.columns[:5]) == ["model", "channel", "unit", "part", "lead"]
    assert len(table) == len(scored.errors) * 2 * 3
    pooled = scored.summary().set_index(["model", "lead"])["MAE"].to_dict()
    for key, group in table.groupby(["model", "lead"]):
        assert (group["MAE"] * group["count"]).sum() / group["count"].sum() == pytest.approx(pooled[key])
    assert scored.to_dict()["per_part"] == table.to_dict(orient="records")


def test_without_parts_there_is_no_row(world: World) -> None:
    alone = evaluate({"p": contracts.forecaster_of("persistence", world)}, world.series)
    assert alone.per_part().empty
    assert alone.to_dict()["per_part"] == []


def test_the_rival_is_the_best_of_the_others(world: World, scored: Evaluation) -> None:
    averages = {name: table.up_to["MAE"][-1, 0] for name, table in scored.errors.items() if name != "patchnet"}
    assert scored.model == "patchnet"
    assert scored.rival() == min(averages, key=averages.__getitem__)
    alone = evaluate({"p": contracts.forecaster_of("persistence", world)}, world.series)
    assert alone.rival() is None
    assert list(alone.worst_sensors().columns) == ["p"]


def test_the_worst_sensors_come_first_and_the_silent_one_nowhere(world: World, scored: Evaluation) -> None:
    ranked = scored.worst_sensors()
    assert list(ranked.columns) == ["patchnet", scored.rival()]
    assert ranked["patchnet"].is_monotonic_decreasing
    assert set(ranked.index) == set(world.series.sensors) - {"s03"}
    table = scored.per_sensor().set_index(["model", "sensor"])["MAE"]
    for name in ranked.columns:
        assert ranked[name].to_dict() == {sensor: table[name, sensor] for sensor in ranked.index}


def test_plain_data_is_strict_json_with_null_for_what_was_never_observed(scored: Evaluation) -> None:
    data = scored.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    silent = [row for row in data["per_sensor"] if row["sensor"] == "s03"]
    assert {row["model"] for row in silent} == set(scored.errors)
    assert all(row["MAE"] is None and row["MAPE"] is None and row["count"] == 0 for row in silent)
    assert data["mape_threshold"] == scored.threshold == 1.0
    assert data["targets_from"] == "2024-01-11T03:00:00"
    others = [row["MAE"] for row in data["per_sensor"] if row["sensor"] != "s03"]
    assert len(others) == 16 * len(scored.errors)
    assert all(np.isfinite(others))


def test_no_shown_minute_at_all_shows_the_last_step(scored: Evaluation) -> None:
    assert replace(scored, lead_minutes=np.array([7.0, 14.0, 21.0, 28.0])).shown_steps() == [3]
