"""Timing of a step: it takes real steps, on batches that the model accepts."""

from dataclasses import replace

import pytest
import torch

from stgraph.models import MODELS, GraphWaveNet, Persistence, Task
from stgraph.training import random_adjacency, random_batch, seconds_of, time_step

TASK = Task(sensors=9, channels_in=2, history=5, horizon=3, covariates=1, static=2)


@pytest.mark.parametrize("name", ["patchnet", "stid", "dcrnn", "linear-regression"])
def test_the_random_batch_is_of_the_models_task(name: str) -> None:
    model = MODELS[name](TASK)
    batch = random_batch(model, 4)
    model.check(batch)
    assert batch.target is not None
    assert batch.target.shape == (4, 3, 9, 1)


def test_the_noise_and_the_graph_are_those_of_the_seed() -> None:
    model = GraphWaveNet(replace(TASK, sensors=200))
    one, same, other = (random_batch(model, 2, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one.signal, same.signal)
    assert torch.equal(one.weights[0], same.weights[0])
    assert not torch.equal(one.signal, other.signal)
    assert 0 < (one.weights[0] > 0).float().mean() < 0.08


def test_it_trains_and_says_how_long_that_took() -> None:
    model = GraphWaveNet(TASK)
    before = [p.clone() for p in model.parameters()]
    taken = time_step(model, random_batch(model, 2), repeats=2)
    assert taken.training is not None
    assert min(taken.training, taken.inference) > 0
    assert all(not torch.equal(p, old) for p, old in zip(model.parameters(), before, strict=True))


def test_a_model_without_gradients_only_forecasts() -> None:
    model = Persistence(TASK)
    taken = time_step(model, random_batch(model, 2), precision="bf16", repeats=1)
    assert taken.training is None
    assert taken.inference > 0


def test_pieces_of_work_take_turns_after_a_round_that_warms_up() -> None:
    done: list[str] = []
    taken = seconds_of([lambda: done.append("a"), lambda: done.append("b")], 2)
    assert done == list("ababab")
    assert taken.shape == (2, 2)
    assert (taken > 0).all()


def test_a_sensor_of_the_random_graph_has_eight_neighbours() -> None:
    edges = random_adjacency(500, seed=1).count_nonzero()
    assert abs(edges / 500 - 8) < 0.1
    assert random_adjacency(3).count_nonzero() == 9
