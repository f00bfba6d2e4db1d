"""Files or a dataset, for every verb: one of them, and the same series and graph as from Python."""

from pathlib import Path

import pytest

from stgraph.datasets import load
from stgraph.errors import DataError
from stgraph.graph import read_adjacency
from tests.cli.test_data import run


def test_options_that_read_files_are_refused_beside_a_dataset(taxis: Path) -> None:
    given = ("--dataset", "sz-taxi", "--data-dir", str(taxis))
    with pytest.raises(DataError, match="--unit, --missing: not together with --dataset"):
        run("fit", *given, "--output", str(taxis / "run"), "--unit", "mph", "--missing", "0")
    with pytest.raises(DataError, match="--data-dir: expected --dataset too"):
        run("fit", "--data-dir", str(taxis), "--output", str(taxis / "run"))
    with pytest.raises(DataError, match="expected --series and --adjacency, or --dataset"):
        run("fit", "--output", str(taxis / "run"))


def test_other_verbs_take_a_dataset_too(taxis: Path) -> None:
    given = ("--dataset", "sz-taxi", "--data-dir", str(taxis))
    loaded = load("sz-taxi", taxis)
    assert str(loaded.graph) in run("check", *given).replace("\n", "")
    small = ("--model", "persistence", "--history", "2", "--horizon", "1", "--stride", "8")
    assert f"{loaded.series}" in run("backtest", *given, *small).replace("\n", "")
    assert "correlation of speed" in run("graph", "correlation", *given, "--output", str(taxis / "alike.npz"))
    assert read_adjacency(taxis / "alike.npz").ids == loaded.series.sensors


@pytest.mark.parametrize("verb", [("check",), ("backtest",), ("graph", "correlation")])
def test_other_verbs_refuse_files_beside_it_or_neither(verb: tuple[str, ...], taxis: Path) -> None:
    given = (*verb, "--dataset", "sz-taxi", "--data-dir", str(taxis))
    with pytest.raises(DataError, match="--unit: not together with --dataset"):
        run(*given, "--unit", "mph")
    file = ("speed.csv",) if verb[0] == "graph" else ("--series", "speed.csv")
    with pytest.raises(DataError, match="series: not together with --dataset"):
        run(*given, *file)
    with pytest.raises(DataError, match=r"expected .*series.*, or --dataset"):
        run(*verb)
