"""The spatial layer by name, and in every model that has the setting."""

import inspect
from pathlib import Path
from typing import Any

import pytest
import torch

from stgraph.errors import DataError, UnknownNameError
from stgraph.layers import GraphConvolution, Hops, PyGConvolution, hops_of, spatial_convolution
from stgraph.models import MODELS, build_model
from tests import contracts
from tests.conftest import World


def test_ours_is_the_same_as_built_by_hand() -> None:
    torch.manual_seed(0)
    expected = GraphConvolution(3, 5, 2, own=False, bias=False)
    torch.manual_seed(0)
    found = spatial_convolution("GraphConvolution", 3, 5, 2, own=False, bias=False)
    assert isinstance(found, GraphConvolution)
    assert found.state_dict().keys() == expected.state_dict().keys()
    assert all(torch.equal(found.state_dict()[key], value) for key, value in expected.state_dict().items())


@pytest.mark.parametrize(
    ("text", "name", "hops"),
    [
        ("GATv2Conv", "GATv2Conv(3, 8, heads=1)", 1),
        (" TAGConv ", "TAGConv(3, 8, K=3)", 3),
        ("TAGConv(K=2, normalize=True)", "TAGConv(3, 8, K=2)", 3),
        ("TransformerConv( heads = 4 )", "TransformerConv(3, 2, heads=4)", 1),
        ("SAGEConv(aggr='max')", "SAGEConv(3, 8, aggr=max)", 1),
        ("MixHopConv(powers=[0, 1])", "MixHopConv(3, 4, powers=(0, 1))", 2),
    ],
)
def test_a_name_may_have_settings(text: str, name: str, hops: int) -> None:
    found = spatial_convolution(text, 3, 8, 1, own=False)
    assert isinstance(found, PyGConvolution)
    assert repr(found.convolutions[0].convolution) == name
    assert found.hops == hops
    assert hops_of(found) == found.measured


def test_ours_sees_one_hop() -> None:
    assert hops_of(GraphConvolution(1, 1, 1)) == Hops(graph=1, signal=1)


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_own_and_bias_are_as_asked(own: bool, bias: bool) -> None:
    for spatial in ("GraphConvolution", "GCNConv"):
        keys = spatial_convolution(spatial, 3, 8, 1, own=own, bias=bias).state_dict().keys()
        assert any(key.startswith("own") for key in keys) == own
        assert any(key.endswith("bias") for key in keys) == bias


@pytest.mark.parametrize("text", ["", "3", "GATConv(2)", "GATConv(heads=two)", "GATConv(heads=2", "nn.GATConv", "a b"])
def test_text_that_is_no_convolution_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="spatial: expected a convolution, as GATv2Conv or ChebConv"):
        spatial_convolution(text, 3, 8, 1)


def test_unknown_names_and_settings_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'GraphConvolution'"):
        spatial_convolution("GraphConvolutions", 3, 8, 1)
    with pytest.raises(DataError, match="GraphConvolution has no settings"):
        spatial_convolution("GraphConvolution(K=2)", 3, 8, 1)
    with pytest.raises(UnknownNameError, match="did you mean 'heads'"):
        spatial_convolution("GATConv(head=2)", 3, 8, 1)


WITH_SPATIAL = [name for name, cls in MODELS.items() if "spatial" in inspect.signature(cls.__init__).parameters]


def test_the_models_that_take_another_convolution() -> None:
    assert {"patchnet", "tgcn", "a3tgcn", "dcrnn"} <= set(WITH_SPATIAL)


@pytest.mark.parametrize("name", WITH_SPATIAL)
@pytest.mark.parametrize("spatial", ["GATv2Conv(heads=2)", "GCNConv", "SAGEConv"])
def test_every_model_works_with_it(name: str, spatial: str, world: World) -> None:
    settings: dict[str, Any] = {**contracts.SMALL[name], "spatial": spatial}
    model = build_model(MODELS[name], contracts.task_of(world), settings)
    assert any(isinstance(part, PyGConvolution) for part in model.modules())
    assert model.settings["spatial"] == spatial
    out = model(contracts.batch_of(model, world))
    assert out.shape == (8, contracts.HORIZON, len(world.graph), 1)
    out.square().sum().backward()
    idle = [key for key, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert not [key for key in idle if "holiday" not in key]


@pytest.mark.parametrize(
    "law",
    [
        contracts.what_stands_under_the_mask_has_no_influence,
        contracts.the_future_does_not_change_the_past,
        contracts.an_inductive_model_follows_a_relabelling,
        contracts.a_model_works_on_another_graph_or_says_why_not,
    ],
    ids=lambda law: law.__name__,
)
def test_a_recurrent_model_keeps_the_contract_with_it(
    law: "contracts.Law", world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: Any = {"hidden": 4, "spatial": "GATv2Conv"}
    monkeypatch.setitem(contracts.SMALL, "tgcn", settings)
    law("tgcn", world)


def test_a_saved_model_finds_its_convolution_again(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings: Any = {"hidden": 4, "layers": 1, "heads": 2, "spatial": "TransformerConv(heads=2)"}
    monkeypatch.setitem(contracts.SMALL, "patchnet", settings)
    contracts.a_saved_one_forecasts_the_same_bits("patchnet", world, tmp_path)
