"""MegaCRN: the published count, the loop over its equations, its memory and its auxiliary loss by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from stgraph.errors import DataError
from stgraph.models import MegaCRN, Task
from stgraph.patches import PatchBatch
from tests import contracts, naive
from tests.conftest import World
from tests.layers.test_graph_gru import parts


def test_the_count_is_the_published_one_less_a_second_matrix_of_the_identity() -> None:
    """207 sensors, speed in, a memory of 20 x 64, 64 units, order 3; the decoder is fed speed and time of day."""

    def cell(channels: int, hidden: int, matrices: int) -> int:
        return matrices * (channels + hidden) * 3 * hidden + 3 * hidden

    memory = 20 * 64 + 64 * 64 + 2 * 207 * 20
    published = memory + cell(1, 64, 6) + cell(2, 128, 6) + 128 + 1
    assert published == 388_761
    one_identity = memory + cell(1, 64, 5) + cell(2, 128, 5) + 128 + 1
    assert one_identity == published - 65 * 192 - 130 * 384 == 326_361
    assert sum(p.numel() for p in MegaCRN(Task(sensors=207)).parameters()) == one_identity


def model_and_batch(world: World) -> tuple[MegaCRN, PatchBatch]:
    model = contracts.model_of("megacrn", world).double()
    assert isinstance(model, MegaCRN)
    return model, contracts.batch_of(model, world).to("cpu", torch.float64)


def test_it_is_the_loop_over_the_papers_equations(speed_world: World) -> None:
    """One window: the graphs from the memory, encoder, what is recalled, decoder step by step on [x, h]."""
    model, batch = model_and_batch(speed_world)
    memory, looking, seen = (p.detach().numpy() for p in (model.memory, model.looking, model.seen))
    likeness = np.maximum((looking @ memory) @ (seen @ memory).T, 0)
    weights = [np.eye(17)]
    for graph in (softmax(likeness), softmax(likeness.T)):
        weights += [graph, 2 * graph @ graph - np.eye(17)]
    state = naive.graph_gru(batch.signal[0].numpy(), weights, *parts(model.encoder))[-1]
    attention = softmax(state @ model.query.weight.detach().numpy().T @ memory.T)
    state = np.concatenate([state, attention @ memory], axis=1)
    out, bias = (p.detach().numpy() for p in model.read_out.parameters())
    forecast = model.eval()(batch)[0].detach().numpy()
    fed = np.zeros((17, 1))
    for step in range(4):
        inputs = np.concatenate([fed, np.full((17, 1), (6 + step) / 48)], axis=1)
        state = naive.graph_gru_step(inputs, state, weights, *parts(model.decoder))
        fed = state @ out.T + bias
        np.testing.assert_allclose(forecast[step], fed, atol=1e-12)


def softmax(scores: naive.Floats) -> naive.Floats:
    shares: naive.Floats = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return shares


def test_the_memory_and_the_auxiliary_loss_by_hand() -> None:
    """A query of 1 before the prototypes 1 and 3 likes 3 best: it is 2 from it, and 0 from the second best."""
    model = MegaCRN(Task(sensors=3), hidden=2, prototypes=2, width=1, separation=0.5, compactness=0.1).double()
    with torch.no_grad():
        model.memory.copy_(torch.tensor([[1.0], [3.0]]))
    query = torch.ones(3, 4, 1, dtype=torch.float64, requires_grad=True)
    share = 1 / (1 + np.exp(-2.0))  # of the softmax of 1 and 3
    torch.testing.assert_close(model._recall(query), torch.full_like(query, 1 * (1 - share) + 3 * share))
    assert model.auxiliary_loss is not None
    assert float(model.auxiliary_loss.detach()) == pytest.approx(0.5 * (2 - 0 + 1) + 0.1 * 2**2, abs=1e-5)
    pulled, held = torch.autograd.grad(model.auxiliary_loss, [query, model.memory], allow_unused=True)
    assert (pulled < 0).all()  # towards 3
    assert held is None


def test_the_auxiliary_loss_is_for_training_alone(speed_world: World) -> None:
    model, batch = model_and_batch(speed_world)
    model(batch)
    assert model.auxiliary_loss is not None
    assert model.auxiliary_loss > 0
    afterwards, _ = model_and_batch(speed_world)
    afterwards.eval()(batch)
    assert afterwards.auxiliary_loss is None


def test_in_training_the_truth_is_fed(speed_world: World) -> None:
    model, batch = model_and_batch(speed_world)
    assert batch.target is not None
    batch = replace(batch, target=batch.target.double())
    free = model.eval()(batch)
    taught = model.train()(batch)  # at step 0 the truth is fed with a probability of 2000 / 2001
    torch.testing.assert_close(taught[:, 0], free[:, 0])
    assert (taught[:, 1:] - free[:, 1:]).abs().amax((0, 2, 3)).min() > 1e-4
    torch.testing.assert_close(model(replace(batch, step=10**6)), free)  # the share of truth is 0 by now


def test_time_counts_in_the_decoder_and_sensors_carry_their_rows(world: World) -> None:
    model = contracts.model_of("megacrn", world).eval()
    batch = contracts.batch_of(model, world)
    assert (model(batch) - model(replace(batch, signal=batch.signal.flip(1)))).abs().max() > 1e-3
    later = batch.calendar.clone()
    later[:, 6:, :, 0] += 12
    assert (model(batch) - model(replace(batch, calendar=later))).abs().max() > 1e-3
    order = torch.arange(17).flip(0)
    turned = replace(batch, signal=batch.signal[:, :, order], sensors=batch.sensors[order])
    torch.testing.assert_close(model(turned), model(batch)[:, :, order], atol=1e-5, rtol=1e-4)


def test_what_cannot_be_is_said() -> None:
    for name in ("order", "prototypes"):
        with pytest.raises(DataError, match=f"megacrn: expected {name} of at least 2, found 1"):
            MegaCRN(Task(sensors=3), **{name: 1})
    with pytest.raises(DataError, match="megacrn: expected compactness of at least 0, found -1"):
        MegaCRN(Task(sensors=3), compactness=-1.0)
    with pytest.raises(DataError, match="megacrn: expected width above 0, found 0"):
        MegaCRN(Task(sensors=3), width=0)
