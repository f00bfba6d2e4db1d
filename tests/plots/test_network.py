import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.quiver import Quiver
from numpy.typing import NDArray

from stgraph import plots
from stgraph.errors import DataError, ShapeError
from stgraph.graph import SensorGraph, haversine

PLACES = np.array([[4.8, 52.3], [4.9, 52.3], [4.9, 52.4], [4.8, 52.4]])
EMPTY = np.empty((0, 4))
GRAPH = SensorGraph(tuple("abcd"), np.roll(np.eye(4), 1, axis=1), PLACES)


def drawn(figure: Figure) -> tuple[list[LineCollection], list[PathCollection]]:
    parts = figure.axes[0].collections
    return [p for p in parts if isinstance(p, LineCollection)], [p for p in parts if isinstance(p, PathCollection)]


def places_of(dots: PathCollection) -> set[tuple[float, float]]:
    return {(float(x), float(y)) for x, y in np.asarray(dots.get_offsets())}


def test_sensors_stand_at_their_positions_over_the_edges() -> None:
    (edges,), (dots,) = drawn(plots.network(GRAPH))
    assert places_of(dots) == {(float(x), float(y)) for x, y in PLACES}
    ends = {tuple(map(tuple, segment)) for segment in np.asarray(edges.get_segments()).tolist()}
    assert ends == {(tuple(PLACES[i]), tuple(PLACES[(i + 1) % 4])) for i in range(4)}
    assert edges.get_zorder() < dots.get_zorder()
    assert not drawn(plots.network(GRAPH, edges=False))[0]


def arrows(graph: SensorGraph) -> NDArray[np.float64]:
    """(arrows, 4): where they stand and which way they point."""
    found = [part for part in plots.network(graph).axes[0].collections if isinstance(part, Quiver)]
    return np.concatenate([np.stack([np.asarray(a) for a in (q.X, q.Y, q.U, q.V)], axis=1) for q in found] or [EMPTY])


def test_an_arrow_points_the_way_of_an_edge_that_has_no_way_back() -> None:
    found = arrows(GRAPH)
    starts, ends = PLACES, np.roll(PLACES, -1, axis=0)
    expected = np.concatenate([(starts + ends) / 2, (ends - starts) * 10], axis=1)
    np.testing.assert_allclose(found[np.lexsort(found.T)], expected[np.lexsort(expected.T)], atol=1e-9)
    both = GRAPH.adjacency.toarray() + GRAPH.adjacency.toarray().T + np.eye(4)
    assert not len(arrows(SensorGraph(GRAPH.ids, both, PLACES)))
    assert not len(arrows(SensorGraph("ab", np.eye(2, k=1), PLACES[[0, 0]]))), "one place has no direction"


def test_many_edges_have_fewer_arrows_the_heaviest_first() -> None:
    places = np.stack([4.8 + np.arange(300) * 1e-3, np.full(300, 52.3)], axis=1)
    weights = np.tile([0.1, 1.0, 0.2], 100)[:-1]
    found = arrows(SensorGraph([f"s{n}" for n in range(300)], np.diag(weights, k=1), places))
    assert 10 < len(found) < 40
    heaviest = (places[:-1, 0] + places[1:, 0])[weights > 0.9] / 2
    assert set(found[:, 0].round(9).tolist()) <= set(heaviest.round(9).tolist())


def test_isolated_sensors_stand_in_a_ring() -> None:
    matrix = np.zeros((4, 4))
    matrix[0, 1] = matrix[2, 2] = 1
    graph = SensorGraph("abcd", matrix, PLACES)
    figure = plots.network(graph)
    _, (ring, dots) = drawn(figure)
    assert places_of(ring) == {tuple(place) for place in PLACES[2:].tolist()}
    assert len(places_of(dots)) == 4
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["isolated (2)"]
    assert len(drawn(plots.network(graph, edges=False))[1]) == 1
    assert len(drawn(plots.network(SensorGraph("abcd", np.zeros((4, 4)), PLACES)))[1]) == 1, "no edges, no rings"


def test_low_values_are_red_and_high_ones_blue() -> None:
    figure = plots.network(GRAPH, [10.0, 40, 70, 100], label="flow [veh/h]")
    _, (_, dots) = drawn(figure)
    figure.draw_without_rendering()
    figure.draw_without_rendering()
    order = [PLACES.tolist().index(place) for place in np.asarray(dots.get_offsets()).tolist()]
    red, _, blue, _ = np.asarray(dots.get_facecolor(), dtype=float)[np.argsort(order)].T
    assert red[0] > blue[0]
    assert blue[3] > red[3]
    assert len(set(red - blue)) == 4
    assert figure.axes[1].get_ylabel() == "flow [veh/h]"


def test_unobserved_sensors_are_hollow() -> None:
    figure = plots.network(GRAPH, [10.0, np.nan, 70, 100])
    _, (hollow, dots) = drawn(figure)
    assert places_of(hollow) == {tuple(PLACES[1].tolist())}
    assert np.asarray(hollow.get_facecolor()).tolist() == [[1, 1, 1, 1]]
    assert len(places_of(dots)) == 3
    assert plots.network(GRAPH, [1.0, 2, 3, 4]).axes[0].get_legend() is None
    assert figure.axes[0].get_legend() is not None


def test_a_kilometre_is_as_long_east_as_north() -> None:
    axes = plots.network(GRAPH).axes[0]
    assert axes.get_aspect() == pytest.approx(1 / np.cos(np.radians(52.35)))


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    axes = plots.network(GRAPH).axes[0]
    (bar,) = axes.get_lines()
    (west, east), (south, _) = np.asarray(bar.get_xdata()), np.asarray(bar.get_ydata())
    (text,) = (t.get_text() for t in axes.texts)
    number, unit = text.split()
    assert unit == "km"
    assert float(haversine(west, south, east, south)) == pytest.approx(float(number), rel=0.01)


@pytest.mark.parametrize(("spread", "text"), [(1e-3, "10 m"), (10.0, "100 km")])
def test_the_scale_bar_fits_any_size(spread: float, text: str) -> None:
    graph = SensorGraph(("a", "b"), np.zeros((2, 2)), np.array([[4.0, 50.0], [4.0 + spread, 50.0]]))
    assert [t.get_text() for t in plots.network(graph).axes[0].texts] == [text]


def test_one_sensor_and_no_observation_are_drawn() -> None:
    alone = GRAPH.subgraph([0])
    assert not plots.network(alone, [50.0]).axes[0].get_lines(), "one place has no scale"
    plots.network(GRAPH, [np.nan] * 4).draw_without_rendering()


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="positions: the graph has none"):
        plots.network(SensorGraph(("a",), np.zeros((1, 1))))
    with pytest.raises(ShapeError, match=r"values: expected shape .*N=4.*found \(3,\)"):
        plots.network(GRAPH, [1.0, 2, 3])
