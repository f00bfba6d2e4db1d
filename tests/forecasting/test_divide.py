"""Patches for a model of finite reach, of a size that fits into memory; the whole graph for all others."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stgraph.errors import DataError
from stgraph.evaluation import evaluate
from stgraph.forecasting import divide, estimate, fit, load
from stgraph.forecasting.divide import free_memory, patches_of, size_that_fits
from stgraph.training import Training
from stgraph.training import World as Processes
from tests.conftest import World
from tests.contracts import HISTORY, HORIZON, SMALL, loader_of, model_of

HOW: dict[str, Any] = {"history": HISTORY, "horizon": HORIZON}


def training(**how: Any) -> Training:
    return Training(epochs=2, batch_size=32, progress=False, accelerator="cpu", **how)


def size_for(world: World, name: str = "patchnet") -> int | None:
    def batches(patches: Any, batch_size: int) -> Any:
        return loader_of(model, world, patches, size=batch_size)

    model = model_of(name, world)
    return size_that_fits(world.graph, model, batches, training())


def test_patches_are_disjoint_and_have_the_halo_of_the_models_reach(world: World) -> None:
    model = model_of("patchnet", world)
    patches = patches_of(world.graph, model, 4)
    centres = np.concatenate([p.sensors[p.centre] for p in patches])
    assert sorted(centres) == list(range(len(world.graph)))
    assert len(patches) == -(-len(world.graph) // 4)
    for patch in patches:
        np.testing.assert_array_equal(patch.sensors, world.graph.k_hop(patch.sensors[patch.centre], model.reach))


def test_a_model_that_sees_the_whole_graph_has_no_patches(world: World) -> None:
    with pytest.raises(DataError, match=r"patches: agcrn sees the whole graph.*expected 'whole', found 4"):
        patches_of(world.graph, model_of("agcrn", world), 4)


def test_less_memory_makes_smaller_patches_and_enough_of_it_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert size_for(world) is None, "a small network is taken whole, whatever there is"
    monkeypatch.setattr(divide, "SMALL", 16)
    sizes = []
    for free in np.geomspace(1e9, 1, 80):
        monkeypatch.setattr(divide, "free_memory", partial(lambda free, _: free, free))
        sizes.append(size_for(world) or len(world.graph))
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (len(world.graph), 1)
    assert len(set(sizes)) > 2
    assert size_for(world, "agcrn") is None


def test_free_memory_is_that_of_the_container_where_it_has_a_limit() -> None:
    assert 0 < free_memory(training()) < 2**50


def test_processes_share_the_memory_of_their_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=4000))
    monkeypatch.setattr(Processes, "here", lambda: Processes(size=8, rank=5, on_machine=4))
    assert free_memory(training()) <= 1000


@pytest.mark.parametrize("name", ["patchnet", "stid"])
def test_a_fit_on_patches_chooses_by_the_error_of_the_whole_graph(world: World, name: str) -> None:
    how = training(patches=5, blocks=2)
    forecaster = fit(world.series, world.graph, name, training=how, settings=SMALL[name], **HOW)
    assert forecaster.log.best is not None
    scored = evaluate({name: forecaster}, world.series, "validation").summary()
    average = scored[scored["lead"].str.startswith("avg")]["MAE"].iloc[0]
    assert forecaster.log.best.validation_mae == pytest.approx(average, rel=1e-5)


def test_auto_is_settled_and_goes_with_the_run(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(divide, "SMALL", 16)
    monkeypatch.setattr(divide, "free_memory", lambda _: 1.0)
    forecaster = fit(world.series, world.graph, training=training(), settings=SMALL["patchnet"], folder=tmp_path, **HOW)
    assert forecaster.training is not None
    size = forecaster.training.patches
    assert isinstance(size, int)
    assert f"on patches of {size} sensors" in load(tmp_path).describe()["trained"]


def test_a_dry_run_says_what_is_in_a_batch(world: World) -> None:
    said = estimate(
        world.series, world.graph, training=training(patches=5, blocks=2), settings=SMALL["patchnet"], **HOW
    ).describe()
    halo = sum(map(len, patches_of(world.graph, model_of("patchnet", world), 5))) - len(world.graph)
    assert said["a batch"] == f"32 windows of 2 of 4 patches, each of some 4 sensors and a halo of {halo / 4:.0f}"
    whole = estimate(world.series, world.graph, training=training(), **HOW).describe()
    assert whole["a batch"] == "32 windows of the whole graph, 17 sensors"
