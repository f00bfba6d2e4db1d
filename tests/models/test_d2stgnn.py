"""D2STGNN: the public count less what nothing reads, which moment is read where, its gaps, and its refusals."""

from dataclasses import replace

import pytest
import torch

from stgraph.errors import DataError
from stgraph.models import D2STGNN, Task
from stgraph.patches import PatchBatch
from tests import contracts
from tests.conftest import World


def test_the_count_is_the_public_one_less_what_nothing_reads() -> None:
    """391,962 with five normalisations and one map of the time that nothing calls, and a rest that nothing reads."""

    def linear(channels_in: int, channels_out: int) -> int:
        return channels_in * channels_out + channels_out

    norm = 2 * 32
    rest = linear(32, 32) + norm
    idle_map = linear(10, 32)
    gate = linear(2 * 10 + 2 * 10, 64) + linear(64, 1)
    diffusion = 96 * 96 + linear(7 * 32, 32)  # two powers of three graphs, and the sensor itself
    inherent = 2 * 3 * linear(32, 32) + 4 * linear(32, 32)  # GRU and attention
    layer = gate + diffusion + rest + inherent + rest + 2 * linear(32, 256)
    tables = 2 * 207 * 10 + (288 + 7) * 10
    dynamic = linear(12, 64) + 2 * 64 + linear(64, 32) + 2 * 32 * (32 + 2 * 10 + 10)
    count = tables + dynamic + linear(1, 32) + 5 * layer - rest + linear(256, 512) + linear(512, 3)
    assert count == 391_962 - 5 * norm - idle_map - rest == 390_170
    assert sum(p.numel() for p in D2STGNN(Task(sensors=207)).parameters()) == count


def small(world: World) -> tuple[D2STGNN, PatchBatch]:
    model = contracts.model_of("d2stgnn", world).eval()
    assert isinstance(model, D2STGNN)
    return model, contracts.batch_of(model, world)


def test_it_reads_every_moment_of_the_history_and_none_of_the_horizon(world: World) -> None:
    model, batch = small(world)
    before = model(batch)
    for step in range(contracts.HISTORY + contracts.HORIZON):
        calendar = batch.calendar.clone()
        calendar[:, step, :, :2] = (calendar[:, step, :, :2] + 3) % 7
        read = bool((model(replace(batch, calendar=calendar)) - before).abs().max() > 1e-7)
        assert read == (step < contracts.HISTORY)


def test_the_last_moment_alone_weighs_the_roads(world: World) -> None:
    model, batch = small(world)
    found = []
    model.dynamic_graph.register_forward_hook(lambda _, given, __: found.append(given[1]))
    model(batch)
    step, day, _ = batch.calendar[:, contracts.HISTORY - 1].unbind(-1)
    expected = torch.cat([model.time_of_day.weight[step], model.day_of_week.weight[day]], dim=-1)
    assert torch.equal(found[0], expected)


def test_what_is_read_out_beyond_the_horizon_is_cut(world: World) -> None:
    """A horizon of 4 in gaps of 3 is that of 6, less two steps; one below the gap is read out at once."""
    model, batch = small(world)
    longer = D2STGNN(replace(model.task, horizon=6), **contracts.SMALL["d2stgnn"]).eval()
    longer.load_state_dict(model.state_dict())
    assert (model.ahead, longer.ahead) == (2, 2)
    torch.testing.assert_close(longer(batch)[:, :4], model(batch))
    short = D2STGNN(replace(model.task, horizon=2), **contracts.SMALL["d2stgnn"]).eval()
    assert (short.ahead, short.gap) == (1, 2)
    assert short(batch).shape == (8, 2, 17, 1)


def test_several_targets_are_read_out_step_by_step(world: World) -> None:
    """The rows of the last map are (gap, channel): a channel left alone is what a model of it alone says."""
    model, batch = small(world)
    both = D2STGNN(replace(model.task, targets=(0, 1)), **contracts.SMALL["d2stgnn"]).eval()
    state = model.state_dict()
    for name in ("read_out.3.weight", "read_out.3.bias"):
        state[name] = torch.stack([state[name], 2 * state[name]], dim=1).flatten(0, 1)
    both.load_state_dict(state)
    torch.testing.assert_close(both(batch), torch.cat([model(batch), 2 * model(batch)], dim=-1))


@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_sensors_carry_their_vectors_and_sparse_roads_are_the_same(world: World) -> None:
    model, batch = small(world)
    order = torch.arange(17).flip(0)
    turned = replace(
        batch,
        signal=batch.signal[:, :, order],
        sensors=batch.sensors[order],
        weights=tuple(w[order][:, order].to_sparse_csr() for w in batch.weights),
    )
    torch.testing.assert_close(model(turned), model(batch)[:, :, order], atol=1e-5, rtol=1e-4)
    elsewhere = replace(batch, weights=batch.weights[::-1])
    assert (model(elsewhere) - model(batch)).abs().max() > 1e-4


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(DataError, match="d2stgnn: expected gap above 0, found 0"):
        D2STGNN(Task(sensors=3), gap=0)
    with pytest.raises(DataError, match="d2stgnn: expected hidden to be a multiple of 4, found 30"):
        D2STGNN(Task(sensors=3), hidden=30)
    with pytest.raises(DataError, match=r"d2stgnn: expected a history of at least 11 steps.*found 10"):
        D2STGNN(Task(sensors=3, history=10))
    assert D2STGNN(Task(sensors=3, history=11)).ahead == 4
