"""What a step takes is foretold from two small ones, and one that does not fit is refused."""

import pytest

from stgraph.errors import DataError
from stgraph.evaluation.bench_memory import check_memory, step_bytes
from stgraph.forecasting.divide import HELD
from stgraph.forecasting.prepare import Prepared, prepare
from stgraph.training import footprint
from tests import contracts
from tests.conftest import World


def prepared(world: World, name: str) -> Prepared:
    how = {"history": contracts.HISTORY, "horizon": contracts.HORIZON, "settings": contracts.SMALL[name]}
    return prepare(world.series, world.graph, name, training=contracts.TRAINING, **how)  # type: ignore[arg-type]  # as declared


@pytest.mark.parametrize("name", ["gru", "stid", "gman", "dcrnn", "staeformer"])
def test_a_step_takes_what_two_small_ones_say(world: World, name: str) -> None:
    ready = prepared(world, name)
    truth = footprint(ready.model, next(iter(ready.batches)))
    assert step_bytes(ready) == pytest.approx(HELD * truth, rel=0.2)
    assert ready.batches.batch_size == contracts.TRAINING.batch_size


def test_what_does_not_fit_is_refused_with_what_it_takes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = prepared(world, "gru")
    check_memory(ready)
    monkeypatch.setattr("stgraph.evaluation.bench_memory.free_memory", lambda _: 2**10)
    with pytest.raises(
        DataError, match=r"gru: a step of 32 windows takes some 0\.0 GiB, expected at most 80% of the 0\.0"
    ):
        check_memory(ready)
