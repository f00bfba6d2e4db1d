"""Known history: which channel is what."""

import torch

from stgraph.layers import known_history
from tests import contracts
from tests.conftest import World


def test_signal_then_time_of_day_then_covariates(world: World) -> None:
    model = contracts.model_of("patchnet", world)
    batch = contracts.batch_of(model, world)
    assert batch.covariates is not None
    whole = known_history(batch, steps_per_day=48)
    assert whole.shape == (8, 6, 17, 2 + 1 + 1)
    torch.testing.assert_close(whole[..., :2], batch.signal)
    for step in range(6):  # the first window begins at midnight, in steps of half an hour
        assert (whole[0, step, :, 2] == step / 48).all()
    assert (whole[..., 3] == batch.covariates[:, :6, :, 0]).all()
    torch.testing.assert_close(known_history(batch), whole[..., [0, 1, 3]])


def test_without_anything_else_it_is_the_signal(speed_world: World) -> None:
    batch = contracts.batch_of(contracts.model_of("gru", speed_world), speed_world)
    assert known_history(batch) is batch.signal


def test_a_short_history_has_zeros_in_front_of_all_channels(world: World) -> None:
    batch = contracts.batch_of(contracts.model_of("patchnet", world), world)
    known, longer = (known_history(batch, steps_per_day=48, at_least=n) for n in (6, 9))
    assert known.shape[1] == 6
    assert not longer[:, :3].any()
    torch.testing.assert_close(longer[:, 3:], known)
