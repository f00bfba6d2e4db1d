"""What precedes every training: parts that do not overlap, and a seed that is nobody else's."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from stgraph.errors import DataError
from stgraph.forecasting import fit
from stgraph.forecasting.prepare import Prepared, prepare, seeded
from stgraph.series import Split
from stgraph.training import Training
from tests import contracts
from tests.conftest import World


def ready(world: World, model: str, split: Split | None = None) -> Prepared:
    how: dict[str, Any] = {"targets": ["flow"], "split": split, "scaling": None, "training": contracts.TRAINING}
    return prepare(world.series, world.graph, model, history=6, horizon=4, settings=contracts.SMALL.get(model), **how)


def test_training_is_shuffled_and_validation_is_not_and_they_share_no_step(world: World) -> None:
    given = ready(world, "patchnet")
    assert given.validation is not None
    assert (given.batches.shuffle, given.validation.shuffle) == (True, False)
    assert given.batches.placed.steps()[0].max() < 360 <= given.validation.placed.steps()[0].min()
    assert given.validation.placed.steps()[0].max() < 480
    assert given.target_scaler.mean == given.scaler.mean[1:]


@pytest.mark.parametrize("model", ["linear-regression", "persistence"])
def test_what_is_not_trained_by_gradient_needs_no_validation(world: World, model: str) -> None:
    assert ready(world, model).validation is None
    assert ready(world, "patchnet", Split(0.8, 0.0, 0.2)).validation is None


@pytest.mark.parametrize("model", ["linear-regression", "historical-average", "svr"])
def test_a_closed_form_is_fitted_from_the_patches_that_were_asked_for(world: World, model: str) -> None:
    how: dict[str, Any] = {"history": 3, "horizon": 2, "bounds": False}
    small = replace(contracts.TRAINING, patches=5)
    one, other = (fit(world.series, world.graph, model, training=t, **how) for t in (small, contracts.TRAINING))
    given = prepare(world.series, world.graph, model, history=3, horizon=2, training=small)
    assert len(given.batches.patches) == 4
    assert max(map(len, given.batches.patches)) < len(world.graph)
    np.testing.assert_allclose(one.forecast().values, other.forecast().values, rtol=1e-5)


def test_the_seed_decides_inside_and_nothing_leaks_out() -> None:
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    drawn = []
    for _ in range(2):
        with seeded(1):
            drawn.append(torch.rand(1))
    assert torch.equal(*drawn)
    assert torch.equal(torch.rand(2), expected)


def test_errors_of_the_data_begin_with_its_name(world: World) -> None:
    rest: dict[str, Any] = {
        "history": 12,
        "horizon": 12,
        "split": None,
        "scaling": None,
        "training": None,
        "settings": None,
    }
    with pytest.raises(DataError, match=r"^speed\.csv, validation part: no window fits"):
        prepare(world.series.slice(0, 30), world.graph, "gru", targets=None, named="speed.csv", **rest)
    with pytest.raises(DataError, match=r"each once, found .'flow', 'flow'"):
        prepare(world.series, world.graph, "gru", targets=["flow", "flow"], **rest)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has what the test asks for in vain")
def test_a_device_that_is_not_there_is_said_before_anything_is_done(world: World) -> None:
    with pytest.raises(DataError, match="accelerator: expected one that this machine has, found 'cuda'"):
        prepare(
            world.series,
            world.graph,
            "gru",
            history=6,
            horizon=4,
            targets=None,
            split=None,
            scaling=None,
            settings=None,
            training=Training(accelerator="cuda"),
        )


def test_processes_on_gpus_have_one_each(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"TORCHELASTIC_RUN_ID": "none", "WORLD_SIZE": "8", "RANK": "5", "LOCAL_WORLD_SIZE": "4"}
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    with pytest.raises(DataError, match="a CUDA device for each of the 4 processes on this machine, found 3"):
        prepare(world.series, world.graph, "gru", history=6, horizon=4)
