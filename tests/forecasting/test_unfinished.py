"""What was begun is on paper, and a folder says how far it is."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from stgraph.errors import RunError
from stgraph.forecasting import check_free, progress
from stgraph.forecasting.unfinished import CHECKPOINT, FINISHED, PLAN, Plan, clear
from stgraph.series import Scaling, Split
from stgraph.training import write_checkpoint
from tests import contracts

A_PLAN = Plan(
    model="patchnet",
    settings={"hidden": 8, "hops": None},
    history=6,
    horizon=4,
    targets=("flow", "speed"),
    split=Split(0.7, 0.1, 0.2),
    scaling=Scaling(shown=0.0),
    training=replace(contracts.TRAINING, epochs=30),
    provenance={"series": "speed.csv"},
    quantiles=(0.1, 0.5, 0.9),
)


def begun(folder: Path, *, epochs: int) -> Path:
    A_PLAN.write(folder)
    if epochs:
        write_checkpoint({"epoch": epochs - 1}, folder / CHECKPOINT)
    return folder


def test_a_plan_comes_back_and_is_json(tmp_path: Path) -> None:
    A_PLAN.write(tmp_path / "run")
    assert Plan.read(tmp_path / "run") == A_PLAN
    facts = json.loads((tmp_path / "run" / "fit.json").read_text())
    assert facts["training"] == asdict(A_PLAN.training)
    del facts["quantiles"]  # as before there were any
    (tmp_path / "run" / "fit.json").write_text(json.dumps(facts))
    assert Plan.read(tmp_path / "run") == replace(A_PLAN, quantiles=())


def test_what_cannot_be_put_on_paper_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="must be numbers, text, bool or None"):
        replace(A_PLAN, settings={"what": object()}).write(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_with_nothing_to_go_on_with_says_why(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"run: nothing to resume: it holds no fit\.json"):
        progress(tmp_path / "run")
    (tmp_path / FINISHED).write_text("{}")
    with pytest.raises(RunError, match="nothing to resume: its fit is finished"):
        progress(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": 9}', '{"format": 1, "model": "x"}', '{"format": 1, "split": 3}']
)
def test_an_altered_plan_is_named(tmp_path: Path, text: str) -> None:
    begun(tmp_path, epochs=0)
    (tmp_path / PLAN).write_text(text)
    with pytest.raises(RunError, match=r"fit\.json: not a fit of this library, or altered"):
        Plan.read(tmp_path)


def test_an_unfinished_fit_is_not_run_over(tmp_path: Path) -> None:
    assert check_free(tmp_path / "new") == tmp_path / "new"
    assert check_free(begun(tmp_path, epochs=0)) == tmp_path  # no epoch would be lost
    assert progress(tmp_path) == "epoch 0 of 30 done"
    begun(tmp_path, epochs=12)
    expected = (
        f"{tmp_path} holds an unfinished fit (epoch 12 of 30 done): continue with `stgraph fit --resume {tmp_path}`, "
        f"or choose another --output, or delete {tmp_path / 'checkpoint.safetensors'}"
    )
    with pytest.raises(RunError) as refusal:
        check_free(tmp_path)
    assert str(refusal.value) == expected
    clear(tmp_path)
    assert check_free(tmp_path) == tmp_path
    assert not list(tmp_path.iterdir())


def test_a_torn_checkpoint_is_named(tmp_path: Path) -> None:
    (begun(tmp_path, epochs=1) / CHECKPOINT).write_bytes(b"torn")
    with pytest.raises(RunError, match=r"checkpoint\.safetensors: not readable as a checkpoint .* delete it"):
        check_free(tmp_path)
