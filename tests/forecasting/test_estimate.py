"""An estimate counts exactly, measures really, and leaves nothing behind."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from stgraph.errors import DataError, UnknownNameError
from stgraph.forecasting import Estimate, estimate
from stgraph.models import PatchNet
from stgraph.patches import PatchBatch
from stgraph.series import Split
from tests import contracts
from tests.conftest import World

HOW: dict[str, Any] = {"history": 6, "horizon": 4, "training": contracts.TRAINING}
SMALL = contracts.SMALL["patchnet"]


class Slow(PatchNet):
    """A tenth of a second a forward."""

    name = "slow"

    def forward(self, batch: PatchBatch) -> Tensor:
        time.sleep(0.1)
        return super().forward(batch)


def test_it_counts_what_a_fit_would_go_through(world: World) -> None:
    found = estimate(world.series, world.graph, settings=SMALL, **HOW)
    assert found.windows == {"train": 360 - 9, "validation": 120 - 9, "test": 120 - 9}
    assert (found.batches, found.validation_batches, found.epochs) == (11, 4, 2)
    model = contracts.forecaster_of("patchnet", world).model
    assert found.parameters == sum(p.numel() for p in model.parameters())
    assert (found.model, found.trained, found.device) == ("patchnet", "gradient", "cpu")
    wider = estimate(world.series, world.graph, settings=SMALL, quantiles=contracts.QUANTILES, **HOW)
    assert wider.parameters == found.parameters + 2 * 4 * (SMALL["hidden"] + 1)
    assert found.memory is not None
    assert found.memory > 50 * 2**20  # this process has torch in it


def test_the_time_is_that_of_the_steps_of_an_epoch(world: World) -> None:
    found = estimate(world.series, world.graph, Slow, settings=SMALL, **HOW)
    assert found.epoch_seconds >= (11 + 4) * 0.1
    alone = estimate(world.series, world.graph, Slow, settings=SMALL, split=Split(0.6, 0.0, 0.4), **HOW)
    assert alone.validation_batches == 0
    assert alone.epoch_seconds >= 11 * 0.1


def test_a_closed_form_has_its_parameters_in_buffers_and_one_pass(world: World) -> None:
    found = estimate(world.series, world.graph, "linear-regression", **HOW)
    assert found.parameters == 17 * (6 * 2 + 1) * 4
    assert (found.batches, found.validation_batches, found.epochs) == (11, 0, 1)
    assert found.epoch_seconds > 0
    assert found.describe()["batches"] == "11, in one pass"
    assert estimate(world.series, world.graph, "persistence", **HOW).epoch_seconds == 0


def test_it_says_what_the_memory_is_of_and_what_all_epochs_take() -> None:
    one = Estimate("patchnet", "gradient", 141644, {"train": 1000}, "64 windows", 6, 2, 30, 2.0, 0.5, 3 * 2**30, "cpu")
    told = one.describe()
    assert told["peak memory"].startswith("3,072 MiB resident in this process, with libraries and series")
    assert "2 s on this cpu an epoch; 0:01:00 (h:mm:ss) for 30 epochs" in told["time"]
    assert told["parameters"] == "141,644"
    assert "allocated on the GPU" in replace(one, device="cuda").describe()["peak memory"]
    assert replace(one, memory=None).describe()["peak memory"].startswith("not known")


@pytest.mark.parametrize("patches", [5, "whole"])
def test_steps_are_taken_on_patches_of_all_sizes(world: World, patches: Any) -> None:
    sizes = []

    class Watched(PatchNet):
        def forward(self, batch: PatchBatch) -> Tensor:
            if self.training:
                sizes.append(batch.signal.shape[2])
            return super().forward(batch)

    how = HOW | {"training": replace(contracts.TRAINING, patches=patches)}
    found = estimate(world.series, world.graph, Watched, settings=SMALL, **how)
    assert found.batches == (11 if patches == "whole" else 44)
    assert len(sizes) == (4 if patches == "whole" else 4 + 8)
    assert (len(set(sizes)) > 1) == (patches != "whole")


def test_nothing_is_left_behind(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    estimate(world.series, world.graph, settings=SMALL, **HOW)
    assert torch.equal(torch.rand(1), expected)
    assert not list(tmp_path.iterdir())


def test_it_refuses_what_a_fit_refuses(world: World) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'patchnet'"):
        estimate(world.series, world.graph, "patchnt")
    with pytest.raises(DataError, match="no window fits"):
        estimate(world.series.slice(0, 30), world.graph, "linear-regression")
