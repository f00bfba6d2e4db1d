"""The report: every figure of the evaluation, readable in Markdown, strict in JSON."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stgraph.errors import DataError
from stgraph.evaluation import evaluate, fit_baselines, write_report
from stgraph.evaluation.hard_parts import PEAK, peak_hours
from stgraph.evaluation.report import _spell
from stgraph.forecasting import fit
from stgraph.metrics import HIGHER_IS_BETTER, METRICS
from tests import contracts
from tests.conftest import World


def tables(page: str) -> list[list[list[str]]]:
    """Every Markdown table as rows of cells, its head first, without the rule under it."""
    found = re.findall(r"(?:^\|.*\|\n?)+", page, flags=re.MULTILINE)
    rows = [[re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines()] for table in found]
    return [[[cell.strip() for cell in row] for row in [table[0], *table[2:]]] for table in rows]


def test_the_page_shows_the_figures_and_says_what_they_are(world: World, tmp_path: Path) -> None:
    forecaster = contracts.forecaster_of("patchnet", world)
    scored = evaluate({"patchnet": forecaster, **fit_baselines(forecaster, world.series)}, world.series)
    pictures = {"lead": {0: "lead.png"}, "hour": {0: "hour.png"}, "sensor": {0: "sensor.png"}}
    paths = write_report(scored, forecaster, tmp_path / "new", pictures=pictures)
    assert paths == (tmp_path / "new" / "report.md", tmp_path / "new" / "report.json")
    page = paths[0].read_text()
    facts, glance, _, _, leads, hours, worst, best = tables(page)
    said = {row[0]: row[1] for row in facts[1:]}
    assert said["targets"] == "Thu 2024-01-11 03:00 to Sat 2024-01-13 11:30, local time"
    assert said["scored"] == "the test part, 111 windows"
    assert said["MAPE"] == "in %, where the truth is at least 1 km/h"
    assert said["left out as unobserved"] == "what is empty or marked so in the series"
    assert glance[0][2:] == ["MAE [km/h]", "RMSE [km/h]", "MAPE [%]", "WAPE [%]", "R2", "EV", "accuracy"]
    table = scored.errors["patchnet"]
    assert ["@30 min", "patchnet", *(_spell(table.at[m][0, 0]) for m in METRICS)] in [
        [cell.strip("*") for cell in row] for row in glance
    ]
    assert [row[0] for row in leads] == ["lead", "@30 min", "@60 min", "@90 min", "@120 min"]
    assert [row[-1] for row in leads[1:]] == [f"{count:,.0f}" for count in table.count[:, 0]]
    assert len(hours) == 25
    ranked = scored.worst_sensors()
    assert [row[0] for row in worst[1:]] == list(ranked.index[:8])
    assert [row[0] for row in best[1:]] == list(ranked.index[:7:-1])
    assert "Never observed, and left out: 1 of 17 (s03)." in page
    for picture in ("lead.png", "hour.png", "sensor.png"):
        assert f"]({picture})" in page
    data = json.loads(paths[1].read_text(), parse_constant=pytest.fail)
    assert data["about"] == said
    assert data == scored.to_dict() | {"about": said}


def test_bounds_are_shown_beside_those_of_the_others_and_at_every_lead(world: World, tmp_path: Path) -> None:
    forecaster = contracts.forecaster_of("patchnet", world)
    models = {"patchnet": forecaster, **fit_baselines(forecaster, world.series)}
    scored = evaluate(models, world.series, coverage=0.8)
    paths = write_report(scored, forecaster, tmp_path)
    page = paths[0].read_text()
    assert "### Bounds that should hold 80 %" in page
    facts, _, beside, alone, *_ = tables(page)
    said = {row[0]: row[1] for row in facts[1:]}
    assert said["bounds"].startswith("asked to hold 80 % of the true values; calibrated on 111 windows")
    assert said["interval score"] == "the width, and 10 times what a true value lies outside; the least is best"
    assert beside[0] == ["lead", "model", "coverage [%]", "width [km/h]", "interval score [km/h]"]
    assert [row[:2] for row in beside[1:5]] == [["@30 min", name] for name in models]
    assert sum(row[4].startswith("**") for row in beside[1:]) == 3
    assert [row[0] for row in alone[1:]] == list(scored.leads)
    table = scored.intervals["patchnet"]
    for k, row in enumerate(alone[1:5]):
        share = f"{100 * table.at['coverage'][k, 0]:.1f}"
        assert row[1:] == ["patchnet", share, *(_spell(table.at[x][k, 0]) for x in ("width", "interval_score"))]
    data = json.loads(paths[1].read_text(), parse_constant=pytest.fail)
    assert data["coverage_asked"] == 0.8
    assert {row["model"] for row in data["errors"] if row["coverage"] is not None} == set(models)


def test_without_bounds_nothing_is_said_of_them(world: World, tmp_path: Path) -> None:
    forecaster = replace(contracts.forecaster_of("persistence", world), calibration=None)
    page, data = write_report(evaluate({"p": forecaster}, world.series), forecaster, tmp_path)
    assert "ounds" not in page.read_text()
    assert "interval" not in page.read_text()
    assert json.loads(data.read_text())["coverage_asked"] is None


def test_the_least_error_is_bold_only_where_there_are_several(world: World, tmp_path: Path) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    alone = evaluate({"p": forecaster}, world.series)
    assert "**" not in write_report(alone, forecaster, tmp_path)[0].read_text()
    several = evaluate({"p": forecaster, **fit_baselines(forecaster, world.series)}, world.series)
    leads = tables(write_report(several, forecaster, tmp_path)[0].read_text())[4]
    for row in leads[1:]:
        errors = [float(cell.strip("*")) for cell in row[1:-1]]
        assert [cell.startswith("**") for cell in row[1:-1]] == [error == min(errors) for error in errors]


def test_the_best_of_a_glance_is_the_lowest_error_or_the_highest_share(world: World, tmp_path: Path) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    several = evaluate({"p": forecaster, **fit_baselines(forecaster, world.series)}, world.series)
    glance = tables(write_report(several, forecaster, tmp_path)[0].read_text())[1]
    for metric, *cells in zip(METRICS, *(row[2:] for row in glance[1:4]), strict=True):
        values = [float(cell.strip("*")) for cell in cells]
        best = max(values) if metric in HIGHER_IS_BETTER else min(values)
        assert [cell.startswith("**") for cell in cells] == [value == best for value in values], metric


def test_parts_are_shown_with_their_errors_share_and_definition(world: World, tmp_path: Path) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    half = np.zeros(world.series.observed.shape[:2], dtype=bool)
    half[:, 5:9] = True
    parts = {"four": half, "none": np.zeros_like(half), "rush": peak_hours(world.series)}
    scored = evaluate({"p": forecaster}, world.series, parts=parts)
    paths = write_report(scored, forecaster, tmp_path, definitions={"four": "sensors 5 to 8", "rush": PEAK})
    page = paths[0].read_text()
    facts, *_, shown, worst, _ = tables(page)
    said = {row[0]: row[1] for row in facts[1:]}
    assert (said["part four"], said["part none"], said["part rush"]) == ("sensors 5 to 8", "as given", PEAK)
    assert worst[0][0] == "worst"
    assert shown[0] == ["part", "lead", "p", "values", "of all"]
    assert [row[:2] for row in shown[1:4]] == [["four", "@30 min"], ["four", "@60 min"], ["four", "avg<=120 min"]]
    table, four = scored.errors["p"], scored.per_part().iloc[2]
    assert shown[3][2] == _spell(four["MAE"])
    assert shown[3][4] == f"{four['count'] / table.count.sum():.1%}"
    assert shown[4][2:] == ["-", "0", "0.0%"]
    data = json.loads(paths[1].read_text(), parse_constant=pytest.fail)
    assert [row["part"] for row in data["per_part"]] == ["four"] * 3 + ["none"] * 3 + ["rush"] * 3


def test_each_channel_has_its_own_tables_and_a_silent_one_shows_dashes(world: World, tmp_path: Path) -> None:
    silent = world.series.observed.copy()
    silent[480:, :, 1] = False
    series = replace(world.series, observed=silent)
    forecaster = fit(series, world.graph, "persistence", targets=["speed", "flow"], history=6, horizon=2)
    paths = write_report(evaluate({"p": forecaster}, series, threshold=0.5), forecaster, tmp_path)
    page = paths[0].read_text()
    assert "## speed [km/h]" in page
    _, flow = page.split("## flow [veh/h]")
    assert "0 of 3,842 target values were observed (0.0%)" in flow
    glance, bounds, _, leads, _ = tables(flow)  # no sensor to rank
    assert glance[1][2:] == ["-"] * 7
    assert bounds[1][2:] == ["-"] * 3
    assert leads[1] == ["@30 min", "-", "0"]
    assert "at least 0.5 km/h or veh/h" in page
    json.loads(paths[1].read_text(), parse_constant=pytest.fail)


def test_names_with_bars_and_listed_holes_are_spelled(world: World, tmp_path: Path) -> None:
    sensors = ("a|b", *world.series.sensors[1:])
    other = World(replace(world.graph, ids=sensors), replace(world.series, sensors=sensors))
    forecaster = replace(
        contracts.forecaster_of("persistence", other),
        provenance={"series": "speed.csv", "series_sha256": "12ab", "read": {"missing": [0.0, 255.0]}},
    )
    page = write_report(evaluate({"p": forecaster}, other.series), forecaster, tmp_path)[0].read_text()
    said = {row[0]: row[1] for row in tables(page)[0]}
    assert said["series"] == "speed.csv, SHA-256 12ab"
    assert said["left out as unobserved"] == "what is empty or marked so in the series and every 0 and every 255"
    assert "| a\\|b |" in page


def test_a_folder_that_cannot_be_is_refused(world: World, tmp_path: Path) -> None:
    forecaster = contracts.forecaster_of("persistence", world)
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        write_report(evaluate({"p": forecaster}, world.series), forecaster, tmp_path / "file")


def test_small_errors_keep_three_digits() -> None:
    assert [_spell(x) for x in (0.0, 0.66, 0.00444, 1558.9094, np.nan)] == [
        "0.000",
        "0.660",
        "0.00444",
        "1558.909",
        "-",
    ]
