from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from stgraph.errors import DataError, ShapeError, StgraphError, UnknownNameError
from stgraph.graph import SensorGraph, from_edges
from tests.graph.strategies import graphs


@given(graphs())
def test_edges_of_a_graph_give_the_graph(graph: SensorGraph) -> None:
    dense = graph.adjacency.toarray()
    source, target = np.nonzero(dense)
    pairs = [(graph.ids[i], graph.ids[j]) for i, j in zip(source, target, strict=True)]
    weights = dense[source, target].tolist()
    apart = from_edges(pairs, graph.ids, weights=weights, positions=graph.positions)
    beside = from_edges(((*p, w) for p, w in zip(pairs, weights, strict=True)), graph.ids, positions=graph.positions)
    table = pd.DataFrame(pairs, columns=["source", "target"]).assign(weight=weights)
    assert apart.digest() == beside.digest() == graph.digest()
    assert from_edges(table, graph.ids, positions=graph.positions).digest() == graph.digest()


@pytest.mark.parametrize(
    "edges",
    [
        [(773869, 767541), (767541, 717447)],
        np.array([[773869, 767541], [767541, 717447]]),
        np.array([[773869.0, 767541.0, 1.0], [767541.0, 717447.0, 1.0]]),
        pd.DataFrame({"from": [773869, 767541], "to": [767541, 717447], "lanes": [3, 3]}),
        [("773869", "767541"), ("767541", "717447"), ("773869", "767541")],
    ],
)
def test_whole_numbers_are_ids_and_a_repeated_edge_counts_once(edges: Any) -> None:
    graph = from_edges(edges, ["773869", "767541", "717447"])
    np.testing.assert_array_equal(graph.adjacency.toarray(), np.eye(3, k=1))


def test_no_edges_is_a_graph() -> None:
    assert from_edges([], ["a", "b"]).adjacency.nnz == 0


@pytest.mark.parametrize(
    ("edges", "weights", "error", "words"),
    [
        (
            [("a", "b"), ("b", "x")],
            None,
            UnknownNameError,
            r"row 1 names the sensor 'x', .* 2 ids \(a, b\); 1 such rows",
        ),
        ([("x", "b")], None, UnknownNameError, "row 0 names the sensor 'x'"),
        ([("a", "b", "c", "d")], None, DataError, "row 0: expected"),
        ([("a", "b"), ("a", "b", 1)], None, DataError, "row 1: expected"),
        ([("a", "b", "far")], None, DataError, "row 0: expected a number, found 'far'"),
        ([("a", "b", -1)], None, DataError, "row 0: expected a finite weight of 0 or more, found -1.0"),
        ([("a", "b", 1), ("b", "a", float("nan"))], None, DataError, "row 1: expected a finite weight"),
        ([("a", "b", 1), ("b", "a", 1), ("a", "b", 2)], None, DataError, "a -> b, found 1.0 in row 0 and 2.0 in row 2"),
        ([("a", "b", 1)], [1], DataError, "weights: given both"),
        ([("a", "b")], [1, 2], ShapeError, "weights: expected one for each of the 1 edges, found 2"),
        ([("a", "b")], ["x"], DataError, "weights: row 0: expected a number, found 'x'"),
        (pd.DataFrame({"from": ["a"], "lanes": [3]}), None, DataError, r"to or target, found \['from', 'lanes'\]"),
    ],
)
def test_a_wrong_row_is_named(edges: Any, weights: Any, error: type[StgraphError], words: str) -> None:
    with pytest.raises(error, match=words):
        from_edges(edges, ["a", "b"], weights=weights)
