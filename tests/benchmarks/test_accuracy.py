"""The committed sets: each asks for what there is, makes its data once, and lands in its file and picture."""

import inspect
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks import accuracy
from stgraph.datasets import DATASETS
from stgraph.errors import DataError
from stgraph.evaluation import PROTOCOLS, TrafficSource, bench
from stgraph.evaluation.bench import choose_models
from stgraph.evaluation.bench_results import add_results
from tests.conftest import World
from tests.evaluation.benched import rows_of

AT = {"@15 min": 2.0, "avg<=60 min": 2.4}


@pytest.mark.parametrize("name", accuracy.SETS)
def test_a_set_asks_for_data_rules_and_models_that_there_are(name: str) -> None:
    for part in accuracy.SETS[name]:
        inspect.signature(bench).bind(**{key: value for key, value in part.items() if key not in ("bf16", "best")})
        assert set(part["data"]) <= {*DATASETS, *accuracy.MADE}
        assert part.get("protocol", "clean") in PROTOCOLS
        assert choose_models(part.get("models", "quick"))


def test_tables_that_published_figures_stand_in_are_made_with_their_steps() -> None:
    los, sz = accuracy.SETS["los"], accuracy.SETS["sz"]

    def asked(parts: accuracy.Set) -> list[Any]:
        return [(part.get("protocol", "clean"), part.get("horizons", (12,))) for part in parts]

    assert asked(los) == [("tgcn", (3, 6, 9, 12))] * 2 + [("tgcn", (3,))] + [("clean", (12,))] * 2
    assert asked(sz) == [("tgcn", (1, 2, 3, 4))] * 4 + [("clean", (4,))] * 2
    assert [part["training"].epochs for part in los if part["models"] == ("tgcn",)] == [5000]  # as published
    assert [part.get("history", 12) for part in sz] == [12, 12, 12, 4, 12, 12]
    assert accuracy.file_of("i5-seeds") == accuracy.file_of("i5")


def test_data_are_made_once_or_are_those_of_a_dataset(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def make() -> Any:
        made.append(1)
        return world.series, world.graph

    monkeypatch.setattr(accuracy, "MADE", {"small": (make, "synthetic"), "away": (make, "metr-la")})
    monkeypatch.setenv("STGRAPH_DATA", str(tmp_path))
    for _ in range(2):
        source = accuracy.source("small", tmp_path)
    assert made == [1]
    inputs = source.read()
    assert (source.name, inputs.graph.ids) == ("small", world.graph.ids)
    assert inputs.series.digest() == world.series.select(channels=("speed",)).digest()
    assert accuracy.source("pems04", tmp_path) == TrafficSource("pems04")
    assert accuracy.source("away", tmp_path).missing().endswith("`stgraph data fetch metr-la`")


def test_the_best_are_those_trained_by_gradient_and_patchnet(tmp_path: Path) -> None:
    file = tmp_path / "accuracy-i5.csv"
    for k, name in enumerate(("persistence", "gru", "stid", "dcrnn", "gcn", "gat", "stgcn")):
        changes = {"stid": {"converged": "no"}, "dcrnn": {"precision": "bf16"}}.get(name, {})
        add_results(file, rows_of(name, {lead: error + k for lead, error in AT.items()}, **changes))
    assert accuracy.best(file) == ("gru", "stid", "dcrnn", "gcn", "patchnet")
    add_results(file, rows_of("gru", {lead: error + 100 for lead, error in AT.items()}, seed="1"))
    assert accuracy.best(file) == ("gru", "stid", "dcrnn", "gcn", "patchnet")  # of the seed that all have
    add_results(file, rows_of("patchnet", AT))
    assert accuracy.best(file) == ("gru", "stid", "dcrnn", "gcn", "patchnet")  # four beside it, wherever it stands
    with pytest.raises(DataError, match="run the set without -seeds first"):
        accuracy.best(tmp_path / "none.csv")


def test_seeds_are_of_the_best_trained_as_the_set_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(accuracy, "bench", lambda **given: asked.append(given))
    monkeypatch.setattr(accuracy, "RESULTS", tmp_path)
    monkeypatch.setattr(accuracy, "ROOT", tmp_path)
    for k, name in enumerate(("staeformer", "mtgnn", "gru", "stid", "dcrnn")):
        add_results(tmp_path / "accuracy-i5.csv", rows_of(name, {lead: error + k for lead, error in AT.items()}))
    accuracy.run("i5-seeds")
    chosen = [(each["models"], each["training"].precision, each["training"].batch_size) for each in asked]
    assert chosen == [(["gru", "stid", "patchnet"], "32", 64), (["mtgnn"], "bf16", 64), (["staeformer"], "32", 16)]
    assert {each["seeds"] for each in asked} == {3}


def test_a_set_lands_in_its_file_and_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def fake(*, results: Path, **given: Any) -> pd.DataFrame:
        asked.append(given)
        add_results(results, rows_of("gru", AT))
        return pd.DataFrame()

    monkeypatch.setattr(accuracy, "bench", fake)
    monkeypatch.setattr(accuracy, "RESULTS", tmp_path)
    monkeypatch.setattr(accuracy, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["accuracy", "metr-la"])
    accuracy.main()
    assert [(each["protocol"], each["minutes"]) for each in asked] == [("dcrnn", 60.0)]
    assert {path.name for path in tmp_path.glob("accuracy*")} == {"accuracy-metr-la.csv", "accuracy-metr-la.png"}
    assert "written: accuracy-metr-la.png" in capsys.readouterr().out


def test_models_whose_steps_are_much_shorter_in_bf16_are_trained_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(accuracy, "bench", lambda **given: asked.append((given["training"], given["models"])))
    monkeypatch.setattr(accuracy, "RESULTS", tmp_path)
    monkeypatch.setattr(accuracy, "ROOT", tmp_path)
    monkeypatch.setitem(accuracy.SETS, "i5", ({"data": [], "models": ("gru", "dcrnn", "gcn"), "bf16": ("dcrnn",)},))
    accuracy.run("i5")
    assert asked == [(accuracy.LONG, ["gru", "gcn"]), (replace(accuracy.LONG, precision="bf16"), ["dcrnn"])]


def test_anew_forgets_the_results_and_runs_of_a_set_and_of_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accuracy, "RESULTS", tmp_path)
    monkeypatch.setattr(accuracy, "RUNS", tmp_path / "runs")
    accuracy.forget("los")  # nothing is there
    for folder in ("los-loop-clean-12-12-gru-0-abc", "sz-taxi-clean-4-4-gru-0-abc"):
        (tmp_path / "runs" / folder).mkdir(parents=True)
    for name in ("los", "sz"):
        accuracy.file_of(name).write_text("")
    accuracy.forget("los")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["sz-taxi-clean-4-4-gru-0-abc"]
    assert [path.name for path in tmp_path.glob("*.csv")] == ["accuracy-sz.csv"]


def test_without_a_set_they_are_listed_and_a_wrong_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["accuracy"])
    accuracy.main()
    shown = capsys.readouterr().out
    assert all(name in shown for name in accuracy.SETS)
    monkeypatch.setattr(sys, "argv", ["accuracy", "i6"])
    with pytest.raises(SystemExit) as stop:
        accuracy.main()
    assert stop.value.code == 2
    assert "no such set: i6" in capsys.readouterr().err


def test_anew_forgets_all_sets_before_it_runs_one_and_keeps_what_seeds_stand_beside(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    monkeypatch.setattr(accuracy, "forget", lambda name: done.append(f"forget {name}"))
    monkeypatch.setattr(accuracy, "run", lambda name: done.append(f"run {name}"))
    monkeypatch.setattr(sys, "argv", ["accuracy", "--anew", "i5", "i5-seeds"])
    accuracy.main()
    assert done == ["forget i5", "forget i5-seeds", "run i5", "run i5-seeds"]
    monkeypatch.setattr(sys, "argv", ["accuracy", "--anew", "i5-seeds"])
    with pytest.raises(SystemExit):
        accuracy.main()
    assert "the results of i5-seeds stand in one file" in capsys.readouterr().err
    assert len(done) == 4
