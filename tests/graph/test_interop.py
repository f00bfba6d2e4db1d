import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given
from torch_geometric.data import Data
from torch_geometric.utils import to_networkx as pyg_to_networkx

from stgraph.errors import DataError, ShapeError
from stgraph.graph import SensorGraph, from_networkx, from_pyg, to_networkx, to_pyg
from tests.graph.strategies import graphs


@given(graphs())
def test_round_trips_preserve_the_digest(graph: SensorGraph) -> None:
    assert from_networkx(to_networkx(graph)).digest() == graph.digest()
    assert from_pyg(to_pyg(graph)).digest() == graph.digest()


@given(graphs())
def test_an_edge_keeps_its_direction(graph: SensorGraph) -> None:
    g, data = to_networkx(graph), to_pyg(graph)
    np.testing.assert_array_equal(nx.to_numpy_array(g, graph.ids), graph.adjacency.toarray())
    source, target = data.edge_index.numpy()
    np.testing.assert_array_equal(graph.adjacency.toarray()[source, target], data.edge_weight.numpy())
    assert sorted(pyg_to_networkx(data).edges) == sorted(
        (graph.index_of([i])[0], graph.index_of([j])[0]) for i, j in g.edges
    )


def test_nodes_carry_positions() -> None:
    graph = SensorGraph("ab", np.eye(2, k=1), [[4.8, 52.3], [4.9, 52.4]])
    assert to_networkx(graph).nodes["b"] == {"lon": 4.9, "lat": 52.4}
    np.testing.assert_array_equal(to_pyg(graph).pos.numpy(), graph.positions)


def test_undirected_and_parallel_edges() -> None:
    street = nx.Graph([("a", "b", {"lanes": 2}), ("b", "b", {"lanes": 3}), ("b", "c", {})])
    expected = [[0, 2, 0], [2, 3, 1], [0, 1, 0]]
    assert from_networkx(street, weight="lanes").adjacency.toarray().tolist() == expected
    twice: nx.MultiDiGraph[int] = nx.MultiDiGraph([(1, 2), (1, 2)])
    assert from_networkx(twice).adjacency.toarray().tolist() == [[0, 1], [0, 0]]
    twice.add_edge(1, 2, weight=5)
    with pytest.raises(DataError, match="expected one weight for 1 -> 2"):
        from_networkx(twice)


def test_a_wrong_networkx_graph_is_named() -> None:
    g = nx.DiGraph([("a", "b", {"weight": "heavy"})])
    with pytest.raises(DataError, match="expected a number, found 'heavy'"):
        from_networkx(g)
    g.nodes["a"].update(lon=4.8, lat=52.3)
    with pytest.raises(DataError, match="lon and lat on every node or on none, found none on b"):
        from_networkx(g)
    with pytest.raises(DataError, match="unique"):
        from_networkx(nx.Graph([(1, "1")]))


def test_pyg_data_from_elsewhere() -> None:
    index = torch.tensor([[0, 1], [1, 2]])
    bare = Data(edge_index=index, num_nodes=4)
    assert from_pyg(bare).ids == ("0", "1", "2", "3")
    assert from_pyg(bare, ["a", "b", "c", "d"]).adjacency.toarray().tolist() == [
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0] * 4,
        [0] * 4,
    ]
    column = Data(edge_index=index, edge_attr=torch.tensor([[2.0], [3.0]]), num_nodes=3)
    assert from_pyg(column).adjacency.data.tolist() == [2, 3]


def test_wrong_pyg_data_is_named() -> None:
    index = torch.tensor([[0, 1], [1, 2]])
    with pytest.raises(DataError, match="edge_index: expected sensors 0 to 1, found 2"):
        from_pyg(Data(edge_index=index, num_nodes=3), ["a", "b"])
    with pytest.raises(DataError, match="data: expected edge_index"):
        from_pyg(Data(num_nodes=3))
    with pytest.raises(ShapeError, match=r"edge_attr: .* 2 edges, found shape \(2, 3\)"):
        from_pyg(Data(edge_index=index, edge_attr=torch.ones(2, 3), num_nodes=3))
    with pytest.raises(DataError, match=r"expected a finite weight of 0 or more, found -1\.0"):
        from_pyg(Data(edge_index=index, edge_weight=torch.tensor([1.0, -1.0]), num_nodes=3))
