"""To and from networkx and PyTorch Geometric; an edge i -> j stays i -> j."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from stgraph.errors import DataError, ShapeError
from stgraph.graph.edges import from_edges
from stgraph.graph.sensor_graph import SensorGraph

if TYPE_CHECKING:
    import networkx as nx
    from torch_geometric.data import Data


def to_networkx(graph: SensorGraph) -> "nx.DiGraph[str]":
    """Return a directed networkx graph: nodes are ids, with `lon` and `lat` where known; edges have a `weight`.

    >>> to_networkx(SensorGraph(("a", "b"), np.array([[0, 2], [0, 0]]))).edges["a", "b"]
    {'weight': 2.0}
    """
    import networkx as nx  # noqa: PLC0415 - a quarter of a second that only this needs

    result: nx.DiGraph[str] = nx.DiGraph()
    result.add_nodes_from(graph.ids)
    if graph.positions is not None:
        for name, (lon, lat) in zip(graph.ids, graph.positions.tolist(), strict=True):
            result.add_node(name, lon=lon, lat=lat)
    edges = graph.adjacency.tocoo()
    sources, targets = (axis.tolist() for axis in edges.coords)
    for source, target, weight in zip(sources, targets, edges.data.tolist(), strict=True):
        result.add_edge(graph.ids[source], graph.ids[target], weight=weight)
    return result


def from_networkx(g: "nx.Graph[Any]", *, weight: str = "weight") -> SensorGraph:
    """Build a graph from any networkx graph; an undirected edge gives both directions.

    Args:
        g: nodes become ids, spelled as text; `lon` and `lat` in degrees on every node become positions. Parallel
            edges of a multigraph must have the same weight.
        weight: edge attribute that holds the weight; 1 on edges without it.

    Raises:
        DataError: a weight that is not a finite number of 0 or more, two weights for one edge, two nodes that are
            spelled alike, or a position on some nodes only.

    >>> import networkx as nx
    >>> from_networkx(nx.path_graph(3)).adjacency.toarray()
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """
    edges = [(str(source), str(target), facts.get(weight, 1.0)) for source, target, facts in g.edges(data=True)]
    if not g.is_directed():
        edges += [(target, source, value) for source, target, value in edges]
    places = {
        str(node): (facts["lon"], facts["lat"]) for node, facts in g.nodes(data=True) if {"lon", "lat"} <= {*facts}
    }
    ids = [str(node) for node in g]
    if places and len(places) < len(set(ids)):
        without = next(name for name in ids if name not in places)
        message = f"nodes: expected lon and lat on every node or on none, found none on {without}"
        raise DataError(message)
    return from_edges(edges, ids, positions=[places[name] for name in ids] if places else None)


def to_pyg(graph: SensorGraph) -> "Data":
    """Return PyTorch Geometric data, in float64 so that the way back is exact.

    Shapes:
        edge_index (2, E) long, row 0 the sensor an edge starts from and row 1 the one it leads to; edge_weight (E,);
        pos (N, 2) longitude and latitude in degrees, where known; ids, a list of N.

    >>> to_pyg(SensorGraph(("a", "b"), np.array([[0, 2], [0, 0]]))).edge_index
    tensor([[0],
            [1]])
    """
    import torch  # noqa: PLC0415 - seconds of imports that only this needs
    from torch_geometric.data import Data  # noqa: PLC0415 - likewise

    edges = graph.adjacency.tocoo()
    data = Data(
        edge_index=torch.from_numpy(np.stack(edges.coords).astype(np.int64)),
        edge_weight=torch.from_numpy(edges.data.copy()),
        num_nodes=len(graph),
        ids=list(graph.ids),
    )
    if graph.positions is not None:
        data.pos = torch.from_numpy(graph.positions.copy())
    return data


def from_pyg(data: "Data", ids: Iterable[str] | None = None) -> SensorGraph:
    """Build a graph from PyTorch Geometric data.

    Args:
        data: `edge_index` (2, E); `edge_weight` (E,), or `edge_attr` where it is one number an edge, else 1; `pos`, if
            any, longitude and latitude in degrees. A repeated edge must have the same weight.
        ids: N sensor ids; `data.ids` where None, and "0" to "N-1" where it has none.

    Raises:
        DataError: no edges, an edge to a sensor that is not there, an impossible position, or a weight that
            is not a finite number of 0 or more.

    >>> from_pyg(to_pyg(SensorGraph(("a", "b"), np.array([[0, 2], [0, 0]]))))
    SensorGraph(sensors=2, edges=1)
    """
    if data.edge_index is None:
        message = "data: expected edge_index, found none"
        raise DataError(message)
    known = ids if ids is not None else data.get("ids")
    names = tuple(str(i) for i in (known if known is not None else range(data.num_nodes)))
    index = data.edge_index.cpu().numpy()
    outside = (index < 0) | (index >= len(names))
    if outside.any():
        message = f"edge_index: expected sensors 0 to {len(names) - 1}, found {index[outside][0]}"
        raise DataError(message)
    ends = np.array(names, dtype=object)[index]
    positions = None if data.pos is None else data.pos.cpu().numpy()
    return from_edges(ends.T.tolist(), names, weights=_pyg_weights(data), positions=positions)


def _pyg_weights(data: "Data") -> list[float] | None:
    weights = data.edge_weight if "edge_weight" in data else data.edge_attr
    if weights is None:
        return None
    if weights.numel() != data.num_edges:
        message = (
            f"edge_attr: expected one number for each of {data.num_edges} edges, found shape {tuple(weights.shape)}"
        )
        raise ShapeError(message)
    numbers: list[float] = weights.reshape(-1).tolist()
    return numbers
