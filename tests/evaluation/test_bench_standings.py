"""Standings: a task a board, a mean over seeds, a rank for what converged and is whole."""

import math

import pytest

from stgraph.evaluation.bench_standings import Board, Figure, boards
from tests.evaluation.benched import rows_of, table_of

AT = {"@15 min": 2.0, "avg<=60 min": 3.0}


def standing(board: Board, label: str) -> dict[str, object]:
    (found,) = (each for each in board.standings if each.label == label)
    return vars(found)


def test_models_are_ranked_by_the_pooled_error_of_the_mean_over_seeds() -> None:
    better = [rows_of("b", {"@15 min": 9.0, "avg<=60 min": e}, seed=f"{k}") for k, e in enumerate((1.0, 4.0))]
    (board,) = boards(table_of(rows_of("a", AT), *better))
    assert [(each.label, each.rank, each.seeds) for each in board.standings] == [("b", 1, 2), ("a", 2, 1)]
    figures = board.standings[0].figures
    assert figures["avg<=60 min", "MAE"] == Figure(2.5, 1.0, 4.0)
    assert figures["avg<=60 min", "RMSE"] == Figure(5.0, 2.0, 8.0)
    assert board.leads == ("@15 min", "avg<=60 min")
    assert board.metrics == ("MAE", "RMSE", "MAPE")


@pytest.mark.parametrize(
    "bad",
    [
        rows_of("b", {"avg<=60 min": 1.0}, seed="1", converged="no"),
        [rows_of("b", {"": 1.0}, seed="1", why="out of memory", MAE="")[0] | {"MAE": "", "lead": ""}],
    ],
    ids=["not converged", "failed"],
)
def test_one_seed_that_did_not_come_to_its_end_costs_the_rank(bad: list[dict[str, str]]) -> None:
    (board,) = boards(table_of(rows_of("b", {"avg<=60 min": 1.0}), bad, rows_of("a", AT)))
    assert [(each.label, each.rank) for each in board.standings] == [("a", 1), ("b", None)]


def test_under_a_protocol_that_averages_each_horizon_is_a_lead_of_one_board() -> None:
    runs = [
        rows_of(name, {f"avg<={5 * int(h)} min": error}, horizon=h, protocol="tgcn", dataset="los-loop")
        for name, h, error in (("a", "3", 2.0), ("a", "12", 4.0), ("b", "3", 1.0), ("c", "3", 3.0), ("c", "12", 2.5))
    ]
    (board,) = boards(table_of(*runs))
    assert board.leads == board.ranking_leads == ("avg<=15 min", "avg<=60 min")
    assert board.horizons == ("3", "12")
    found = [(each.label, each.rank, each.lacking) for each in board.standings]
    assert found == [("c", 1, ""), ("a", 2, ""), ("b", None, "not complete")]
    assert board.metrics[0] == "RMSE"


def test_seeds_that_are_not_all_done_cost_the_rank() -> None:
    task = {"protocol": "tgcn", "dataset": "los-loop"}
    runs = [
        rows_of("a", {f"avg<={5 * int(h)} min": 1.0}, horizon=h, seed=s, **task)
        for h, s in (("3", "0"), ("6", "0"), ("3", "1"))
    ]
    (board,) = boards(table_of(*runs))
    assert [(each.rank, each.lacking) for each in board.standings] == [(None, "not complete")]


def test_tasks_are_never_brought_together() -> None:
    changes = [
        {},
        {"dataset": "pems-bay"},
        {"protocol": "clean"},
        {"history": "6"},
        {"horizon": "3"},
        {"target": "flow"},
    ]
    found = boards(table_of(*(rows_of("a", AT, **change) for change in changes)))
    assert [len(board.standings) for board in found] == [1] * len(changes)


def test_what_was_asked_for_differently_stands_apart_and_says_in_what() -> None:
    runs = [
        rows_of("a", AT),
        rows_of("a", AT, epochs="60"),
        rows_of("a", AT, settings="hidden=8"),
        rows_of("a", AT, settings="hidden=8", precision="bf16"),
        rows_of("a", AT, minutes="20"),
    ]
    (board,) = boards(table_of(*runs))
    assert {each.label for each in board.standings} == {
        "a, epochs 30, minutes any",
        "a, epochs 60, minutes any",
        "a, epochs 30, minutes 20",
        "a, hidden=8",
        "a, hidden=8, bf16",
    }


def test_the_leads_shown_are_those_asked_for_else_the_usual_ones_else_all() -> None:
    leads = {f"@{m} min": 1.0 for m in (45, 90, 180)} | {"avg<=180 min": 1.0}
    quarter = table_of(rows_of("a", leads | {"@15 min": 1.0}, dataset="largest-sd", protocol="largest"))
    assert boards(quarter)[0].leads == ("@15 min", "avg<=180 min")
    asked = {("largest-sd", "largest"): ["@90 min", "@45 min", "avg<=180 min"]}
    assert boards(quarter, asked)[0].leads == ("@45 min", "@90 min", "avg<=180 min")
    average = {("largest-sd", "largest"): ["avg<=180 min"]}
    assert boards(quarter, average)[0].leads == ("@15 min", "avg<=180 min")
    odd = table_of(rows_of("a", {"@6 min": 1.0, "@12 min": 1.0, "avg<=24 min": 1.0}))
    assert boards(odd)[0].leads == ("@6 min", "@12 min", "avg<=24 min")


def test_absent_data_are_a_board_that_says_what_to_do() -> None:
    row = {"dataset": "pems04", "protocol": "pems", "history": "12", "horizon": "12", "why": "fetch it"}
    (board,) = boards(table_of([row]))
    assert (board.dataset, board.standings, board.missing) == ("pems04", (), "fetch it")


def test_facts_are_over_all_seeds_and_nothing_is_made_of_nothing() -> None:
    (board,) = boards(table_of(rows_of("a", AT), rows_of("a", AT, seed="1", epochs_run="9", peak_gib="")))
    facts = board.standings[0].facts
    assert (facts["epochs_run"].low, facts["epochs_run"].high) == (9, 20)
    assert facts["peak_gib"] == Figure(1.26, 1.26, 1.26)
    assert math.isnan(facts["best_epoch"].mean)
    assert board.origin["commit"] == ("abc",)
