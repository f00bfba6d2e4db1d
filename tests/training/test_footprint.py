"""The memory of a step: exact on operations counted by hand, linear in windows, and nothing is changed."""

import torch

from stgraph.models import PatchNet
from stgraph.training import footprint, random_batch
from stgraph.training.footprint import Alive
from tests.conftest import World
from tests.contracts import batch_of, model_of, task_of


def test_tensors_count_until_they_are_gone() -> None:
    with Alive() as alive:
        one = torch.zeros(1000)
        two = one + 1
        assert alive.now == 8000
        two.mul_(2)
        view = two.view(10, 100)
        assert alive.now == 8000, "in place, and a view, take nothing"
        del one, two
        assert alive.now == 4000
        del view
        torch.zeros(10)
    assert (alive.now, alive.peak) == (0, 8000)


def test_what_autograd_keeps_counts_until_the_backward_has_used_it() -> None:
    x = torch.ones(1000, requires_grad=True)
    with Alive() as alive:
        out = (x.exp() * 2).sum()  # the result of exp is kept for the backward, the product is not
        assert alive.now == 4000 + 4
        torch.autograd.backward(out)
        assert alive.now == 4000 + 4, "the gradient is there, what was kept is not"


def test_a_step_takes_memory_in_proportion_to_its_windows(world: World) -> None:
    task = task_of(world)
    few, some, more = (footprint(PatchNet(task), random_batch(PatchNet(task), windows)) for windows in (2, 4, 6))
    assert few < some < more
    assert abs((more - some) - (some - few)) < 0.02 * (more - some)


def test_more_than_parameters_gradients_and_moments_and_the_model_stays_as_it_is(world: World) -> None:
    model = model_of("patchnet", world)
    before = {name: x.clone() for name, x in model.state_dict().items()}
    random = torch.get_rng_state()
    found = footprint(model, batch_of(model, world))
    assert found > 4 * sum(4 * p.numel() for p in model.parameters())
    assert all(torch.equal(x, before[name]) for name, x in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert torch.equal(random, torch.get_rng_state())
