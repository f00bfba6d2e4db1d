"""A benchmark: every run once, in the order asked for, whatever is missing, fails or is interrupted."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import stgraph
from stgraph.errors import DataError, StgraphError, UnknownNameError
from stgraph.evaluation import QUICK, bench, read_results
from stgraph.evaluation.bench import choose_models
from stgraph.evaluation.bench_child import EndedError
from stgraph.evaluation.bench_source import TrafficSource
from stgraph.models import MODELS
from tests.conftest import World
from tests.evaluation.benched import SMALL, TRAINING, source_of

MODULE = importlib.import_module("stgraph.evaluation.bench")  # the function has its name
HOW: dict[str, Any] = {"history": 6, "horizons": (4,), "training": TRAINING, "settings": {"gru": SMALL}}


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are done in this process: a fresh one takes seconds to import."""
    monkeypatch.setattr(MODULE, "apart", lambda work, *arguments: work(*arguments))


@pytest.mark.usefixtures("here")
def test_every_model_seed_and_horizon_once_and_never_again(world: World, tmp_path: Path) -> None:
    source, said = source_of(world, tmp_path), list[str]()
    how: dict[str, Any] = HOW | {"horizons": (2, 4), "seeds": 2, "output": tmp_path / "out", "report": said.append}
    table = bench([source], ["gru", "persistence"], **how)
    runs = table[["model", "seed", "horizon"]].drop_duplicates().to_numpy().tolist()
    assert runs == [
        ["gru", "0", "2"],
        ["persistence", "", "2"],
        ["gru", "0", "4"],
        ["persistence", "", "4"],
        ["gru", "1", "2"],
        ["gru", "1", "4"],
    ]
    assert sum("MAE" in line for line in said) == 6
    kept = (tmp_path / "out" / "results.csv").read_bytes()
    assert bench([source], ["gru", "persistence"], **how).equals(table)
    assert (tmp_path / "out" / "results.csv").read_bytes() == kept
    assert sum(line.endswith("done before") for line in said) == 6
    only = bench([source], ["persistence"], **how | {"settings": None})
    assert set(only["model"]) == {"persistence"}, "what was asked for, not all there is"


@pytest.mark.usefixtures("here")
def test_a_missing_dataset_is_a_row_until_there_is_another(world: World, tmp_path: Path) -> None:
    absent, said = TrafficSource("metr-la", data_dir=tmp_path), list[str]()
    how: dict[str, Any] = HOW | {"output": tmp_path, "report": said.append, "settings": None}
    table = bench([absent, source_of(world, tmp_path)], ["persistence", "historical-average"], **how)
    assert table["dataset"].tolist()[0] == "metr-la"
    assert (table["dataset"] == "metr-la").sum() == 1
    assert table["why"][0] == "its files were not on this machine: `stgraph data fetch metr-la`"
    assert set(table["dataset"]) == {"metr-la", "tiny"}
    assert any("left out" in line for line in said)
    measured = read_results(tmp_path / "results.csv").assign(dataset="metr-la").query("why == ''")
    measured.to_csv(tmp_path / "other.csv", index=False)
    bench([absent], ["gru"], **how | {"results": tmp_path / "other.csv"})
    assert (read_results(tmp_path / "other.csv")["why"] == "").all(), "figures from another machine stay"


def test_a_process_that_dies_is_a_row_and_the_others_go_on(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(work: Callable[..., str], run: Any, *arguments: Any) -> str:
        if run.model == "gru":
            message = "the process ended by signal 9"
            raise EndedError(message)
        return work(run, *arguments)

    monkeypatch.setattr(MODULE, "apart", dying)
    table = bench([source_of(world, tmp_path)], ["gru", "persistence"], **HOW, output=tmp_path)
    assert table.loc[table["model"] == "gru", "why"].tolist() == ["the process ended by signal 9"]
    assert (table.loc[table["model"] == "persistence", "why"] == "").all()


@pytest.mark.slow
def test_each_run_has_a_process_of_its_own(world: World, tmp_path: Path) -> None:
    table = stgraph.bench([source_of(world, tmp_path)], ["gru"], **HOW, output=tmp_path / "out")
    assert table["why"].tolist() == [""] * 4
    assert 0.05 < float(table["peak_gib"].iloc[0]) < 4


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"models": ["patchnt"]}, UnknownNameError, "did you mean 'patchnet'"),
        ({"models": "quik"}, UnknownNameError, "did you mean 'quick'"),
        ({"models": []}, DataError, "models: expected at least one"),
        ({"data": ["los-lop"]}, UnknownNameError, "did you mean 'los-loop'"),
        ({"data": []}, DataError, "at least one dataset"),
        ({"protocol": "dcrn"}, UnknownNameError, "did you mean 'dcrnn'"),
        ({"seeds": 0}, DataError, "seeds: expected a number above 0, found 0"),
        ({"minutes": -1.0}, DataError, "minutes: expected a number above 0"),
        ({"horizons": ()}, DataError, "one horizon"),
        ({"horizons": (3, 0)}, DataError, "horizon: expected a number above 0"),
        ({"settings": {"stid": {"hidden": 8}}}, UnknownNameError, "unknown model in settings 'stid'"),
        ({"results": "results.json"}, DataError, r"expected a name ending in \.csv"),
    ],
)
def test_what_cannot_be_is_one_error_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], error: type[StgraphError], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    asked: dict[str, Any] = {"data": ["synthetic"], "models": ["persistence"]} | changes
    with pytest.raises(error, match=words):
        bench(asked.pop("data"), asked.pop("models"), **asked)
    assert not list(tmp_path.iterdir())


def test_models_are_all_the_quick_ones_or_those_named() -> None:
    assert choose_models("all") == tuple(MODELS)
    assert choose_models("quick") == QUICK
    assert set(QUICK) <= set(MODELS)
    assert choose_models(["gru", "stid", "gru"]) == ("gru", "stid")
    assert choose_models("gru") == ("gru",)
