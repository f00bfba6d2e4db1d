import numpy as np

from stgraph.graph import haversine
from stgraph.graph.near import joined, places

IDS, POSITIONS = places([4.8, 4.9, 4.9], [52.3, 52.3, 52.4], "abc")


def test_pairs_given_twice_or_backwards_are_joined_once_in_both_directions() -> None:
    pairs = np.array([[0, 1, 0, 2], [1, 0, 1, 1]])
    graph = joined(IDS, POSITIONS, pairs, sigma=5, threshold=0)
    expected = np.zeros((3, 3))
    for i, j in ((0, 1), (1, 2)):
        expected[i, j] = expected[j, i] = np.exp(-((haversine(*POSITIONS[i], *POSITIONS[j]) / 5) ** 2))
    np.testing.assert_allclose(graph.adjacency.toarray(), expected)


def test_no_pairs_and_pairs_at_one_place_need_no_sigma() -> None:
    assert joined(IDS, POSITIONS, np.empty((2, 0), dtype=np.int64), sigma=None, threshold=0).adjacency.nnz == 0
    together = joined(IDS, POSITIONS[[0, 0, 0]], np.array([[0], [1]]), sigma=None, threshold=0)
    assert together.adjacency.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
