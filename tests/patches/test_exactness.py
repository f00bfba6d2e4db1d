"""Patches of a model's reach are exact: together they are the whole graph, in what they forecast and teach."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from torch import Tensor

from stgraph.errors import MismatchError
from stgraph.graph import SensorGraph, partition
from stgraph.models import MODELS, ForecastModel
from stgraph.patches import (
    Cut,
    Patch,
    PatchBatch,
    PatchLoader,
    Placed,
    Resident,
    Window,
    cut_weights,
    gather,
    grid_patches,
    patch_around,
    whole,
)
from stgraph.patches.cutter import Layout
from stgraph.propagation import WeightSpec, build_weights, propagate
from stgraph.series import Profile, Scaler
from stgraph.training import Unscaled, masked_absolute_error
from tests.conftest import World, traffic
from tests.contracts import HISTORY, HORIZON, fitted, model_of

SCALER = Scaler((60.0, 1000.0), (15.0, 300.0))
STARTS = np.array([0, 37, 110])
PRECISE = {torch.float32: 1e-5, torch.float64: 1e-10}
LAW = settings(max_examples=3, deadline=None, derandomize=True)  # no dice: in float32 a relu may turn on a rounding


@st.composite
def networks(draw: st.DrawFn) -> SensorGraph:
    """A directed road with loops, ways around and ways back, a pair beside it and sensors alone, in any order.

    Its ends are 7 hops or more apart: more than twice the reach of any small model.
    """
    sensors, alone = draw(st.integers(15, 20)), draw(st.integers(1, 2))
    beside = draw(npst.arrays(np.float64, (sensors, 5), elements=st.just(0.0) | st.floats(0.1, 10)))
    beside[:, 3] += 0.1  # the road itself, from each sensor to the next one
    lanes = [np.diag(beside[: sensors - abs(step), step + 2], step) for step in range(-2, 3)]
    pair = np.array([[0.0, 0.7], [0.0, 0.0]])
    adjacency = sp.block_diag([np.sum(lanes, axis=0), pair, np.zeros((alone, alone))]).toarray()
    order = draw(st.permutations(range(len(adjacency))))
    return SensorGraph(map(str, order), adjacency[np.ix_(order, order)])


@pytest.mark.parametrize("name", MODELS)
@LAW
@given(networks(), st.integers(3, 5), st.sampled_from(["dense", "csr"]))
def test_patches_of_the_reach_are_together_the_whole_graph(
    name: str, graph: SensorGraph, parts: int, layout: Layout
) -> None:
    """In their forecasts and in the sum of their gradients; where there is no reach, the halo is the whole graph."""
    world = World(graph, traffic(graph))
    for dtype, near in PRECISE.items():
        model = fitted(name, world).to(dtype)
        patches = grid_patches(graph, partition(graph, parts), model.reach)
        assert model.reach is None or max(map(len, patches)) < len(graph)
        (everything,) = batches_of(model, world, [whole(len(graph))], dtype, layout)
        answer = forecast(model, everything)
        target = at_a_distance(answer)
        taught = gradients(model, [(answer, everything)], [target])

        pieces = batches_of(model, world, patches, dtype)
        answers = [forecast(model, piece) for piece in pieces]
        assert_near(of_the_centres(answers, pieces), answer, near)
        targets = [target[:, :, piece.sensors] for piece in pieces]
        assert_same_lesson(gradients(model, list(zip(answers, pieces, strict=True)), targets), taught, near)
        assert bool(taught) == (model.trained == "gradient")


@pytest.mark.parametrize("name", MODELS)
@LAW
@given(networks(), st.integers(3, 5), st.integers(0, 99))
def test_patches_in_one_batch_are_those_one_by_one(name: str, graph: SensorGraph, parts: int, seed: int) -> None:
    """Each with its own windows, none sees another; a model that sees the whole graph takes one a batch."""
    world = World(graph, traffic(graph))
    starts = np.random.default_rng(seed).integers(0, 100, size=(len(STARTS), parts))
    for dtype, near in PRECISE.items():
        model = fitted(name, world).to(dtype)
        patches = grid_patches(graph, partition(graph, parts), 1 if model.reach is None else model.reach)
        side_by_side = batch_at(model, world, patches, starts, dtype)
        if model.reach is None:
            with pytest.raises(MismatchError, match=f"expected a batch of one patch, found {parts}"):
                model.check(side_by_side)
            continue
        answer = forecast(model, side_by_side)
        target = at_a_distance(answer)
        taught = gradients(model, [(answer, side_by_side)], [target])

        alone = [batch_at(model, world, [patch], starts[:, [k]], dtype) for k, patch in enumerate(patches)]
        answers = [forecast(model, piece) for piece in alone]
        assert_near(torch.cat(answers, dim=2), answer, near)
        targets = [target[:, :, side_by_side.block == k] for k in range(parts)]
        assert_same_lesson(gradients(model, list(zip(answers, alone, strict=True)), targets), taught, near)


@pytest.mark.parametrize("name", MODELS)
def test_a_sensor_is_known_by_its_number_and_not_by_its_place(name: str, world: World) -> None:
    """So that a model with parameters of single sensors finds those of the sensors of a patch."""
    model = fitted(name, world).double()
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(world.graph)))
    (batch,) = batches_of(model, world, [whole(len(world.graph))], torch.float64)
    shuffled = replace(
        batch,
        signal=batch.signal[:, :, order],
        observed=batch.observed[:, :, order],
        profile=None if batch.profile is None else batch.profile[:, :, order],
        weights=tuple(weights[order][:, order] for weights in batch.weights),
        sensors=order,
        target=None,
        target_observed=None,
    )
    assert_near(forecast(model, shuffled), forecast(model, batch)[:, :, order], PRECISE[torch.float64])


def test_one_hop_less_is_not_enough() -> None:
    """On a road of one direction, where nothing makes up for what lies one hop further."""
    graph = SensorGraph(map(str, range(20)), np.eye(20, k=1))
    world = World(graph, traffic(graph))
    models = {name: model for name in MODELS if (model := model_of(name, world).eval()).reach}
    assert models
    for name, model in models.items():
        reach = model.reach or 0
        (everything,) = batches_of(model, world, [whole(20)], torch.float32)
        answer = forecast(model, everything)
        for hops, exact in ((reach, True), (reach - 1, False)):
            pieces = batches_of(model, world, grid_patches(graph, np.arange(20) // 5, hops), torch.float32)
            gap = of_the_centres([forecast(model, piece) for piece in pieces], pieces) - answer
            assert (float(gap.detach().abs().max()) < 1e-3) == exact, f"{name}, {hops} hops: {gap.abs().max():.1e} km/h"


def test_normalised_on_the_whole_graph_then_cut_and_not_the_other_way_round() -> None:
    """On a -> b -> c, b has degree 2 with its own edge: it weighs 1 / sqrt(2 * 2) for a, also where c is cut off."""
    graph = SensorGraph("abc", np.eye(3, k=1))
    signal = torch.tensor([[2.0], [4.0], [8.0]])
    patch = patch_around(graph, [0], hops=1)
    near = signal[torch.from_numpy(patch.sensors)]
    specs = [WeightSpec("symmetric")]

    (right,) = cut_weights(build_weights(graph.adjacency, specs), [patch])
    (wrong,) = build_weights(graph.subgraph(patch.sensors).adjacency, specs)
    assert patch.sensors.tolist() == [0, 1]
    assert propagate(near, right)[0].item() == pytest.approx(2 / 2 + 4 / 2)
    assert (wrong @ near.numpy())[0].item() == pytest.approx(2 / 2 + 4 / 2**0.5)  # there b has lost its edge to c


def batch_at(
    model: ForecastModel,
    world: World,
    patches: Sequence[Patch],
    starts: np.ndarray,
    dtype: torch.dtype,
) -> PatchBatch:
    """One batch of windows that begin at `starts`, (B, P)."""
    weights = build_weights(world.graph.adjacency, model.weights)
    return gather(resident(model, world), windows(starts), Cut.of(weights, patches)).to("cpu", dtype)


def batches_of(
    model: ForecastModel, world: World, patches: Sequence[Patch], dtype: torch.dtype, layout: Layout = "auto"
) -> list[PatchBatch]:
    """The same windows of each patch, one batch a patch."""
    weights = build_weights(world.graph.adjacency, model.weights)
    loader = PatchLoader(
        resident(model, world), weights, patches, windows(STARTS), batch_size=len(STARTS), blocks=1, layout=layout
    )
    return [batch.to("cpu", dtype) for batch in loader]


def resident(model: ForecastModel, world: World) -> Resident:
    profile = Profile.of(world.series, SCALER, ((300, len(world.series)),), model.task.targets)
    return Resident.of(world.series, SCALER, model.task.targets, profile=profile if model.wants_profile else None)


def windows(starts: np.ndarray) -> Placed:
    return Window(HISTORY, HORIZON).place([(0, 300)]).take(starts)


def physical(model: ForecastModel) -> Unscaled:
    return Unscaled(model, SCALER.select(model.task.targets)).eval()


def forecast(model: ForecastModel, batch: PatchBatch) -> Tensor:
    model.check(batch)
    out: Tensor = physical(model)(batch)
    return out


def of_the_centres(answers: Sequence[Tensor], pieces: Sequence[PatchBatch]) -> Tensor:
    """Side by side what each patch answers for, each sensor once, in the order of the whole graph."""
    sensors = torch.cat([piece.sensors[piece.centre] for piece in pieces])
    order = sensors.argsort()
    assert torch.equal(sensors[order], torch.arange(len(sensors)))
    return torch.cat([out[:, :, piece.centre] for out, piece in zip(answers, pieces, strict=True)], dim=2)[:, :, order]


def at_a_distance(answer: Tensor) -> Tensor:
    """A target on either side of the forecast, and never so near that a rounding turns the sign of the error."""
    side = torch.randn(answer.shape, generator=torch.Generator().manual_seed(0)).sign()
    return (answer.detach() + 5 * side).float()


def gradients(
    model: ForecastModel, answers: Sequence[tuple[Tensor, PatchBatch]], targets: Sequence[Tensor]
) -> Mapping[str, Tensor]:
    """Of the mean error over what is observed and answered for: summed batch by batch, divided by the count of all."""
    told = [replace(batch, target=target) for (_, batch), target in zip(answers, targets, strict=True)]
    deviation = physical(model).deviation
    errors = [masked_absolute_error(out, batch, deviation) for (out, _), batch in zip(answers, told, strict=True)]
    count = sum(int(scored) for _, scored in errors)
    model.zero_grad()
    for total, _ in errors:
        if total.requires_grad:
            (total / count).backward()  # type: ignore[no-untyped-call]
    return {key: p.grad.clone() for key, p in model.named_parameters() if p.grad is not None}


def assert_near(found: Tensor, expected: Tensor, near: float) -> None:
    """In scaled units."""
    scale = SCALER.deviation[0]
    torch.testing.assert_close(found / scale, expected / scale, atol=near, rtol=near)


def assert_same_lesson(found: Mapping[str, Tensor], expected: Mapping[str, Tensor], near: float) -> None:
    """Relative to the largest gradient: a bias of keys, say, has none, and what is left of it is rounding."""
    largest = max((float(gradient.abs().max()) for gradient in expected.values()), default=0.0)
    torch.testing.assert_close(dict(found), dict(expected), atol=near * largest, rtol=near)
