"""`SensorGraph`: the WHERE of traffic, sensors and the relation between them."""

import difflib
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from stgraph.errors import DataError, MismatchError, ShapeError, UnknownNameError
from stgraph.graph.facts import Fact, describe, isolated
from stgraph.graph.khop import k_hop, undirected
from stgraph.shapes import check_shape

MatrixLike = ArrayLike | sp.sparray | sp.spmatrix


@dataclass(frozen=True, eq=False, init=False)
class SensorGraph:
    """Sensors and a fixed adjacency; immutable and checked on construction.

    ``adjacency[i, j] > 0`` is an edge along which traffic or influence runs from sensor i to sensor j.
    The diagonal is kept as given. Build one with the functions of `stgraph.graph`.

    Args:
        ids: sensor ids, unique, in the order of every N axis.
        adjacency: (N, N) finite and non-negative, dense or any SciPy sparse; kept as CSR float64.
        positions: (N, 2) longitude and latitude in degrees, or None where unknown.

    Raises:
        ShapeError: an array does not fit the number of ids.
        DataError: a repeated id, a negative or non-finite adjacency entry, an impossible position.

    >>> graph = SensorGraph(("a", "b", "c"), np.array([[0, 1, 0], [0, 0, 2], [0, 0, 0]]))
    >>> graph.k_hop([0], hops=1)
    array([0, 1])
    """

    ids: tuple[str, ...]
    adjacency: sp.csr_array[np.float64]
    positions: NDArray[np.float64] | None

    def __init__(self, ids: Iterable[str], adjacency: MatrixLike, positions: ArrayLike | None = None) -> None:
        """Check and copy every field; errors name the field, the expected and the found."""
        put = object.__setattr__
        put(self, "ids", checked_ids(ids))
        put(self, "adjacency", _checked_adjacency(adjacency, self.ids))
        put(self, "positions", None if positions is None else checked_positions(positions, self.ids))

    def __len__(self) -> int:
        """Return the number of sensors, N."""
        return len(self.ids)

    def __repr__(self) -> str:
        """Return one line: sensors and edges."""
        return f"SensorGraph(sensors={len(self)}, edges={self.adjacency.nnz})"

    def k_hop(self, sensors: Iterable[int], hops: int | None) -> NDArray[np.int64]:
        """Return the sorted indices of all sensors within `hops` of `sensors`, along or against edges.

        Args:
            sensors: indices to start from.
            hops: number of hops; None = infinity = the whole graph.
        """
        return k_hop(self._undirected, sensors, hops)

    @cached_property
    def _undirected(self) -> sp.csr_array[np.float64]:
        return undirected(self.adjacency)

    def subgraph(self, sensors: Sequence[int] | NDArray[np.int64]) -> "SensorGraph":
        """Return the graph of the given sensor indices, in that order, with the edges between them.

        Raises:
            DataError: a sensor is given twice.
            IndexError: there is no such sensor.

        >>> SensorGraph(("a", "b", "c"), np.eye(3, k=1)).subgraph([2, 1]).adjacency.toarray()
        array([[0., 0.],
               [1., 0.]])
        """
        index = np.arange(len(self), dtype=np.int64)[list(sensors)]
        positions = None if self.positions is None else self.positions[index]
        return SensorGraph(tuple(self.ids[i] for i in index), self.adjacency[index][:, index], positions)

    def index_of(self, ids: Iterable[str]) -> NDArray[np.int64]:
        """Return the index of each id.

        Raises:
            UnknownNameError: an id that the graph does not have.
        """
        place = {name: i for i, name in enumerate(self.ids)}
        wanted = [str(name) for name in ids]
        unknown = [name for name in wanted if name not in place]
        if unknown:
            near = difflib.get_close_matches(unknown[0], self.ids, n=1)
            hint = f"; did you mean {near[0]!r} for the first?" if near else ""
            message = (
                f"expected ids of the graph's {len(self)} sensors, found {len(unknown)} others {unknown[:5]}{hint}"
            )
            raise UnknownNameError(message)
        return np.array([place[name] for name in wanted], dtype=np.int64)

    def align(self, sensors: Sequence[str]) -> "SensorGraph":
        """Return the graph with its sensors in the order of `sensors`, which must be the same set.

        Raises:
            MismatchError: names the sensors that only one side has.
        """
        wanted = tuple(str(name) for name in sensors)
        if wanted == self.ids:
            return self
        have, want = set(self.ids), set(wanted)
        missing = [name for name in wanted if name not in have]
        extra = [name for name in self.ids if name not in want]
        if missing or extra:
            message = (
                f"series and graph have different sensors: {len(missing)} only in the series "
                f"{missing[:5]}, {len(extra)} only in the graph {extra[:5]}"
            )
            raise MismatchError(message)
        return self.subgraph(self.index_of(wanted))

    def digest(self) -> str:
        """Return the SHA-256 of ids, adjacency and positions: equal graphs, equal digests."""
        sha = hashlib.sha256(json.dumps(self.ids).encode())
        for part in (self.adjacency.indptr, self.adjacency.indices):
            sha.update(part.astype("<i8").tobytes())
        sha.update(self.adjacency.data.astype("<f8").tobytes())
        if self.positions is not None:
            sha.update(self.positions.astype("<f8").tobytes())
        return sha.hexdigest()

    def isolated(self) -> NDArray[np.int64]:
        """Return the indices of the sensors without an edge from or to another.

        >>> SensorGraph(("a", "b", "c"), np.array([[0, 1, 0], [0, 0, 0], [0, 0, 5]])).isolated()
        array([2])
        """
        return isolated(self.adjacency)

    def describe(self) -> dict[str, Fact]:
        """Return the facts one checks first.

        Returns:
            Sensors; edges, without the diagonal, and loops, those on it; density, the share of all pairs that are
            edges; whether edges and weights are the same in both directions; weakly connected components; isolated
            sensors; mean and largest out-degree, largest in-degree; smallest and largest weight; where positions are
            known, the great-circle length of the shortest, the mean and the longest edge.

        >>> SensorGraph(("a", "b"), np.array([[0, 1], [0, 0]])).describe()["symmetric"]
        False
        """
        return describe(self.adjacency, self.positions)


def checked_ids(ids: Iterable[str]) -> tuple[str, ...]:
    """Return ids as text.

    Raises:
        ShapeError: there is none.
        DataError: one stands there more than once.
    """
    names = tuple(str(i) for i in ids)
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        message = f"ids: every sensor id must be unique, found {repeated[:5]} more than once"
        raise DataError(message)
    if not names:
        message = "ids: expected at least one sensor, found none"
        raise ShapeError(message)
    return names


def _checked_adjacency(adjacency: MatrixLike, ids: tuple[str, ...]) -> sp.csr_array[np.float64]:
    array: Any = adjacency if sp.issparse(adjacency) else as_numbers(adjacency, "adjacency")
    check_shape(array, "N N", name="adjacency", N=len(ids))
    matrix: sp.csr_array[np.float64] = sp.csr_array(array, dtype=np.float64, copy=True)
    bad = ~(np.isfinite(matrix.data) & (matrix.data >= 0))
    if bad.any():
        coo = matrix.tocoo()
        k = int(np.flatnonzero(bad)[0])
        row, column = ids[int(coo.coords[0][k])], ids[int(coo.coords[1][k])]
        message = f"adjacency: expected finite and non-negative, found {matrix.data[k]} at ({row}, {column})"
        raise DataError(message)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


def checked_positions(positions: ArrayLike, ids: tuple[str, ...]) -> NDArray[np.float64]:
    """Return a copy of (N, 2) longitudes and latitudes in degrees.

    Raises:
        ShapeError: not one pair for each of `ids`.
        DataError: names the sensor with an impossible position.
    """
    array = as_numbers(positions, "positions") + 0.0  # a copy, without negative zeros: equal positions, equal digests
    check_shape(array, "N 2", name="positions", N=len(ids))
    bad = ~(np.isfinite(array).all(1) & (np.abs(array[:, 0]) <= 180) & (np.abs(array[:, 1]) <= 90))
    if bad.any():
        k = int(np.flatnonzero(bad)[0])
        exchanged = np.abs(array[:, 0]).max() <= 90 < np.abs(array[:, 1]).max() <= 180  # False where one is NaN
        message = (
            "positions: expected longitude in [-180, 180] and latitude in [-90, 90] degrees, "
            f"found {array[k].tolist()} for sensor {ids[k]}" + "; are the two exchanged?" * int(exchanged)
        )
        raise DataError(message)
    return array


def as_numbers(values: MatrixLike, name: str) -> NDArray[np.float64]:
    """Return an array of float64.

    Raises:
        DataError: names what is ragged or holds something else than numbers.
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        message = f"{name}: expected an array of numbers ({error})"
        raise DataError(message) from error
