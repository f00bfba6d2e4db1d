"""The contract of every model, by its facts; run over MODELS in tests/models/test_contract.py."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from stgraph.errors import DataError, MismatchError
from stgraph.forecasting import Forecaster, fit, load
from stgraph.graph import SensorGraph
from stgraph.models import MODELS, ForecastModel, Task, build_model
from stgraph.patches import Patch, PatchBatch, PatchLoader, Resident, Window, patch_around, whole
from stgraph.propagation import build_weights
from stgraph.series import Profile, Scaler
from stgraph.training import Training, Unscaled
from tests.conftest import World, traffic

Law = Callable[[str, "World"], None]
HISTORY, HORIZON = 6, 4
QUANTILES = (0.1, 0.5, 0.9)
SMALL: dict[str, dict[str, Any]] = {
    "patchnet": {"hidden": 16, "layers": 2, "profile_dropout": 0.0},
    "gru": {"hidden": 16},
    "gcn": {"hidden": 16},
    "gat": {"hidden": 4, "heads": 4},
    "graphsage": {"hidden": 16},
    "tgcn": {"hidden": 16},
    "a3tgcn": {"hidden": 16},
    "stid": {"hidden": 8},
    "graph-wavenet": {"hidden": 8, "blocks": 1, "vectors": 4},
    "agcrn": {"hidden": 8, "vectors": 4},
    "megacrn": {"hidden": 8, "prototypes": 4, "width": 8},
    "d2stgnn": {"hidden": 8, "layers": 2, "vectors": 4},
    "dcrnn": {"hidden": 8, "layers": 2},
    "mtgnn": {"hidden": 8, "layers": 1, "neighbours": 5, "vectors": 4},
    "stnorm": {"hidden": 8, "blocks": 1},
    "stgcn": {"hidden": 16, "bottleneck": 4},
    "astgcn": {"hidden": 8},
    "staeformer": {"embedding": 4, "adaptive": 4, "heads": 2, "layers": 1, "feed_forward": 16},
    "gman": {"hidden": 8, "blocks": 1, "heads": 2},
}
TRAINING = Training(epochs=2, batch_size=32, progress=False, accelerator="cpu")


def task_of(world: World) -> Task:
    series = world.series
    return Task(
        sensors=len(world.graph),
        channels_in=len(series.channels),
        history=HISTORY,
        horizon=HORIZON,
        interval=1800.0,
        steps_per_day=48,
        covariates=len(series.covariate_names),
    )


def model_of(name: str, world: World, quantiles: tuple[float, ...] = ()) -> ForecastModel:
    torch.manual_seed(0)
    return build_model(MODELS[name], replace(task_of(world), quantiles=quantiles), SMALL.get(name))


def loader_of(
    model: ForecastModel, world: World, patches: list[Patch], *, window: Window | None = None, size: int = 8
) -> PatchLoader:
    scaler = Scaler.fit(world.series, [(0, 300)])
    profile = Profile.of(world.series, scaler, ((300, len(world.series)),), model.task.targets)
    resident = Resident.of(world.series, scaler, model.task.targets, profile=profile if model.wants_profile else None)
    weights = build_weights(world.graph.adjacency, model.weights)
    placed = (window or Window(HISTORY, HORIZON)).place([(0, 300)])
    return PatchLoader(resident, weights, patches, placed, batch_size=size)


def batch_of(model: ForecastModel, world: World, patches: list[Patch] | None = None) -> PatchBatch:
    return next(iter(loader_of(model, world, patches or [whole(len(world.graph))])))


def fitted(name: str, world: World) -> ForecastModel:
    """A model with parameters that mean something: closed-form ones are fitted, the others as initialised."""
    model = model_of(name, world)
    if model.trained == "closed_form":
        model.fit_closed(iter(loader_of(model, world, [whole(len(world.graph))], window=model.closed_window())))
    return model.eval()


def forecaster_of(name: str, world: World, training: Training = TRAINING) -> Forecaster:
    settings = SMALL.get(name)
    return fit(world.series, world.graph, name, history=HISTORY, horizon=HORIZON, training=training, settings=settings)


def gives_the_shape_it_promises(name: str, world: World) -> None:
    model = fitted(name, world)
    batch = batch_of(model, world)
    model.check(batch)
    out = model(batch)
    assert out.shape == (8, HORIZON, len(world.graph), 1)
    assert torch.isfinite(out).all()


def every_parameter_gets_a_gradient(name: str, world: World) -> None:
    model = model_of(name, world)
    assert (model.trained == "gradient") == bool(list(model.parameters()))
    if model.trained != "gradient":
        return
    assert not without_gradient(model, model.train()(batch_of(model, world)))


def without_gradient(model: ForecastModel, out: Tensor) -> list[str]:
    torch.autograd.backward(out.square().sum())
    idle = [key for key, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    return [
        key for key in idle if "holiday" not in key
    ]  # a table with one row for each answer: one is not in the batch


def quantiles_have_an_axis_rise_and_teach_every_parameter(name: str, world: World) -> None:
    if MODELS[name].trained != "gradient":
        with pytest.raises(DataError, match=rf"{name} is not trained by gradient and has no heads.*\(0.1, 0.5, 0.9\)"):
            model_of(name, world, QUANTILES)
        return
    model = model_of(name, world, QUANTILES)
    batch = batch_of(model, world)
    raw = model.train()(batch)
    assert raw.shape == (8, HORIZON, len(world.graph), 1, 3)
    assert not without_gradient(model, raw)
    forecast = Unscaled(model, Scaler((60.0,), (10.0,))).eval()(batch)
    assert (model(batch).diff() < 0).any(), "heads that are not trained yet cross"
    assert (forecast.diff() >= 0).all()


def equal_heads_give_the_point_forecast(name: str, world: World) -> None:
    if MODELS[name].trained != "gradient":
        return
    plain, model = model_of(name, world), model_of(name, world, QUANTILES)
    state = plain.state_dict()
    for key, mine in model.state_dict().items():
        for axis in [k for k, (few, many) in enumerate(zip(state[key].shape, mine.shape, strict=True)) if few < many]:
            state[key] = state[key].repeat_interleave(3, axis) / (3 if "att_" in key else 1)  # GAT's scores add them up
    model.load_state_dict(state)
    batch = batch_of(model, world)
    expected = plain.eval()(batch)[..., None].expand(-1, -1, -1, -1, 3)
    torch.testing.assert_close(model.eval()(batch), expected, atol=1e-5, rtol=1e-5)


def the_same_seed_gives_the_same_forecast(name: str, world: World) -> None:
    one, other = (forecaster_of(name, world) for _ in range(2))
    np.testing.assert_array_equal(one.forecast().values, other.forecast().values)


def a_saved_one_forecasts_the_same_bits(name: str, world: World, folder: Path) -> None:
    forecaster = forecaster_of(name, world)
    again = load(forecaster.save(folder / name))
    np.testing.assert_array_equal(forecaster.forecast().values, again.forecast().values)
    np.testing.assert_array_equal(
        forecaster.forecast(world.series.slice(0, 400)).values, again.forecast(world.series.slice(0, 400)).values
    )
    assert again.model.settings == forecaster.model.settings


def it_overfits_one_batch(name: str, world: World) -> None:
    model = model_of(name, world)
    if model.trained != "gradient":
        return
    batch = batch_of(model, world)
    assert batch.target is not None
    assert batch.target_observed is not None
    seen = batch.target_observed
    target = (batch.target - batch.target[seen].mean()) / batch.target[seen].std()
    batch = replace(batch, target=target.where(seen, 0.0))
    adam = torch.optim.Adam(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(150):
        loss = (model(batch) - target)[seen].square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.2 * losses[0]


def what_stands_under_the_mask_has_no_influence(name: str, world: World) -> None:
    """Fit, scaler, loss and forecast are the same bits with 1e9, or NaN, in every hole."""
    clean = forecaster_of(name, world)
    for junk in (1e9, np.nan):
        values = np.where(world.series.observed, world.series.values, np.float32(junk))
        spoiled = World(world.graph, replace(world.series, values=values))
        other = forecaster_of(name, spoiled)
        assert other.scaler == clean.scaler
        assert [e.train_mae for e in other.log.epochs] == [e.train_mae for e in clean.log.epochs]
        assert [e.validation_mae for e in other.log.epochs] == [e.validation_mae for e in clean.log.epochs]
        np.testing.assert_array_equal(clean.forecast().values, other.forecast().values)
        np.testing.assert_array_equal(
            clean.forecast(world.series.slice(0, 500)).values, other.forecast(spoiled.series.slice(0, 500)).values
        )


def the_future_does_not_change_the_past(name: str, world: World) -> None:
    """Values after a moment change neither the forecast issued then nor, after the validation part, the fit."""
    values = world.series.values.copy()
    values[480:] += 100.0  # the test part begins at step 480
    other = World(world.graph, replace(world.series, values=values))
    one, two = forecaster_of(name, world), forecaster_of(name, other)
    at = slice(None, 480)
    np.testing.assert_array_equal(
        one.forecast(world.series.slice(at.start, at.stop)).values,
        two.forecast(other.series.slice(at.start, at.stop)).values,
    )
    model = one.model
    full = batch_of(model, world)
    blind = replace(full, target=None, target_observed=None)
    assert torch.equal(model(full), model(blind))


def an_inductive_model_follows_a_relabelling(name: str, world: World) -> None:
    model = fitted(name, world).double()
    if not model.inductive:
        return
    order = np.random.default_rng(0).permutation(len(world.graph))
    shuffled = World(
        world.graph.subgraph(order), world.series.select(sensors=tuple(world.series.sensors[n] for n in order))
    )
    straight, relabelled = (double(batch_of(model, w)) for w in (world, shuffled))
    torch.testing.assert_close(model(relabelled), model(straight)[:, :, order], atol=1e-10, rtol=1e-10)


def a_model_works_on_another_graph_or_says_why_not(name: str, world: World) -> None:
    model = fitted(name, world)
    count = len(world.graph) + 5
    graph = SensorGraph(tuple(f"n{k}" for k in range(count)), np.eye(count, k=1))
    other = World(graph, traffic(graph))
    batch = batch_of(model, other)
    if model.inductive:
        model.check(batch)
        assert torch.isfinite(model(batch)).all()
        return
    with pytest.raises(MismatchError, match=f"{name}.*own {len(world.graph)} sensors"):
        model.check(batch)


def a_patch_of_its_reach_is_exact_and_one_hop_less_is_not(name: str, world: World) -> None:
    """On a graph of diameter over twice the reach, patches that are strict subsets, float64, no dropout."""
    model = fitted(name, world).double()
    if model.reach is None:
        return
    answer = model(double(batch_of(model, world)))
    centre = [6]
    exact = patch_around(world.graph, centre, model.reach)
    assert 0 < len(exact) < len(world.graph) - 2
    assert gap(model, world, answer, exact) < 1e-12
    if model.reach:
        assert gap(model, world, answer, patch_around(world.graph, centre, model.reach - 1)) > 1e-6


def patches_side_by_side_answer_as_each_alone_or_are_refused(name: str, world: World) -> None:
    model = fitted(name, world).double()
    if model.reach is None:
        patches = [patch_around(world.graph, [core], 1) for core in (1, 9)]
        with pytest.raises(MismatchError, match=f"{name} sees the whole graph"):
            model.check(batch_of(model, world, patches))
        return
    patches = [patch_around(world.graph, core, model.reach) for core in ([1, 2], [9], [15])]
    together = double(batch_of(model, world, patches))
    out = model(together)
    for k, patch in enumerate(patches):
        alone = model(double(batch_of(model, world, [patch])))
        torch.testing.assert_close(out[:, :, together.block == k], alone, atol=1e-12, rtol=1e-12)


def a_closed_form_is_the_same_from_patches(name: str, world: World) -> None:
    """Of patches that overlap, what each answers for counts, once."""
    model = model_of(name, world)
    if model.trained != "closed_form":
        return
    cores = np.array_split(np.random.default_rng(0).permutation(len(world.graph)), 4)
    patches = [patch_around(world.graph, core.tolist(), 1) for core in cores]
    assert sum(map(len, patches)) > len(world.graph)
    model.fit_closed(loader_of(model, world, patches, window=model.closed_window()))
    batch = batch_of(model, world)
    torch.testing.assert_close(model(batch), fitted(name, world)(batch), atol=1e-5, rtol=1e-5)


def gap(model: ForecastModel, world: World, answer: Tensor, patch: Patch) -> float:
    """Largest difference from the whole graph's answer at the patch's centre."""
    out = model(double(batch_of(model, world, [patch])))
    difference = out[:, :, patch.centre] - answer[:, :, patch.sensors[patch.centre]]
    return float(difference.detach().abs().max())


def double(batch: PatchBatch) -> PatchBatch:
    return batch.to("cpu", torch.float64)
