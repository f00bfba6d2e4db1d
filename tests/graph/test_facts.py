import numpy as np
import pytest
from hypothesis import given

from stgraph.graph import SensorGraph, haversine
from tests.graph.strategies import graphs


@given(graphs())
def test_a_sensor_is_isolated_when_its_row_and_its_column_are_empty(graph: SensorGraph) -> None:
    matrix = graph.adjacency.toarray()
    np.fill_diagonal(matrix, 0)
    expected = [n for n in range(len(graph)) if not matrix[n].any() and not matrix[:, n].any()]
    assert graph.isolated().tolist() == expected
    assert graph.describe()["isolated"] == len(expected)
    assert graph.describe()["loops"] == np.count_nonzero(graph.adjacency.diagonal())


@given(graphs(positions=True))
def test_relabelling_sensors_changes_no_fact(graph: SensorGraph) -> None:
    turned = graph.subgraph(np.arange(len(graph))[::-1])
    assert turned.describe() == pytest.approx(graph.describe())


def test_lengths_are_those_of_the_edges_where_positions_are_known() -> None:
    matrix, places = np.array([[3, 1, 0], [0, 0, 1], [0, 0, 0]]), [[4.8, 52.3], [4.9, 52.3], [4.9, 52.5]]
    facts = SensorGraph("abc", matrix, places).describe()
    one, two = float(haversine(4.8, 52.3, 4.9, 52.3)), float(haversine(4.9, 52.3, 4.9, 52.5))
    found = [facts[f"{name}_edge_km"] for name in ("shortest", "mean", "longest")]
    assert found == pytest.approx([one, (one + two) / 2, two])
    assert "mean_edge_km" not in SensorGraph("abc", matrix).describe()
    assert "mean_edge_km" not in SensorGraph("abc", np.eye(3), places).describe()
