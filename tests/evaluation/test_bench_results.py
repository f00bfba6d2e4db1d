"""The file of results: rows are added, replaced by run, and never lost between processes."""

import multiprocessing
from pathlib import Path

import pytest

from stgraph.errors import DataError
from stgraph.evaluation.bench_results import COLUMNS, add_results, check_results, finished_keys, keys_of, read_results

RUN = {"dataset": "a", "protocol": "clean", "history": "12", "horizon": "12", "model": "gru", "seed": "0"}


def test_rows_are_added_and_those_of_the_same_run_replaced(tmp_path: Path) -> None:
    file = tmp_path / "new" / "results.csv"
    add_results(file, [RUN | {"lead": "@15 min", "MAE": "2.10"}, RUN | {"lead": "@30 min", "MAE": "3"}])
    add_results(file, [RUN | {"seed": "1", "lead": "@15 min", "MAE": "9"}])
    add_results(file, [RUN | {"lead": "@15 min", "MAE": "2.00"}])
    table = read_results(file)
    assert tuple(table.columns) == COLUMNS
    assert table["MAE"].tolist() == ["9", "2.00"]  # as text: nothing is rounded on the way
    assert len(finished_keys(file)) == 2
    assert set(keys_of(table)) == finished_keys(file)


def test_a_run_that_failed_is_not_finished_and_gives_way(tmp_path: Path) -> None:
    file = tmp_path / "results.csv"
    add_results(file, [RUN | {"why": 'DataError: no, of "all" things,\nthis'}])
    assert read_results(file)["why"].tolist() == ['DataError: no, of "all" things,\nthis']
    assert not finished_keys(file)
    add_results(file, [RUN | {"lead": "@15 min"}])
    assert read_results(file)["why"].tolist() == [""]


def test_that_files_were_missing_is_forgotten_when_there_is_something_else_to_say(tmp_path: Path) -> None:
    file = tmp_path / "results.csv"
    absent = {"dataset": "a", "protocol": "clean", "history": "12", "horizon": "12", "why": "missing"}
    add_results(file, [absent, absent | {"horizon": "6"}, absent | {"dataset": "b"}, absent | {"protocol": "tgcn"}])
    add_results(file, [RUN | {"why": "failed"}])
    table = read_results(file)
    assert list(zip(table["dataset"], table["protocol"], table["why"], strict=True)) == [
        ("b", "clean", "missing"),
        ("a", "tgcn", "missing"),
        ("a", "clean", "failed"),
    ]


def add_many(file: Path, seed: int) -> None:
    for k in range(20):
        add_results(file, [RUN | {"seed": f"{seed}", "horizon": f"{k}"}])


def test_two_processes_add_without_losing_a_row(tmp_path: Path) -> None:
    file, context = tmp_path / "results.csv", multiprocessing.get_context("fork")
    others = [context.Process(target=add_many, args=(file, seed)) for seed in range(2)]
    for process in others:
        process.start()
    for process in others:
        process.join()
    assert [process.exitcode for process in others] == [0, 0]
    assert len(finished_keys(file)) == len(read_results(file)) == 40


def test_no_file_has_no_rows_and_another_table_is_refused_and_left(tmp_path: Path) -> None:
    assert read_results(tmp_path / "none.csv").empty
    assert check_results(tmp_path / "none.csv") == tmp_path / "none.csv"
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("time,sensor\n1,2\n")
    with pytest.raises(DataError, match=r"foreign\.csv: expected the columns of `stgraph bench`"):
        add_results(foreign, [RUN])
    assert foreign.read_text() == "time,sensor\n1,2\n"
    (tmp_path / "empty.csv").touch()
    with pytest.raises(DataError, match=r"empty\.csv: not readable as CSV"):
        check_results(tmp_path / "empty.csv")
    with pytest.raises(DataError, match=r"results\.json: expected a name ending in \.csv"):
        check_results(tmp_path / "results.json")
