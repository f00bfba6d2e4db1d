"""One run carried out: its figures are those of fit and evaluate, and it goes on where it was cut off."""

import math
from dataclasses import replace
from pathlib import Path

import filelock
import numpy as np
import pytest

from stgraph.errors import RunError, UnknownNameError
from stgraph.evaluation import PROTOCOLS, evaluate
from stgraph.evaluation.bench_record import carry_out
from stgraph.evaluation.bench_results import read_results
from stgraph.evaluation.bench_run import BenchRun
from stgraph.forecasting import Estimate, fit
from stgraph.forecasting.unfinished import CHECKPOINT, FINISHED, PLAN, Plan
from stgraph.training import module
from tests.conftest import World
from tests.evaluation.benched import SMALL, TRAINING, run_of, source_of


def done(run: BenchRun, folder: Path) -> str:
    return carry_out(run, folder / run.name, folder / "results.csv")


def figures(folder: Path) -> list[list[str]]:
    return read_results(folder / "results.csv")[["model", "lead", "MAE", "RMSE", "accuracy"]].to_numpy().tolist()


@pytest.mark.parametrize("protocol", ["clean", "tgcn"])
def test_the_figures_are_those_of_fit_and_evaluate(world: World, tmp_path: Path, protocol: str) -> None:
    source, rules = source_of(world, tmp_path), PROTOCOLS[protocol]
    said = done(run_of(source, protocol=protocol), tmp_path)
    table, inputs = read_results(tmp_path / "results.csv"), source.read()
    forecaster = fit(
        inputs.series,
        inputs.graph,
        "gru",
        history=6,
        horizon=4,
        settings=SMALL,
        training=TRAINING,
        split=rules.split,
        scaling=rules.scaling,
    )
    scored = evaluate({"gru": forecaster}, inputs.series, protocol=rules)
    every = scored.to_dataframe().set_index("lead")
    leads = ["avg<=120 min"] if protocol == "tgcn" else ["@30 min", "@60 min", "@90 min", "avg<=120 min"]
    assert table["lead"].tolist() == leads
    for metric in ("MAE", "RMSE", "MAPE", "R2", "accuracy"):
        np.testing.assert_allclose(table[metric].astype(float), every.loc[leads, metric], rtol=1e-5)
    row, log = table.iloc[-1], forecaster.log
    assert (row["epochs_planned"], row["epochs_run"], row["best_epoch"]) == ("3", "3", f"{log.best_epoch + 1}")
    assert (row["converged"], row["stopped_early"], row["unit"]) == ("no", "no", "mph")
    assert row["windows"] == f"{scored.windows}"
    assert int(row["parameters"]) == sum(p.numel() for p in forecaster.model.parameters())
    assert float(row["seconds"]) >= float(row["seconds_per_epoch"]) > 0
    assert float(row["peak_gib"]) > 0.05
    assert "3 epochs, not converged" in said


def test_what_is_not_trained_in_epochs_has_no_epochs_and_is_converged(world: World, tmp_path: Path) -> None:
    done(run_of(source_of(world, tmp_path), "persistence"), tmp_path)
    row = read_results(tmp_path / "results.csv").iloc[-1]
    assert [row[name] for name in ("epochs_run", "best_epoch", "late_gain", "seconds_per_epoch")] == [""] * 4
    assert row["converged"] == "yes"


class Cut(BaseException):
    """What ends a training."""


def test_cut_off_it_goes_on_and_ends_in_the_same_figures(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(world, tmp_path)
    run = run_of(source, minutes=60.0)
    step, seen = module.ForecastModule.training_step, [0]

    def cut(*arguments: object) -> object:
        seen[0] += 1
        if seen[0] == 16:  # two are measured, then two of three epochs of 6 batches, and something
            raise Cut
        return step(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(module.ForecastModule, "training_step", cut)
        with pytest.raises(Cut):
            done(run, tmp_path)
    folder = tmp_path / run.name
    assert {path.name for path in folder.iterdir()} == {PLAN, CHECKPOINT}
    assert read_results(tmp_path / "results.csv").empty
    begun = Plan.read(folder)
    replace(begun, provenance=begun.provenance | {"commit": "before"}).write(folder)
    monkeypatch.setattr("stgraph.evaluation.bench_record.estimate", None)  # the choice of epochs is kept
    done(run, tmp_path)
    assert read_results(tmp_path / "results.csv")["commit"].iloc[0].startswith("before..")
    whole = tmp_path / "whole"
    whole.mkdir()
    done(replace(run, minutes=None), whole)
    assert figures(tmp_path) == figures(whole)


def test_done_it_is_not_done_again_and_fitted_it_is_only_scored(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(source_of(world, tmp_path))
    done(run, tmp_path)
    before = read_results(tmp_path / "results.csv")
    monkeypatch.setattr("stgraph.evaluation.bench_record.fit", None)
    assert done(run, tmp_path) == "done before"
    assert (tmp_path / run.name / FINISHED).exists()
    (tmp_path / "results.csv").unlink()
    done(run, tmp_path)
    after = read_results(tmp_path / "results.csv")
    assert after["MAE"].tolist() == before["MAE"].tolist()
    assert after["peak_gib"].tolist() == [""] * 4  # was not measured


@pytest.mark.parametrize(
    ("minutes", "epochs"), [(1.0, "3"), (0.4, "2"), (0.2, "1"), (0.12, "0.52"), (1e-9, "0.166667")]
)
def test_the_minutes_choose_the_epochs_or_the_share_of_one(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: float, epochs: str
) -> None:
    """An epoch is said to take 12 seconds, 2 of them for the validation; it has 6 batches."""
    said = Estimate("gru", "gradient", 1, {}, "", 6, 2, 3, 12.0, 2.0, None, "cpu")
    monkeypatch.setattr("stgraph.evaluation.bench_record.estimate", lambda *_, **__: said)
    done(run_of(source_of(world, tmp_path), minutes=minutes), tmp_path)
    row = read_results(tmp_path / "results.csv").iloc[0]
    assert (row["epochs_planned"], row["epochs_run"], row["epochs"]) == (epochs, epochs, "3")
    assert float(row["minutes"]) == minutes


def test_a_model_that_cannot_do_the_task_has_a_row_that_says_why(world: World, tmp_path: Path) -> None:
    run = run_of(source_of(world, tmp_path), settings={"hidden": "0"})
    said = done(run, tmp_path)
    table = read_results(tmp_path / "results.csv")
    assert len(table) == 1
    assert table["why"].iloc[0] == "DataError: gru: expected hidden above 0, found 0"
    assert said == f"cannot: {table['why'].iloc[0]}"
    assert (table["lead"].iloc[0], table["unit"].iloc[0]) == ("", "mph")


def test_a_model_that_does_not_fit_into_memory_has_a_row_that_says_so(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stgraph.evaluation.bench_memory.free_memory", lambda _: 0)
    run = run_of(source_of(world, tmp_path))
    assert done(run, tmp_path).startswith("cannot: DataError: gru: a step of 32 windows takes some")
    assert not (tmp_path / run.name).exists()


def test_a_wrong_setting_is_an_error_and_no_row(world: World, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'hidden'"):
        done(run_of(source_of(world, tmp_path), settings={"hiden": "8"}), tmp_path)
    assert not (tmp_path / "results.csv").exists()


def test_other_data_of_the_same_name_are_refused(world: World, tmp_path: Path) -> None:
    source = source_of(world, tmp_path)
    done(run_of(source, "persistence"), tmp_path)
    other = replace(source, how={**source.how, "missing": [50.0], "start": "2013-03-01"})
    with pytest.raises(RunError, match=r"results\.csv: expected under the name tiny the data .*, found .*another name"):
        done(run_of(other, "historical-average"), tmp_path)
    assert "MAE" in done(run_of(replace(other, name="other"), "historical-average"), tmp_path)


def test_two_processes_do_not_do_the_same(world: World, tmp_path: Path) -> None:
    run = run_of(source_of(world, tmp_path))
    with filelock.FileLock(tmp_path / f".{run.name}.lock"):
        assert done(run, tmp_path) == "another process is at it"
    assert not (tmp_path / run.name).exists()
    assert math.isfinite(float(read_results(tmp_path / "results.csv")["MAE"].iloc[0] if done(run, tmp_path) else "nan"))
