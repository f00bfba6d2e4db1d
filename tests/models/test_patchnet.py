"""PatchNet: a hand-computed value, its reach, its direction, its export."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from stgraph.errors import DataError, MismatchError, UnknownNameError
from stgraph.models import ForecastModel, PatchNet, Task
from stgraph.patches import PatchBatch, patch_around
from tests import contracts
from tests.conftest import World


def test_a_read_out_of_zero_repeats_the_last_value_and_of_one_adds_it(world: World) -> None:
    """The read-out is the change from the last observed value: by hand, 0 gives persistence, a bias of 1 adds 1."""
    model = contracts.model_of("patchnet", world).eval()
    batch = contracts.batch_of(model, world)
    last = contracts.fitted("persistence", world)(replace(batch, weights=()))
    read_out = model.get_submodule("read_out")
    assert isinstance(read_out, torch.nn.Linear)
    with torch.no_grad():
        read_out.weight.zero_()
        for bias in (0.0, 1.0):
            read_out.bias.fill_(bias)
            torch.testing.assert_close(model(batch), last + bias)
        model.get_parameter("share").fill_(0.25)
        torch.testing.assert_close(model(batch), 0.25 * last + bias)


def linear(channels_in: int, channels_out: int) -> int:
    """Parameters of one map with its bias."""
    return channels_in * channels_out + channels_out


def test_parameters_at_metr_la_size_add_up_by_hand() -> None:
    hidden, half, wide, horizon, weights = 64, 32, 128, 12, 2
    read_in = linear(2 * 12 + 3 * 24, half)  # values and whether they were observed; three facts a step of the profile
    calendar = linear(16, half) + 7 * half + 2 * half
    layer = (1 + weights) * hidden * wide + wide + linear(wide, hidden)
    expected = read_in + calendar + 3 * layer + linear(hidden, horizon) + horizon
    assert sum(p.numel() for p in PatchNet(Task(sensors=207)).parameters()) == expected


@pytest.mark.parametrize(("hops", "reach"), [(None, 2), (0, 0), (1, 1)])
def test_its_reach_is_its_number_of_spatial_layers(world: World, hops: int | None, reach: int) -> None:
    task = contracts.task_of(world)
    model = PatchNet(task, hidden=8, layers=2, hops=hops, heads=2).double().eval()
    assert model.reach == reach
    assert len(model.weights) == (2 if reach else 0)
    batch = contracts.double(contracts.batch_of(model, world))
    before, moved = model(batch), batch.signal.clone()
    moved[:, :, 10] += 1.0
    changed = (model(replace(batch, signal=moved)) - before).abs().amax((0, 1, 3)) > 1e-12
    near = set(world.graph.k_hop([10], reach).tolist())
    assert set(changed.nonzero().flatten().tolist()) == near


def test_it_tells_downstream_from_upstream(world: World) -> None:
    model = contracts.model_of("patchnet", world).eval()
    batch = contracts.batch_of(model, world)
    turned = replace(batch, weights=(batch.weights[1], batch.weights[0]))
    assert (model(batch) - model(turned)).abs().max() > 1e-3


def test_without_a_profile_it_wants_none_and_with_one_it_must_have_it(world: World) -> None:
    task = contracts.task_of(world)
    batch = replace(contracts.batch_of(contracts.model_of("patchnet", world), world), profile=None)
    PatchNet(task, hidden=8, profile=False).check(batch)
    with pytest.raises(MismatchError, match="patchnet: expected a batch with the profile of its sensors, found none"):
        PatchNet(task, hidden=8).check(batch)
    with pytest.raises(MismatchError, match="the profile of its sensors, found none"):
        PatchNet(task, hidden=8)(batch)


def test_in_training_some_windows_are_shown_nothing_of_what_is_usual(world: World) -> None:
    model = PatchNet(contracts.task_of(world), hidden=8, profile_dropout=0.25)
    batch = contracts.batch_of(model, world)
    of_windows = ("signal", "observed", "calendar", "covariates", "profile", "target", "target_observed")
    many = replace(batch, **{name: getattr(batch, name).repeat(50, 1, 1, 1) for name in of_windows})
    profile = many.profile
    assert profile is not None
    without = model.eval()(replace(many, profile=torch.zeros_like(profile)))
    told = model(many)
    different = (told - without).abs().amax((1, 2, 3)) > 1e-6
    assert different.all()
    trained = model.train()(many)
    left_out = (trained - without).abs().amax((1, 2, 3)) < 1e-6
    torch.testing.assert_close(trained[~left_out], told[~left_out])
    windows = len(told)
    assert abs(int(left_out.sum()) - 0.25 * windows) < 4 * (windows * 0.25 * 0.75) ** 0.5


def test_a_sensor_embedding_makes_it_know_its_sensors() -> None:
    assert PatchNet(Task(sensors=4)).inductive
    assert not PatchNet(Task(sensors=4), sensor_embedding=8).inductive


@pytest.mark.parametrize(
    "settings", [{"hops": 4}, {"hops": -1}, {"heads": 3}, {"heads": 5}, {"heads": -2}, {"profile_dropout": 1.1}]
)
def test_impossible_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=next(iter(settings))):
        PatchNet(Task(sensors=4), **settings)


def test_it_can_be_exported_and_the_program_gives_the_same_forecast(world: World) -> None:
    model: ForecastModel = contracts.model_of("patchnet", world).eval()
    batch: PatchBatch = replace(contracts.batch_of(model, world), target=None, target_observed=None)
    program = torch.export.export(model, (batch,), strict=False)
    torch.testing.assert_close(program.module()(batch), model(batch))


@pytest.mark.parametrize(
    ("spatial", "hops", "reach"),
    [
        ("GATv2Conv(heads=2)", 2, 2),
        ("GCNConv", 2, 2),
        ("SAGEConv", 1, 1),
        ("ChebConv(K=1)", 1, 1),  # looks at no neighbour, but the attention beside it does
        ("SGConv", 1, 2),
        ("SGConv", 2, 3),  # the signal comes from one hop a layer, a neighbour's degree from one more
        ("TAGConv", 1, 3),
        ("GATv2Conv", 0, 0),
        ("TAGConv(K=9)", 1, None),
    ],
)
def test_its_reach_with_another_convolution_is_what_its_layers_need(
    world: World, monkeypatch: pytest.MonkeyPatch, spatial: str, hops: int, reach: int | None
) -> None:
    settings = {"hidden": 8, "layers": 2, "heads": 2, "hops": hops, "spatial": spatial}
    monkeypatch.setattr(contracts, "SMALL", {"patchnet": settings})
    assert contracts.model_of("patchnet", world).reach == reach
    contracts.a_patch_of_its_reach_is_exact_and_one_hop_less_is_not("patchnet", world)
    contracts.patches_side_by_side_answer_as_each_alone_or_are_refused("patchnet", world)
    contracts.an_inductive_model_follows_a_relabelling("patchnet", world)


@pytest.mark.parametrize(
    "law",
    [
        contracts.gives_the_shape_it_promises,
        contracts.every_parameter_gets_a_gradient,
        contracts.the_same_seed_gives_the_same_forecast,
        contracts.it_overfits_one_batch,
        contracts.what_stands_under_the_mask_has_no_influence,
        contracts.the_future_does_not_change_the_past,
        contracts.a_model_works_on_another_graph_or_says_why_not,
    ],
    ids=lambda law: law.__name__,
)
def test_it_keeps_the_contract_with_another_convolution(
    world: World, monkeypatch: pytest.MonkeyPatch, law: Callable[[str, World], None]
) -> None:
    settings = {"hidden": 8, "layers": 2, "heads": 2, "spatial": "GATv2Conv"}
    monkeypatch.setattr(contracts, "SMALL", {"patchnet": settings})
    law("patchnet", world)


def test_several_patches_are_refused_where_the_whole_graph_is_seen(world: World) -> None:
    model = PatchNet(contracts.task_of(world), hidden=8, heads=2, spatial="TAGConv(K=9)")
    patches = [patch_around(world.graph, core, 2) for core in ([1], [9])]
    with pytest.raises(MismatchError, match="patchnet sees the whole graph: expected a batch of one patch, found 2"):
        model.check(contracts.batch_of(model, world, patches))


def test_a_convolution_that_cannot_be_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'GATv2Conv'"):
        PatchNet(Task(sensors=4), spatial="GATv2Con")
    with pytest.raises(DataError, match="PointNetConv: expected a convolution of x along edge_index alone"):
        PatchNet(Task(sensors=4), spatial="PointNetConv")
