"""Patches in space: the sensors a patch answers for (centre) and those it needs beside them (halo)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stgraph.errors import DataError
from stgraph.graph import SensorGraph
from stgraph.shapes import check_shape


@dataclass(frozen=True, eq=False)
class Patch:
    """A piece of a sensor graph.

    Args:
        sensors: (n,) indices in the whole graph, rising.
        centre: (n,) bool, True = this patch answers for the sensor; the others are its halo.

    Raises:
        ShapeError: `centre` is of another length.
        DataError: indices that do not rise.
    """

    sensors: NDArray[np.int64]
    centre: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Check that both fields speak of the same sensors, in the order that cutting relies on."""
        check_shape(self.centre, "n", name="centre", n=len(self.sensors))
        if (np.diff(self.sensors) <= 0).any():
            k = int((np.diff(self.sensors) <= 0).argmax())
            message = f"sensors: expected rising indices, found {self.sensors[k]} before {self.sensors[k + 1]}"
            raise DataError(message)

    def __len__(self) -> int:
        """Return the number of sensors, centre and halo together."""
        return len(self.sensors)


def whole(sensors: int) -> Patch:
    """Return the whole graph of so many sensors as one patch: k = infinity, all centre."""
    return Patch(np.arange(sensors, dtype=np.int64), np.ones(sensors, dtype=bool))


def patch_around(graph: SensorGraph, centre: Iterable[int], hops: int | None) -> Patch:
    """Return the `hops`-hop patch that answers for the sensors `centre`.

    Give a model its own `reach` as `hops`, and the patch gives the whole graph's answer at its centre.
    None = infinity = the whole graph as halo.
    """
    core = np.unique(np.fromiter(centre, dtype=np.int64))
    sensors = graph.k_hop(core, hops)
    return Patch(sensors, np.isin(sensors, core))


def sliding_patches(graph: SensorGraph, hops: int | None) -> list[Patch]:
    """Return one overlapping patch around each sensor."""
    return [patch_around(graph, [n], hops) for n in range(len(graph))]


def grid_patches(graph: SensorGraph, parts: NDArray[np.int64], hops: int | None) -> list[Patch]:
    """Return one patch for each part of a partition: disjoint centres that tile the graph, with halos.

    Args:
        graph: the whole graph.
        parts: (N,) part of each sensor, as `stgraph.graph.partition` returns.
        hops: width of the halo.
    """
    check_shape(parts, "N", name="parts", N=len(graph))
    order = np.argsort(parts, kind="stable")
    cores = np.split(order, np.flatnonzero(np.diff(parts[order])) + 1)
    return [patch_around(graph, core, hops) for core in cores]
