"""Any convolution of PyTorch Geometric: its twin edge by edge, its hops, our own convolution, refusals."""

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stgraph.errors import DataError, MismatchError, ShapeError, UnknownNameError
from stgraph.layers import GraphConvolution, PyGConvolution
from stgraph.propagation import WeightSpec, build_weights
from tests.conftest import World

pytestmark = pytest.mark.filterwarnings("ignore:Sparse CSR")

WORKING: list[tuple[str, dict[str, Any], str | None, int]] = [  # name, settings, how W is given, hops
    ("GCNConv", {}, "edge_weight", 1),
    ("GCNConv", {"normalize": True}, "edge_weight", 2),
    ("GraphConv", {}, "edge_weight", 1),
    ("LEConv", {}, "edge_weight", 1),
    ("TAGConv", {}, "edge_weight", 3),
    ("TAGConv", {"K": 2}, "edge_weight", 2),
    ("SGConv", {}, "edge_weight", 2),
    ("SGConv", {"K": 2}, "edge_weight", 3),
    ("SSGConv", {"alpha": 0.1}, "edge_weight", 2),
    ("ChebConv", {"K": 1}, "edge_weight", 0),
    ("ChebConv", {"K": 2}, "edge_weight", 2),
    ("ARMAConv", {}, "edge_weight", 2),
    ("GatedGraphConv", {"num_layers": 2}, "edge_weight", 2),
    ("MixHopConv", {}, "edge_weight", 3),
    ("MixHopConv", {"powers": [0, 1]}, "edge_weight", 2),
    ("GATConv", {}, "edge_attr", 1),
    ("GATv2Conv", {"heads": 3}, "edge_attr", 1),
    ("GATConv", {"edge_dim": None}, None, 1),
    ("TransformerConv", {"heads": 2}, "edge_attr", 1),
    ("ResGatedGraphConv", {}, "edge_attr", 1),
    ("GENConv", {}, "edge_attr", 1),
    ("GeneralConv", {}, "edge_attr", 1),
    ("GeneralConv", {"in_edge_channels": None}, None, 1),
    ("GMMConv", {"dim": 1, "kernel_size": 2}, "edge_attr", 1),
    ("PDNConv", {"hidden_channels": 4}, "edge_attr", 2),
    ("SAGEConv", {}, None, 1),
    ("SAGEConv", {"aggr": "max"}, None, 1),
    ("ClusterGCNConv", {}, None, 1),
    ("FeaStConv", {"heads": 2}, None, 1),
    ("FiLMConv", {}, None, 1),
    ("EGConv", {"num_heads": 4}, None, 2),
    ("SuperGATConv", {}, None, 1),
    ("MFConv", {}, None, 1),
]
each_that_works = pytest.mark.parametrize(
    ("name", "options", "given", "hops"), WORKING, ids=[f"{name}-{options}" for name, options, *_ in WORKING]
)


def built(name: str, options: dict[str, Any], weights: int = 2) -> PyGConvolution:
    torch.manual_seed(0)
    return PyGConvolution(name, 3, 12, weights, **options).double().eval()


def walks(world: World) -> list[Tensor]:
    specs = [WeightSpec("forward"), WeightSpec("backward")]
    return [torch.from_numpy(w.toarray()) for w in build_weights(world.graph.adjacency, specs)]


def edge_by_edge(convolution: nn.Module, signal: Tensor, weights: Tensor, given: str | None) -> Tensor:
    """One window (N, C): every entry of W is looked at, and PyG is called with the edges found."""
    sources, targets, values = [], [], []
    for i in range(len(weights)):
        for j in range(len(weights)):
            if weights[i, j] != 0:
                sources.append(j)
                targets.append(i)
                values.append(float(weights[i, j]))
    strength = torch.tensor(values, dtype=torch.float64)
    named = {} if given is None else {given: strength if given == "edge_weight" else strength[:, None]}
    out: Tensor = convolution(signal, torch.tensor([sources, targets]), **named)
    return out


@each_that_works
def test_it_is_the_sum_over_w_of_the_convolution_of_each_window(
    name: str, options: dict[str, Any], given: str | None, hops: int, world: World
) -> None:
    layer, weights = built(name, options), walks(world)
    signal = torch.randn(2, 2, 17, 3, dtype=torch.float64)
    out = layer(signal, weights)
    assert out.shape == (2, 2, 17, 12)
    assert layer.hops == hops
    inner = [part.get_submodule("convolution") for part in layer.convolutions]
    for b in range(2):
        for t in range(2):
            terms = [edge_by_edge(c, signal[b, t], w, given) for c, w in zip(inner, weights, strict=True)]
            torch.testing.assert_close(out[b, t], sum(terms))
    torch.testing.assert_close(layer(signal, [w.to_sparse_csr() for w in weights]), out)
    columns = signal.transpose(1, 2)  # not contiguous; (B, N, T, C) as sensor-major columns
    torch.testing.assert_close(layer(columns, weights, sensor_major=True), out.transpose(1, 2))


@each_that_works
def test_a_patch_of_its_hops_is_exact_on_a_road(
    name: str, options: dict[str, Any], given: str | None, hops: int, world: World
) -> None:
    """On a directed road with W cut from the whole; the hops are declared, so this holds for other graphs as well."""
    del given
    layer, weights, signal = built(name, options), walks(world), torch.randn(4, 17, 3, dtype=torch.float64)
    answer = layer(signal, weights)[:, 6]
    for r in range(hops, hops + 2):
        near = world.graph.k_hop([6], r)
        patch = layer(signal[:, near], [w[near][:, near] for w in weights])
        torch.testing.assert_close(patch[:, near.tolist().index(6)], answer, atol=1e-12, rtol=1e-12)
    if hops:
        near = world.graph.k_hop([6], hops - 1)
        patch = layer(signal[:, near], [w[near][:, near] for w in weights])
        assert (patch[:, near.tolist().index(6)] - answer).abs().max() > 1e-6


def test_what_no_patch_can_give_is_declared() -> None:
    """ChebConv without its own normalisation divides by the largest entry in the whole graph."""
    assert built("ChebConv", {"K": 2, "normalization": None}).hops is None


@pytest.mark.parametrize("settings", [{"own": True}, {"own": False}, {"own": True, "bias": False}])
def test_with_gcn_it_is_our_graph_convolution(settings: dict[str, bool]) -> None:
    torch.manual_seed(0)
    ours = GraphConvolution(3, 5, 2, **settings).double()
    theirs = PyGConvolution("GCNConv", 3, 5, 2, **settings).double()
    state = {"own.weight": ours.state_dict().get("own.weight")} if ours.own is not None else {}
    for k in range(2):
        state[f"convolutions.{k}.convolution.lin.weight"] = ours.state_dict()[f"neighbours.{k}.weight"]
        if ours.bias is not None:  # two halves of one bias
            ours.bias.data.fill_(1.0)
            state[f"convolutions.{k}.convolution.bias"] = torch.full((5,), 0.5)
    theirs.load_state_dict(state)
    signal, weights = torch.randn(4, 6, 3).double(), list(torch.rand(2, 6, 6).double())
    torch.testing.assert_close(theirs(signal, weights), ours(signal, weights))


def test_with_one_graph_conv_it_is_our_graph_convolution() -> None:
    torch.manual_seed(0)
    ours, theirs = GraphConvolution(3, 5, 1).double(), PyGConvolution("GraphConv", 3, 5, 1).double()
    names = {"lin_rel.weight": "neighbours.0.weight", "lin_rel.bias": "bias", "lin_root.weight": "own.weight"}
    theirs.load_state_dict({f"convolutions.0.convolution.{key}": ours.state_dict()[k] for key, k in names.items()})
    signal, weights = torch.randn(4, 6, 3).double(), [torch.rand(6, 6).double()]
    torch.testing.assert_close(theirs(signal, weights), ours(signal, weights))


def test_no_gradient_is_lost() -> None:
    layer, weights = built("GATv2Conv", {}, 1), torch.rand(4, 4, dtype=torch.float64, requires_grad=True)
    signal = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda s, w: layer(s, [w]), (signal, weights))
    layer(signal, [weights]).square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in layer.parameters())


@pytest.mark.parametrize("name", ["GCNConv", "GATv2Conv", "SAGEConv", "TransformerConv"])
def test_it_works_in_mixed_precision(name: str) -> None:
    torch.manual_seed(0)
    layer, signal, weights = PyGConvolution(name, 3, 8, 1), torch.randn(2, 5, 3), [torch.rand(5, 5)]
    with torch.autocast("cpu", torch.bfloat16):
        out = layer(signal, weights)
        halves = layer(signal.bfloat16(), weights)
    torch.testing.assert_close(out.float(), layer(signal, weights), atol=0.05, rtol=0.05)
    torch.testing.assert_close(halves.float(), layer(signal, weights), atol=0.05, rtol=0.05)


@each_that_works
def test_one_sensor_and_sensors_without_edges_are_no_exception(
    name: str, options: dict[str, Any], given: str | None, hops: int
) -> None:
    del given, hops
    layer = built(name, options)
    for count in (1, 4):
        nothing = torch.zeros(count, count, dtype=torch.float64)
        out = layer(torch.randn(2, count, 3, dtype=torch.float64), [nothing, nothing])
        assert out.shape == (2, count, 12)
        assert torch.isfinite(out).all()


def test_building_draws_only_its_own_parameters() -> None:
    from torch_geometric.nn import GATv2Conv  # noqa: PLC0415 - as the layer does

    torch.manual_seed(3)
    bare = [GATv2Conv(3, 2, heads=4, edge_dim=1) for _ in range(2)]
    state = torch.get_rng_state()
    torch.manual_seed(3)
    layer = PyGConvolution("GATv2Conv", 3, 8, 2, heads=4)
    assert torch.equal(torch.get_rng_state(), state)
    for one, part in zip(bare, layer.convolutions, strict=True):
        for key, value in one.state_dict().items():
            assert torch.equal(value, part.state_dict()[f"convolution.{key}"])


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("ChebConv", {}, r"ChebConv: expected its settings K: int too, as plain data, found \{\}"),
        ("GINEConv", {}, r"constructor with in_channels and out_channels, found \(nn, eps"),
        ("APPNP", {}, r"constructor with in_channels and out_channels, found \(K, alpha"),
        ("PNAConv", {}, "expected its settings aggregators.*deg: torch.Tensor too"),
        ("NNConv", {}, "expected its settings nn: Callable too"),
        ("PointNetConv", {}, "x along edge_index alone, found one of x, pos, edge_index"),
        ("RGCNConv", {"num_relations": 1}, "found one of x, edge_index, edge_type"),
        ("HypergraphConv", {}, "found one of x, hyperedge_index"),
        ("HGTConv", {}, "found one of x_dict, edge_index_dict"),
        ("SignedConv", {}, "found one of x, pos_edge_index, neg_edge_index"),
        ("MeshCNNConv", {}, "MeshCNNConv: expected a convolution that works with edges .*found that it fails"),
        ("EGConv", {}, r"EGConv: .* found that it fails \(.*divisible"),
        ("GatedGraphConv", {"num_layers": 2}, "found that it fails .*input channels"),
        ("GATConv", {"edge_dim": 3}, "GATConv: .*edge_dim=3, found that it fails"),
        ("GATConv", {"heads": 4}, "GATConv: expected settings that can give 2 channels, found 4"),
        ("SAGEConv", {"aggr": "lstm"}, "found one that depends on the order of the sensors"),
        (
            "GATConv",
            {"heads": {}},
            r"GATConv: expected heads as a number, text, bool, None or a list of them, found \{\}",
        ),
        ("GATConv", {"heads": "two"}, "GATConv: .*heads=two, found that it fails"),
        ("WLConv", {}, "WLConv: expected a convolution, a MessagePassing class, found"),
        ("Linear", {}, "Linear: expected a convolution"),
        ("MessagePassing", {}, "MessagePassing: expected a convolution"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(name: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        PyGConvolution(name, 3, 2, 1, **options)
    assert "\n" not in str(caught.value)


def test_a_layer_that_mixes_the_windows_of_a_batch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch_geometric import nn as pyg  # noqa: PLC0415 - as the layer does

    class Centred(pyg.GraphConv):  # type: ignore[misc]
        def forward(self, x: Tensor, edge_index: Tensor, edge_weight: Tensor | None = None) -> Tensor:
            out: Tensor = super().forward(x - x.mean(0), edge_index, edge_weight)
            return out

    monkeypatch.setattr(pyg, "Centred", Centred, raising=False)
    with pytest.raises(DataError, match=r"Centred: .* found one that mixes the windows of a batch"):
        PyGConvolution("Centred", 3, 2, 1)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("GATv3Conv", {}, "unknown convolution 'GATv3Conv': did you mean 'GATv2Conv'"),
        ("GATConv", {"head": 2}, "unknown setting of GATConv 'head': did you mean 'heads'"),
        ("SGConv", {"cached": True}, "unknown setting of SGConv 'cached'"),
        ("GCNConv", {"flow": "target_to_source"}, "unknown setting of GCNConv 'flow'"),
    ],
)
def test_unknown_names_suggest_the_nearest(name: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UnknownNameError, match=words):
        PyGConvolution(name, 3, 2, 1, **options)


def test_the_wrong_number_or_shape_of_weights_is_named() -> None:
    with pytest.raises(MismatchError, match="GCNConv: expected at least one matrix of weights, found 0"):
        PyGConvolution("GCNConv", 1, 1, 0)
    layer = PyGConvolution("GCNConv", 1, 1, 2)
    with pytest.raises(MismatchError, match="expected 2 matrices, found 1"):
        layer(torch.zeros(3, 1), [torch.zeros(3, 3)])
    with pytest.raises(ShapeError, match="weights"):
        layer(torch.zeros(3, 1), [torch.zeros(4, 4)] * 2)


def test_nothing_is_imported_until_it_is_needed() -> None:
    code = (
        "import sys; from stgraph.models import PatchNet, Task; PatchNet(Task(sensors=2), hidden=8);"
        "assert 'torch_geometric' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
