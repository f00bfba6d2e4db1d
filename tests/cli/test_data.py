"""`stgraph data`, and `stgraph fit --dataset`."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stgraph.cli.main import app
from stgraph.datasets import DATASETS
from stgraph.errors import DataError, UnknownNameError
from stgraph.forecasting import load
from tests.datasets.tiny import write_los_loop, write_metr_la, write_text


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_the_list_says_which_are_here(tmp_path: Path) -> None:
    write_los_loop(tmp_path)
    lines = run("data", "list", "--data-dir", str(tmp_path)).splitlines()
    state = {words[0]: words[-1] for line in lines if len(words := re.split(r"\s{2,}", line.strip())) > 5}
    assert set(DATASETS) <= set(state)
    assert state["los-loop"] == "here"
    assert state["metr-la"] == "unverified"
    assert state["largest-ca"] == "by hand"
    assert state["synthetic"] == "none needed"
    assert f"data folder: {tmp_path}" in lines


def test_info_tells_terms_citation_files_and_what_is_unverified(tmp_path: Path) -> None:
    write_metr_la(tmp_path)
    said = run("data", "info", "metr-la", "--data-dir", str(tmp_path))
    facts = DATASETS["metr-la"].facts
    assert facts.licence in " ".join(said.split())
    assert facts.link in said
    assert "unverified: not tried yet" in said
    assert f"series: {tmp_path / 'metr-la' / 'metr-la.h5'}" in said
    with pytest.raises(UnknownNameError, match="did you mean 'metr-la'"):
        run("data", "info", "metr")


def test_paths_are_where_files_are_or_belong(tmp_path: Path) -> None:
    write_los_loop(tmp_path)
    assert run("data", "path", "--data-dir", str(tmp_path)) == f"{tmp_path}\n"
    folder = tmp_path / "metr-la"
    said = run("data", "path", "los-loop", "--data-dir", str(tmp_path)).split()
    assert said == [str(folder / "los_speed.csv"), str(folder / "los_adj.csv")]
    assert run("data", "path", "pems04", "--data-dir", str(tmp_path)).split()[0] == str(tmp_path / "pems04/PEMS04.npz")


def test_fetch_says_what_is_there_and_what_takes_a_hand(tmp_path: Path) -> None:
    write_los_loop(tmp_path)
    assert "los-loop: complete" in run("data", "fetch", "los-loop", "--data-dir", str(tmp_path))
    with pytest.raises(DataError, match=r"by hand \(an account is needed\): log in at kaggle\.com") as error:
        run("data", "fetch", "largest-sd", "--data-dir", str(tmp_path))
    assert str(tmp_path / "largest" / "ca_his_raw_2019.h5") in str(error.value)


def fit(folder: Path, name: str, *more: str) -> str:
    small = ("--model", "persistence", "--history", "1", "--horizon", "1")
    return run("fit", "--dataset", name, "--data-dir", str(folder), "--output", str(folder / "run"), *small, *more)


def test_a_dataset_is_fitted_and_its_run_reopens_it(taxis: Path) -> None:
    said = fit(taxis, "sz-taxi")
    assert "sensors matched by the reader of the dataset" in said
    provenance = load(taxis / "run").provenance
    assert provenance["dataset"] == "sz-taxi"
    assert provenance["read"]["missing"] == [0]
    report = run("evaluate", str(taxis / "run"))
    assert "persistence" in report
    about = json.loads((taxis / "run" / "evaluation" / "report.json").read_text())["about"]
    assert about["series"].startswith("dataset sz-taxi, SHA-256 ")
    assert "every 0" in about["left out as unobserved"]


def test_a_run_follows_its_data_but_takes_no_other(taxis: Path) -> None:
    fit(taxis, "sz-taxi")
    moved = taxis / "moved"
    moved.mkdir()
    (taxis / "sz-taxi").rename(moved / "sz-taxi")
    with pytest.raises(DataError, match="sz-taxi: files are missing"):
        run("evaluate", str(taxis / "run"))
    run("evaluate", str(taxis / "run"), "--series", str(moved))
    speeds = moved / "sz-taxi" / "sz_speed.csv"
    lines = speeds.read_text().splitlines()
    write_text(speeds, "\n".join([*lines[:-1], "1,2,3"]) + "\n")
    with pytest.raises(DataError, match=r"dataset sz-taxi: expected the series of this run, SHA-256 .*, found "):
        run("evaluate", str(taxis / "run"), "--series", str(moved))
