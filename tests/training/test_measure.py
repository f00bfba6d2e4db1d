"""What is measured: a few real steps of each part, their median, and what a closed form solves at the end."""

import time
from collections.abc import Iterable
from typing import Any

import pytest
import torch

from stgraph.forecasting.prepare import prepare, seeded
from stgraph.models import LinearRegression, PatchNet
from stgraph.patches import PatchBatch
from stgraph.training import Measured, measure, measure_closed
from stgraph.training.measure import BATCHES, TWO
from tests import contracts
from tests.conftest import World


def ready(world: World, model: Any, **settings: int) -> Any:
    how: dict[str, Any] = {"history": 6, "horizon": 4, "targets": None, "split": None, "training": contracts.TRAINING}
    with seeded(0):
        return prepare(world.series, world.graph, model, settings=settings, **how)


def test_a_few_steps_of_each_part_are_taken_and_neither_the_first_nor_a_slow_one_counts(world: World) -> None:
    given = ready(world, PatchNet, **contracts.SMALL["patchnet"])
    before = {name: x.clone() for name, x in given.model.state_dict().items()}
    seen: list[bool] = []

    def slow(module: torch.nn.Module, _: object) -> None:
        seen.append(module.training)
        time.sleep(0.5 if len(seen) in {1, 3, BATCHES + 1} else 0.05)  # the first of each part is slow, and another

    given.model.register_forward_pre_hook(slow)
    found = measure(given.model, given.batches, given.validation, given.target_scaler, given.training)
    assert seen == [True] * BATCHES + [False] * BATCHES
    assert 0.05 <= found.step < 0.5
    assert 0.05 <= found.validation < 0.5
    assert found.device == torch.device("cpu")
    assert any(not torch.equal(x, before[name]) for name, x in given.model.state_dict().items())  # real steps


class Slow(LinearRegression):
    """0.05 s a batch, 0.1 s to solve."""

    name = "slow"

    def fit_closed(self, batches: Iterable[PatchBatch]) -> None:
        self.seen = 0
        for _ in batches:
            self.seen += 1
            time.sleep(0.05)
        time.sleep(0.1)


def test_a_closed_form_is_measured_by_batch_and_by_what_it_solves_at_the_end(world: World) -> None:
    given = ready(world, Slow)
    found = measure_closed(given.model, given.batches, given.target_scaler)
    assert given.model.seen == TWO
    assert found.step == pytest.approx(0.05, abs=0.04)
    assert found.once == pytest.approx(0.1, abs=0.08)


class Slower(Slow):
    """0.1 s to solve for each batch."""

    name = "slower"

    def fit_closed(self, batches: Iterable[PatchBatch]) -> None:
        super().fit_closed(batches)
        time.sleep(0.1 * (self.seen - 1))


def test_solving_that_grows_with_the_batches_counts_for_each(world: World) -> None:
    given = ready(world, Slower)
    found = measure_closed(given.model, given.batches, given.target_scaler)
    assert found.step == pytest.approx(0.05 + 0.1, abs=0.06)
    assert found.once == pytest.approx(0, abs=0.06)


def test_what_is_not_trained_costs_nothing(world: World) -> None:
    given = ready(world, "persistence")
    assert measure_closed(given.model, given.batches, given.target_scaler) == Measured()
