"""A from the order of sensors along their freeways: a chain for each freeway and direction."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.graph.columns import find_column, optional_column, places_of, spell, to_numbers
from stgraph.graph.distance import gaussian_kernel
from stgraph.graph.sensor_graph import SensorGraph, checked_positions
from stgraph.graph.tables import LATITUDE, LONGITUDE, row_of_each

if TYPE_CHECKING:
    import pandas as pd

FREEWAY, DIRECTION = ("freeway", "fwy", "route"), ("direction", "dir")
POSTMILE = ("postmile", "abs_pm", "kilometre", "km", "order")
TRAVEL = {"n": 1, "e": 1, "s": -1, "w": -1}
"""Which way the postmile runs for traffic bound that way: in the USA it rises towards north and east."""


def from_corridor(
    table: "pd.DataFrame",
    ids: Iterable[str] | None = None,
    *,
    weighted: bool = False,
    sigma: float | None = None,
    largest_gap: float | None = None,
) -> SensorGraph:
    """Join each sensor with the next one downstream on its freeway and direction.

    ``A[i, j] = 1``; or ``exp(-d^2 / sigma^2)`` of the spacing d between them, the kernel of `from_distances`, which
    leaves next to nothing of an edge some times longer than `sigma`. The order of the rows does not matter; sensors at
    one postmile follow each other by their ids.

    Args:
        table: a DataFrame with the columns `sensor`, `station` or `id`; `postmile`, `Abs_PM`, `kilometre` or `order`;
            `freeway` or `Fwy`, one freeway where it has none; `direction` or `Dir`, N, E, S or W (also NB,
            northbound): traffic to N and E runs towards larger postmiles, to S and W towards smaller ones, and
            towards larger ones where there is no such column; positions from `longitude` and `latitude`, where every
            sensor has both. PeMS's station metadata is such a table. Its ramps and carpool lanes join the chain too:
            leave out the rows that are not wanted, ``table[table["Type"] == "ML"]``, or name the `ids`.
        ids: N sensor ids, in the order of every N axis, rows of other sensors are left out; where None all, by
            freeway, direction and in the direction of travel.
        weighted: by the spacing.
        sigma: width of the kernel in the unit of the postmile; the mean spacing where None.
        largest_gap: a chain is broken where the next sensor is further away, in the unit of the postmile.

    Raises:
        UnknownNameError: one of `ids` that has no row.
        DataError: a missing column, a sensor in two rows, a postmile that is not a finite number, another direction,
            `sigma` or `largest_gap` out of range.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"id": ["a", "b", "c"], "Fwy": 5, "Dir": ["N", "N", "S"], "Abs_PM": [7.5, 0.5, 3.0]})
    >>> graph = from_corridor(table)
    >>> graph.ids, graph.adjacency.toarray()
    (('b', 'a', 'c'), array([[0., 1., 0.],
           [0., 0., 0.],
           [0., 0., 0.]]))
    """
    if largest_gap is not None and not largest_gap > 0:
        message = f"largest_gap: expected a number above 0, found {largest_gap}"
        raise DataError(message)
    rows = row_of_each(table, "corridor", ids)
    names, table = tuple(rows), table.iloc[list(rows.values())]
    chain = _chains(table)
    travelled = _postmiles(table) * [TRAVEL.get(letter, 1) for _, letter in chain]
    order = np.array(sorted(range(len(names)), key=lambda n: (chain[n], travelled[n], names[n])), dtype=np.int64)
    source, target = order[:-1], order[1:]
    spacing = travelled[target] - travelled[source]
    joined = np.array([chain[i] == chain[j] for i, j in zip(source, target, strict=True)], dtype=bool)
    if largest_gap is not None:
        joined &= spacing <= largest_gap
    weights = _weights(spacing[joined], sigma) if weighted else np.ones(joined.sum())
    adjacency = sp.coo_array((weights, (source[joined], target[joined])), shape=(len(names), len(names)))
    graph = SensorGraph(names, adjacency, _positions(table, names))
    return graph.subgraph(order) if ids is None else graph


def _weights(spacing: NDArray[np.float64], sigma: float | None) -> NDArray[np.float64]:
    if sigma is None:  # with all sensors at one place every weight is 1, whatever sigma
        sigma = float(spacing.mean()) if spacing.any() else 1.0
    return gaussian_kernel(spacing, sigma=sigma, threshold=0.0)


def _chains(table: "pd.DataFrame") -> list[tuple[str, str]]:
    """Return the freeway and the first letter of the direction of each row, empty where it has no such column."""
    freeway, direction = optional_column(table, FREEWAY), optional_column(table, DIRECTION)
    freeways = [""] * len(table) if freeway is None else [spell(name).strip() for name in table[freeway]]
    if direction is None:
        return [(name, "") for name in freeways]
    letters = [str(text).strip()[:1].lower() for text in table[direction]]
    for k, letter in enumerate(letters):
        if letter not in TRAVEL:
            found = table[direction].iloc[k]
            message = f"corridor: {places_of(table)[k]}: expected the direction N, E, S or W, found {found!r}"
            raise DataError(message)
    return list(zip(freeways, letters, strict=True))


def _postmiles(table: "pd.DataFrame") -> NDArray[np.float64]:
    """Return the postmile of each row."""
    column, places = find_column(table, POSTMILE, "corridor"), places_of(table)
    postmiles = to_numbers(table[column].tolist(), f"column {column!r}", places)
    for k in np.flatnonzero(~np.isfinite(postmiles)):
        message = f"column {column!r}: {places[k]}: expected a finite number, found {postmiles[k]}"
        raise DataError(message)
    return postmiles


def _positions(table: "pd.DataFrame", ids: tuple[str, ...]) -> NDArray[np.float64] | None:
    """Return (N, 2) positions, or None where the table has not both numbers for every sensor."""
    columns = [optional_column(table, choices) for choices in (LONGITUDE, LATITUDE)]
    cells = [table[column] for column in columns if column is not None]
    if len(cells) < 2 or any((axis.isna() | axis.eq("")).any() for axis in cells):
        return None
    axes = [to_numbers(axis.tolist(), f"column {axis.name!r}", places_of(table)) for axis in cells]
    return checked_positions(np.stack(axes, axis=1), ids)
