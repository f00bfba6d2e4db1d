"""Dynamic graph: the loops that weigh each road, rows that add up to one, and a sensor without a road."""

import math

import pytest
import torch
from torch import Tensor

from stgraph.layers import DynamicGraph

WEIGHTS = torch.tensor([[0.5, 0.5, 0.0, 0.0], [0.0, 0.2, 0.8, 0.0], [0.3, 0.0, 0.7, 0.0], [0.0, 0.0, 0.0, 0.0]])


def layer() -> DynamicGraph:
    torch.manual_seed(0)
    return DynamicGraph(6, 5, 3, 8).double().eval()


def inputs() -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
    torch.manual_seed(1)
    history, moment = torch.randn(2, 4, 6).double(), torch.randn(2, 1, 5).double()
    return history, moment, (torch.randn(4, 3).double(), torch.randn(4, 3).double())


def test_it_weighs_each_road_by_the_attention_of_its_ends() -> None:
    model, (history, moment, vectors) = layer(), inputs()
    weights = (WEIGHTS.double(), WEIGHTS.T.double())
    for found, e, w in zip(model(history, moment, vectors, weights), vectors, weights, strict=True):
        for b in range(2):
            read = model.norm(model.read_in(history[b]).relu())
            features = torch.cat([model.shown(read), moment[b].expand(4, 5), e], dim=1)
            looking = (model.query(features) @ model.key(features).T / math.sqrt(8)).softmax(1)
            for i in range(4):
                row = (w[i] + 1e-7) * looking[i]
                torch.testing.assert_close(found[b, i], row / row.sum())


def test_a_sensor_without_a_road_looks_at_all_and_others_along_their_roads() -> None:
    model, (history, moment, vectors) = layer(), inputs()
    (found,) = model(history, moment, vectors[:1], [WEIGHTS.double()])
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 4).double())
    assert found[:, 3].min() > 1e-3
    assert found[:, :3][:, WEIGHTS[:3] == 0].max() < 1e-4


@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_sparse_weights_say_the_same_and_sensors_carry_theirs() -> None:
    model, (history, moment, vectors) = layer(), inputs()
    (straight,) = model(history, moment, vectors[:1], [WEIGHTS.double()])
    (sparse,) = model(history, moment, vectors[:1], [WEIGHTS.double().to_sparse_csr()])
    assert torch.equal(sparse, straight)
    order = torch.tensor([2, 0, 3, 1])
    turned = WEIGHTS.double()[order][:, order]
    (moved,) = model(history[:, order], moment, [vectors[0][order]], [turned])
    torch.testing.assert_close(moved, straight[:, order][:, :, order])
